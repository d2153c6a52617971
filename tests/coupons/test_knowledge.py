"""What the live path knows of shoppers: the same as a replay of the ledger would, at one query per source."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coupons import rulebooks
from coupons.engine import conditions
from coupons.engine.decide import MemoryState, decide
from coupons.engine.event import Event
from coupons.engine.history import MemoryKnowledge
from coupons.engine.rulebook import CompiledRule
from coupons.engine.terms import RuleTerms
from coupons.knowledge import StoredKnowledge
from coupons.models import Block, Coupon, Decision
from mallops import pipeline
from merchants.models.base import touch_mall
from merchants.queries import directory as directories
from payments.models import ParkingStay, Payment, Shopper, ShopperTag
from tests.factories import make_category, make_mall, make_rule, make_stock, make_store, payment_event

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 2, 4, tzinfo=UTC)


def when(fact: str, op: str, value, **places) -> conditions.Node:
    return conditions.from_json({"fact": fact, "op": op, "value": value, **places})


def every(*leaves: dict) -> conditions.Node:
    return conditions.from_json({"all": list(leaves)})


def outcomes() -> list[str]:
    return [reason or outcome for outcome, reason in Decision.objects.order_by("pk").values_list("outcome", "reason")]


def anna() -> int:
    return Shopper.objects.latest("pk").pk


def found(rule_id: int | None = None) -> list:
    """What the conditions of each decision found, without whether they held."""
    rows = Decision.objects.order_by("pk").values_list("trace", flat=True)
    return [[value for _ok, value in check[3]] for trace in rows for check in trace if check[0] == "conditions"]


def test_first_visit_is_the_first_payment_ever_recorded(mall, store, record, books_agree):
    make_rule(mall=mall, conditions=when("first_visit", "is", True))
    record(payment_event(store), payment_event(store), payment_event(store, shopper="ben"))
    record(payment_event(store, shopper="ben"))
    assert outcomes() == ["awarded", "conditions", "awarded", "conditions"]


def test_history_counts_what_was_recorded_before_up_to_the_day_of_the_payment(mall, store, record):
    tree = every(
        {"fact": "visits", "op": "at_least", "value": 0, "days": 2},
        {"fact": "spend_fen", "op": "at_least", "value": 0},
        {"fact": "days_since_visit", "op": "at_least", "value": 0},
    )
    make_rule(mall=mall, conditions=tree)
    for hours, fen in ((40, 100), (0, 200), (24, 400), (1, 800)):
        record(payment_event(store, paid_at=NOW - timedelta(hours=hours), amount_fen=fen), now=NOW)
    # At noon of 2 April the days are 31 March (evening), 2 April, 1 April and 2 April.
    assert found() == [[0, 0, None], [0, 100, 2], [1, 100, 1], [2, 700, 0]]


def test_old_payments_of_the_same_batch_are_history_although_they_award_nothing(mall, store, record):
    make_rule(mall=mall, conditions=when("visits", "at_least", 1, days=300))
    old = payment_event(store, paid_at=NOW - timedelta(days=200))
    record(payment_event(store, paid_at=NOW), old, payment_event(store, paid_at=NOW), now=NOW)
    assert found() == [[0], [2]]


def test_places_are_stores_and_categories_with_what_is_below(mall, store, other_store, record):
    dining = make_category(mall=mall)
    store.category.parent = dining
    store.category.save()
    tree = every(
        {"fact": "visits", "op": "at_least", "value": 0, "categories": [dining.pk]},
        {"fact": "spend_fen", "op": "at_least", "value": 0, "stores": [other_store.pk]},
        {"fact": "category", "op": "in", "value": [dining.pk]},
    )
    make_rule(mall=mall, conditions=tree)
    record(payment_event(store, amount_fen=100))
    record(payment_event(other_store, amount_fen=200))
    record(payment_event(store, amount_fen=400))
    own = sorted([dining.pk, store.category_id])
    assert found() == [[0, 0, own], [1, 0, [other_store.category_id]], [1, 200, own]]


def test_shoppers_and_malls_have_histories_of_their_own(mall, store, record):
    other = make_mall()
    make_rule(mall=mall, conditions=when("first_visit", "is", True))
    elsewhere = payment_event(make_store(mall=other))
    pipeline.record_payments(other.pk, [elsewhere], source="test", now=timezone.now())
    record(payment_event(store), payment_event(store, shopper=None), payment_event(store, shopper="ben"))
    assert outcomes() == ["awarded", "shopper", "awarded"]


def test_tags_are_those_of_the_shopper(mall, store, record):
    make_rule(mall=mall, conditions=when("tag", "in", ["gold", "银卡"]))
    record(payment_event(store))
    ShopperTag.objects.create(mall=mall, shopper_id=anna(), tag="银卡", added_at=NOW)
    record(payment_event(store), payment_event(store, shopper="ben"))
    assert found() == [[[]], [["银卡"]], [[]]]


def test_a_car_counts_while_it_stands_there(mall, store, record):
    make_rule(mall=mall, conditions=when("parked", "is", True))
    record(payment_event(store))
    stay = ParkingStay.objects.create(mall=mall, shopper_id=anna(), stay_id="1", entered_at=NOW)
    record(payment_event(store))
    stay.left_at = NOW
    stay.save()
    record(payment_event(store))
    assert outcomes() == ["conditions", "awarded", "conditions"]


def test_coupons_are_held_until_used_or_over_and_count_at_once(mall, store, record, redeem, books_agree):
    stock = make_stock(mall=mall, merchant=store.merchant)
    make_rule(mall=mall, stock=stock, conditions=when("holds_stock", "not_in", [stock.pk]))
    record(payment_event(store), payment_event(store))
    record(payment_event(store))
    redeem(Coupon.objects.get().code, store)
    record(payment_event(store))
    Coupon.objects.filter(state="issued").update(valid_from=NOW - timedelta(days=9), expires_at=NOW)
    record(payment_event(store))
    assert outcomes() == ["awarded", "conditions", "conditions", "awarded", "awarded"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "not_blocked"),
        ({"until": timezone.now() + timedelta(days=1)}, "not_blocked"),
        ({"until": timezone.now()}, "awarded"),
        ({"lifted_at": timezone.now()}, "awarded"),
    ],
)
def test_blocked_shopper_gets_nothing_until_the_block_ends(mall, store, record, fields, reason):
    make_rule(mall=mall)
    record(payment_event(store))
    Block.objects.create(mall=mall, shopper_id=anna(), blocked_at=timezone.now() - timedelta(days=2), **fields)
    touch_mall(mall.pk)
    record(payment_event(store), payment_event(store, shopper="ben"))
    assert outcomes() == ["awarded", reason, "awarded"]


def test_of_several_blocks_the_longest_counts(mall):
    shoppers = [Shopper.objects.create(mall=mall, created_at=NOW).pk for _ in range(3)]
    ends = {shoppers[0]: (1, 3, 2), shoppers[1]: (1, None, 2), shoppers[2]: (None, 5)}
    for shopper, days in ends.items():
        for day in days:
            until = day and NOW + timedelta(days=day)
            Block.objects.create(mall=mall, shopper_id=shopper, blocked_at=NOW, until=until)
    found = rulebooks.open_blocks(mall.pk)
    assert found == {shoppers[0]: NOW + timedelta(days=3), shoppers[1]: None, shoppers[2]: None}


def queries_of(mall, store, record, events: int) -> list[str]:
    """The reads of the engine when a batch is recorded."""
    record(payment_event(store))
    with CaptureQueriesContext(connection) as captured:
        record(*[payment_event(store, shopper=f"s{n % 3}") for n in range(events)])
    tables = ("payments_payment", "payments_shoppertag", "payments_parkingstay", "coupons_coupon", "coupons_block")
    reads = [query["sql"].replace('"', "") for query in captured if query["sql"].startswith("SELECT")]
    return [table for sql in reads for table in tables if f"FROM {table} " in sql]


@pytest.mark.parametrize("events", [1, 30])
@pytest.mark.parametrize("rules", [1, 5])
def test_each_source_is_asked_once_per_batch(mall, store, record, events, rules):
    tree = every(
        {"fact": "visits", "op": "at_least", "value": 0, "days": 30},
        {"fact": "first_visit", "op": "is", "value": False},
        {"fact": "tag", "op": "not_in", "value": ["x"]},
        {"fact": "holds_stock", "op": "not_in", "value": [10**6]},
        {"fact": "parked", "op": "is", "value": False},
    )
    for _ in range(rules):
        make_rule(mall=mall, conditions=tree)
    asked = queries_of(mall, store, record, events)
    assert asked == ["payments_payment", "payments_shoppertag", "coupons_coupon", "payments_parkingstay"]


def test_nothing_is_asked_when_cheaper_checks_refuse_or_nobody_asks(mall, store, record):
    Block.objects.create(mall=mall, shopper=Shopper.objects.create(mall=mall, created_at=NOW), blocked_at=NOW)
    touch_mall(mall.pk)
    make_rule(mall=mall)
    make_rule(mall=mall, conditions=when("visits", "at_least", 0), min_fen=10**6)
    make_rule(mall=mall, conditions=when("amount_fen", "at_least", 1))
    record(payment_event(store))  # opens the accounts of who pays, after which the rulebook is compiled anew
    assert queries_of(mall, store, record, 3) == []


def test_no_further_back_than_asked(mall, store, record):
    """Of the days asked for all payments are seen, wherever in the day they were made."""
    make_rule(mall=mall, conditions=when("spend_fen", "at_least", 0, days=3))
    midnight = datetime(2026, 3, 30, 16, tzinfo=UTC)  # 31 March begins in Shanghai
    for seconds, fen in ((-1, 1), (0, 10), (1, 100)):
        record(payment_event(store, paid_at=midnight + timedelta(seconds=seconds), amount_fen=fen), now=NOW)
    record(payment_event(store, paid_at=NOW), now=NOW)
    assert found()[-1] == [110]


def test_claim_sees_all_that_was_recorded(mall, store, record):
    record(payment_event(store), payment_event(store))
    directory = directories.current(mall.pk)
    knowledge = StoredKnowledge(directory, rulebooks.current(directory), timezone.now())
    today = directory.clock.day_hour(timezone.now())[0]
    claim = Event(None, store.pk, store.category_id, anna(), 0, today, 1, 0, claim_id=1, rule_id=1, kind="qr")
    spent = when("spend_fen", "at_least", 0)
    knowledge.load([(claim, CompiledRule(1, 1, RuleTerms(conditions=spent), (), 0))])
    assert knowledge.facts(claim).value(spent) == 20_000
    assert knowledge.facts(claim).value(when("amount_fen", "at_least", 0)) is None


def test_replay_of_the_ledger_finds_what_was_found(mall, store, other_store, record, books_agree):
    """Rules that ask for the shopper's history, over batches of any size and days in any order."""
    chance, stores = random.Random(5), [store, other_store, make_store(mall=mall)]
    coupon = make_stock(mall=mall)
    held = {"fact": "holds_stock", "op": "not_in", "value": [coupon.pk]}
    lately = {"fact": "visits", "op": "at_least", "value": 2, "days": 2, "stores": [store.pk]}
    spent = {"fact": "spend_fen", "op": "at_most", "value": 30_000, "categories": [store.category_id]}
    make_rule(mall=mall, stock=coupon, conditions=conditions.from_json({"any": [held, lately]}))
    make_rule(mall=mall, conditions=conditions.from_json({"all": [spent, {"not": lately}]}))
    make_rule(mall=mall, conditions=when("days_since_visit", "equals", 1), priority=3)
    make_rule(mall=mall, conditions=when("first_visit", "is", True, stores=[other_store.pk]))
    events = [
        payment_event(
            chance.choice(stores), amount_fen=chance.randrange(1, 15_000), shopper=f"s{chance.randrange(8)}",
            paid_at=NOW - timedelta(hours=chance.randrange(80)),
        )
        for _ in range(150)
    ]  # fmt: skip
    while events:
        size = chance.choice((1, 1, 2, 30))
        record(*events[:size], now=NOW)
        del events[:size]
    lived = {
        (payment, rule): (outcome, trace)
        for payment, rule, outcome, trace in Decision.objects.values_list("payment", "rule", "outcome", "trace")
    }
    assert {outcome for outcome, _trace in lived.values()} == {"awarded", "refused"}
    replayed = replay(mall)
    assert {key: replayed[key] for key in lived} == lived


def replay(mall) -> dict:
    """All payments in memory, those too old to award included: they are history."""
    directory = directories.current(mall.pk)
    book = rulebooks.current(directory)
    knowledge, state, decided = MemoryKnowledge(book.places), MemoryState(), {}
    for row in Payment.objects.for_mall(mall).order_by("pk"):
        if NOW - row.paid_at > timedelta(hours=48):
            knowledge.history.add(row.shopper_id, row.store_id, row.day, row.amount_fen)
            continue
        category = directory.by_id[row.store_id].category_id
        event = Event(row.pk, row.store_id, category, row.shopper_id, row.amount_fen, row.day, row.day.isoweekday(), 0,
                      directory.clock.day_hour(NOW)[0])  # fmt: skip
        for each in decide(book.rulebook, [event], state, knowledge):
            decided[row.pk, each.rule.rule_id] = each.outcome, json.loads(json.dumps(each.trace))
    return decided
