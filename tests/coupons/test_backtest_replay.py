"""A backtest of a version that ran live decides as the live run did, one by one."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from coupons.backtest.plan import make_plan
from coupons.backtest.run import Replay
from coupons.backtest.source import blocks
from coupons.engine import conditions
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Block, Boost, Decision, Rule
from mallops import pipeline
from payments.models import ParkingStay, ShopperTag
from payments.shoppers import digest
from tests import factories

START = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine o'clock on a Monday in Shanghai
FIRST, LAST = date(2026, 2, 27), date(2026, 4, 1)
SHOPPERS = [f"shopper-{number}" for number in range(12)]


def tree(store, category, stock, other_stock):
    """Every fact there is, so that some shoppers meet it and some do not."""
    return conditions.from_json({"any": [
        {"fact": "visits", "op": "at_least", "value": 2, "days": 3, "stores": [store.pk]},
        {"all": [{"fact": "first_visit", "op": "is", "value": True, "categories": [category.pk]},
                 {"not": {"fact": "weekday", "op": "in", "value": [3]}}]},
        {"all": [{"fact": "spend_fen", "op": "at_least", "value": 30_000, "days": 5},
                 {"fact": "days_since_visit", "op": "at_most", "value": 1},
                 {"fact": "minute", "op": "at_most", "value": 18 * 60}]},
        {"all": [{"fact": "tag", "op": "in", "value": ["gold"]},
                 {"fact": "amount_fen", "op": "at_least", "value": 9_000}]},
        {"all": [{"fact": "parked", "op": "is", "value": True},
                 {"fact": "category", "op": "in", "value": [category.pk]}]},
        {"fact": "holds_stock", "op": "in", "value": [stock.pk, other_stock.pk]},
    ]})  # fmt: skip


@pytest.fixture
def world(mall):
    """Three rules that get in each other's way: two of one group, two with one stock; and one that has nothing to do
    with them. Returns the rule looked at, the stores and a function that pays."""
    mall.holdout_bp = 2_000
    mall.save()
    food = factories.make_category(mall=mall)
    noodles = factories.make_category(mall=mall, parent=food)
    stores = [factories.make_store(mall=mall, category=category) for category in (food, noodles, noodles, None)]
    stock = factories.make_stock(mall=mall, merchant=stores[0].merchant, quantity=60, valid_for=2)
    other = factories.make_stock(mall=mall, merchant=stores[1].merchant, quantity=40, valid_for=1)
    limits = Limits(
        quantity=55, budget_fen=70_000, quantity_per_day=9, per_shopper=8, per_shopper_per_day=2,
        per_shopper_in_days=5, window_days=7, quantity_per_store=25,
    )  # fmt: skip
    factories.make_rule(mall=mall, stock=other, group="g", priority=3, stores=(stores[1].pk,), min_fen=14_000)
    factories.make_rule(mall=mall, stock=stock, min_fen=19_000, limits=Limits(per_shopper=1))
    factories.make_rule(mall=mall, stores=(stores[3].pk,))
    rule = factories.make_rule(
        mall=mall, stock=stock, group="g", priority=1, categories=(food.pk,), min_fen=3_000, max_fen=18_000,
        weekdays=(1, 2, 3, 4, 5, 6), hours=((9 * 60, 21 * 60 + 30),), holdout_bp=5_000, limits=limits,
        starts_on=date(2026, 3, 3), conditions=tree(stores[0], noodles, stock, other),
    )  # fmt: skip
    return rule, stores


def pay_live(mall, stores, chance: random.Random, *, number: int) -> None:
    """Payments in random order and amounts, one by one and in small batches, some late, some of nobody."""
    now = START
    while number > 0:
        now += timedelta(minutes=chance.randrange(1, 90))
        batch = chance.choice((1, 1, 1, 4))
        events = [
            factories.payment_event(
                chance.choice(stores), amount_fen=chance.randrange(1_000, 22_000),
                paid_at=now - timedelta(minutes=chance.choice((0, 0, 0, 3, 200, 2_000, 2_870))),
                shopper=chance.choice([*SHOPPERS, None]),
            )
            for _ in range(batch)
        ]  # fmt: skip
        pipeline.record_payments(mall.pk, events, source="test", now=now)
        number -= batch


def live_decisions(mall) -> dict:
    rows = Decision.objects.for_mall(mall).exclude(outcome="refused")
    return {(row.payment_id, row.rule_id): row.outcome for row in rows}


def replayed_decisions(mall, rule, *, first, last, now) -> dict:
    """The decisions of a backtest of the version the rule runs."""
    plan = make_plan(mall, rule, RuleTerms.from_json(rule.version.terms), first, last, now=now)
    found, replay = {}, Replay(plan.trial)
    add = replay.tally.add

    def watch(decision, moment):
        if decision.outcome != "refused":
            found[decision.event.payment_id, decision.rule.rule_id] = decision.outcome
        add(decision, moment)

    replay.tally.add = watch
    for _until, block in blocks(plan.directory, plan.read_from, plan.read_to):
        replay.take(block)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_live_decisions_are_reproduced_one_by_one(mall, world, monkeypatch, seed):
    rule, stores = world
    prepare_shoppers(mall)
    pay_live(mall, stores, random.Random(seed), number=220)
    rules = Rule.objects.filter(mall=mall).order_by("pk")
    live = live_decisions(mall)
    assert {rule_id for _payment, rule_id in live} == {each.pk for each in rules}
    assert sum(outcome == "held_out" for outcome in live.values()) > 0
    concerned = {key: outcome for key, outcome in live.items() if key[1] != rules[2].pk}
    for block_rows in (1, 50_000):
        monkeypatch.setattr("coupons.backtest.source.BLOCK_ROWS", block_rows)
        assert replayed_decisions(mall, rule, first=FIRST, last=LAST, now=START) == concerned


@pytest.mark.parametrize("seed", range(2))
def test_boosts_are_replayed_on_their_days(mall, world, seed):
    """Two rules of one group, of which a provider raises the lower one for some days."""
    rule, stores = world
    provider = factories.make_provider(mall=mall)
    weak = factories.make_rule(mall=mall, group="g", priority=-5, stores=(stores[1].pk,))
    Boost.objects.create(
        mall=mall, provider=provider, rule=weak, weight=50, from_day=date(2026, 3, 4), until_day=date(2026, 3, 8),
        credits=200, made_at=START,
    )  # fmt: skip
    prepare_shoppers(mall)
    pay_live(mall, stores, random.Random(seed), number=220)
    live = live_decisions(mall)
    replayed = replayed_decisions(mall, weak, first=FIRST, last=LAST, now=START)
    assert replayed == {
        key: outcome for key, outcome in live.items() if key in replayed or key[1] in (rule.pk, weak.pk)
    }
    raised = Decision.objects.for_mall(mall).filter(rule=weak, payment__day__gte=date(2026, 3, 4)).exclude(
        outcome="refused"
    )  # fmt: skip
    boosted = [each for each in raised if ["boost", True, 50, None] in each.trace]
    assert boosted
    assert {each.payment.day for each in boosted} <= {date(2026, 3, day) for day in (4, 5, 6, 7)}


def prepare_shoppers(mall) -> None:
    """Known from the start, some with a tag, a parked car or a block, so that the facts are the same at both times."""
    from payments import shoppers

    known = shoppers.resolve(mall.pk, {digest(mall.pk, name) for name in SHOPPERS}, now=START)
    ids = sorted(known.values())
    ShopperTag.objects.create(mall=mall, shopper_id=ids[0], tag="gold", added_at=START)
    ParkingStay.objects.create(mall=mall, shopper_id=ids[1], stay_id="s1", entered_at=START)
    Block.objects.create(mall=mall, shopper_id=ids[2], reason="test", blocked_at=START)
    mall.save()
