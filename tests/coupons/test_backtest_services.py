"""What a backtest finds, what it refuses to try, and how it runs in the background."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from coupons.backtest import services
from coupons.backtest.plan import make_plan
from coupons.backtest.run import Replay
from coupons.backtest.services import BacktestError
from coupons.backtest.source import blocks, day_number, ledger_days
from coupons.engine import conditions
from coupons.engine.decide import MemoryState, decide
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Backtest, Coupon, Decision
from mallops import pipeline
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from merchants.queries import directory as directories
from tests import factories

DAY = date(2026, 3, 2)  # a Monday
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def pay(mall):
    """Pay without awards: what the ledger held before there was a rule. Hours are those of Shanghai."""

    def pay(
        store, day: int, hour: float = 12, *, shopper: str | None = "anna", yuan: int = 100, late: float = 0
    ) -> None:
        at = datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour - 8)
        event = factories.payment_event(store, amount_fen=yuan * 100, paid_at=at, shopper=shopper)
        pipeline.record_payments(mall.pk, [event], source="test", now=at + timedelta(hours=late), award=False)

    return pay


@pytest.fixture
def tea(mall, other_store):
    """A stock that the café takes for three days."""
    return factories.make_stock(mall=mall, merchant=other_store.merchant, valid_for=3, value_fen=1_000)


@pytest.fixture
def draft(mall, store, tea):
    def draft(**terms):
        return RuleTerms(**{"award": ((tea.pk, 1),), "stores": (store.pk,)} | terms)

    return draft


@pytest.fixture
def find(mall):
    """The result of trying terms on March 2026."""

    def find(terms, *, rule=None, first=date(2026, 3, 1), last=date(2026, 3, 31)):
        backtest = services.ask(mall, rule, terms, first, last)
        return services.carry_out(backtest, lambda done, total: None, now=NOW)

    return find


def limit(result, name):
    return next(each for each in result["limits"] if each["name"] == name)


def test_awards_shoppers_and_cost(pay, draft, find, store, other_store, mall):
    pay(store, 2), pay(store, 2, 13), pay(store, 3, shopper="ben"), pay(other_store, 3), pay(store, 4, shopper=None)
    found = find(draft())
    assert (found["payments"], found["met"], found["awards"], found["shoppers"]) == (5, 4, 3, 2)
    assert (found["coupons"], found["cost_fen"], found["held_out"]) == (3, 3_000, 0)
    assert [row for row in found["by_day"] if row[1]] == [["2026-03-02", 2, 0], ["2026-03-03", 1, 0]]
    assert len(found["by_day"]) == 31
    assert found["costs"] == [[500, 150], [1_000, 300], [2_000, 600], [4_000, 1_200], [10_000, 3_000]]
    assert found["refused"] == {"shopper": 1}
    assert found["stores"] == {str(store.pk): 3}
    assert (Coupon.objects.count(), Decision.objects.count()) == (0, 0)


def test_reasons_of_refusals_are_those_of_traced_decisions(pay, draft, find, mall, store):
    """The fast path counts each payment under the first check that failed, as the log of decisions would."""
    for day in range(2, 16):
        for hour, yuan, shopper in (
            (9, 30, "anna"),
            (12, 80, "anna"),
            (13, 300, "ben"),
            (20, 90, "cleo"),
            (12, 90, None),
        ):
            pay(store, day, hour, yuan=yuan, shopper=shopper)
    tree = conditions.from_json({"fact": "visits", "op": "at_most", "value": 9})
    terms = draft(
        min_fen=5_000, max_fen=20_000, weekdays=(1, 2, 3, 6, 7), hours=((600, 1_300),), conditions=tree,
        starts_on=date(2026, 3, 3), limits=Limits(quantity=14, per_shopper=12), group="g",
    )  # fmt: skip
    first = factories.make_rule(
        mall=mall, group="g", priority=5, stores=(store.pk,), limits=Limits(per_shopper_per_day=1, per_shopper=2)
    )
    found = find(terms)
    assert found["alongside"] == [first.pk]
    assert sum(found["refused"].values()) + found["awards"] == found["met"] == 70
    assert found["refused"].keys() == {"shopper", "amount", "dates", "weekdays", "conditions", "group"}
    # Where both stood in the way, the fast path names the group and the trace the conditions.
    expected, either = traced_reasons(mall, terms), ("group", "conditions")
    assert sum(found["refused"].pop(name) for name in either) == sum(expected.pop(name) for name in either)
    assert found["refused"] == expected


def traced_reasons(mall, terms) -> dict:
    """By the slow path: every payment, every check."""
    plan = make_plan(mall, None, terms, date(2026, 3, 1), date(2026, 3, 31), now=NOW)
    replay, state, counted = Replay(plan.trial), MemoryState(), Counter()
    for _until, block in blocks(plan.directory, plan.read_from, plan.read_to):
        replay.knowledge.follow(block, slice(None))
        events = [event._replace(shopper_id=event.shopper_id or None) for event in replay.events(block)]
        for decision in decide(plan.trial.rulebook, events, state, replay.knowledge):
            counted[decision.rule.rule_id, decision.reason] += 1
        replay.knowledge.finish()
    return {reason: number for (rule_id, reason), number in counted.items() if reason and not rule_id}


def test_a_limit_runs_out_on_its_day(pay, draft, find, store, tea):
    for day in range(2, 8):
        pay(store, day, shopper=f"s{day}"), pay(store, day, 13, shopper=f"t{day}")
    found = find(draft(limits=Limits(budget_fen=5_500, quantity_per_day=1)))
    assert found["awards"] == 5
    budget = limit(found, "budget_fen")
    assert (budget["used"], budget["ceiling"], budget["full_on"]) == (5_000, 5_500, "2026-03-06")
    per_day = limit(found, "quantity_per_day")
    assert (per_day["full_on"], per_day["full_days"], per_day["lasts_days"]) == ("2026-03-02", 5, None)
    stock = limit(found, "stock_quantity")
    assert (stock["stock"], stock["used"], stock["full_on"]) == (tea.pk, 5, None)
    assert stock["lasts_days"] == tea.quantity * 31 // 5
    assert found["refused"] == {"quantity_per_day": 4, "budget_fen": 3}


def test_the_stock_is_shared_with_the_rules_that_give_it(pay, draft, find, mall, store, tea):
    tea.quantity = 3
    tea.save()
    other = factories.make_rule(mall=mall, stock=tea, stores=(store.pk,), min_fen=20_000, priority=9)
    factories.make_rule(mall=mall, stores=(store.pk,))
    pay(store, 2, yuan=300), pay(store, 3), pay(store, 4)
    found = find(draft(max_fen=15_000))
    assert (found["alongside"], found["awards"]) == ([other.pk], 2)
    assert (limit(found, "stock_quantity")["used"], limit(found, "stock_quantity")["full_on"]) == (3, "2026-03-04")


def test_the_natural_rate_counts_who_came_anyway(pay, draft, find, store, other_store, mall):
    pay(store, 2), pay(other_store, 5, 23.9)  # on the last of three days: came
    pay(other_store, 2, 11, shopper="ben"), pay(store, 2, shopper="ben"), pay(other_store, 6, shopper="ben")  # too late
    pay(store, 4, shopper="cleo"), pay(other_store, 4, 13, shopper="cleo", yuan=1)  # an hour later: came
    pay(store, 9, shopper="dora"), pay(store, 10, shopper="dora")  # came, but not to the café
    pay(store, 30, shopper="eve"), pay(other_store, 30, 13, shopper="eve")  # the coupon has not ended yet
    found = find(draft())
    assert (found["awards"], found["natural"]) == (6, {"observed": 5, "came": 2, "bp": 4_000})
    merchants = found["merchants"]
    cafe, hotpot = merchants[str(other_store.merchant_id)], merchants[str(store.merchant_id)]
    assert cafe == {"coupons": 6, "cost_fen": 6_000, "came": 2, "observed": 5, "payments": 0, "sales_fen": 0}
    assert hotpot == {"coupons": 0, "cost_fen": 0, "came": 0, "observed": 0, "payments": 6, "sales_fen": 60_000}
    assert found["mall_fen"] == 0


def test_payments_after_the_span_tell_who_came(pay, draft, find, store, other_store):
    pay(store, 2), pay(other_store, 4), pay(store, 8), pay(store, 28)
    found = find(draft(), first=DAY, last=DAY)
    assert (found["awards"], found["natural"]) == (1, {"observed": 1, "came": 1, "bp": 10_000})
    assert (found["payments"], found["days_known"]) == (1, 1)


def test_payments_before_the_span_are_history(pay, draft, find, store):
    pay(store, 2), pay(store, 5), pay(store, 9)
    tree = conditions.from_json({"fact": "visits", "op": "equals", "value": 2, "days": 10})
    assert find(draft(conditions=tree), first=date(2026, 3, 9))["awards"] == 1
    tree = conditions.from_json({"fact": "first_visit", "op": "is", "value": True})
    assert find(draft(conditions=tree), first=date(2026, 3, 5))["awards"] == 0


def test_who_pays_is_shared(pay, draft, find, store, other_store):
    pay(store, 2)
    found = find(draft(shares=((0, 3_000), (store.merchant_id, 7_000))))
    assert found["mall_fen"] == 300
    assert found["merchants"][str(store.merchant_id)]["cost_fen"] == 700
    assert found["merchants"][str(other_store.merchant_id)]["cost_fen"] == 0


def test_a_provider_pays_its_part(pay, draft, find, store, provider):
    pay(store, 2), pay(store, 3)
    found = find(draft(shares=((0, 7_000), (-provider.pk, 3_000))))
    assert (found["mall_fen"], found["providers"]) == (1_400, {str(provider.pk): {"cost_fen": 600}})
    assert str(-provider.pk) not in found["merchants"]


def test_the_control_group_is_counted(pay, draft, find, store):
    for number in range(30):
        pay(store, 2, shopper=f"s{number}")
    found = find(draft(holdout_bp=5_000))
    assert found["awards"] + found["held_out"] == 30
    assert 5 <= found["held_out"] == found["shoppers_held_out"] <= 25


def test_days_that_lie_elsewhere_are_set_aside(pay, draft, find, store):
    pay(store, 2), pay(store, 20)
    found = find(draft(starts_on=date(2027, 1, 1), ends_on=date(2027, 2, 1)))
    assert (found["awards"], found["set_aside"]) == (2, True)
    found = find(draft(starts_on=date(2026, 3, 10)))
    assert (found["awards"], found["set_aside"], found["refused"]) == (1, False, {"dates": 1})


def test_a_hand_out_goes_to_who_had_paid_before(pay, draft, find, store, other_store):
    pay(store, 2), pay(store, 3), pay(store, 3, shopper="ben"), pay(store, 12, shopper="late"), pay(store, 20)
    pay(other_store, 11)
    tree = conditions.from_json({"fact": "visits", "op": "at_least", "value": 2})
    found = find(draft(trigger="hand_out", conditions=tree, stores=()), first=date(2026, 3, 10))
    assert (found["met"], found["awards"], found["refused"]) == (2, 1, {"conditions": 1})
    assert [row for row in found["by_day"] if row[1]] == [["2026-03-10", 1, 0]]
    assert found["natural"] == {"observed": 1, "came": 1, "bp": 10_000}


@pytest.mark.parametrize("trigger", ["qr", "nearby"])
def test_scans_cannot_be_tried(pay, draft, mall, store, trigger):
    pay(store, 2)
    backtest = services.start(mall, None, draft(trigger=trigger))
    assert (backtest.state, backtest.result["tried"], backtest.result["why"]) == ("done", False, "no_scans")
    assert (backtest.result["awards"], backtest.result["merchants"], TaskRun.objects.count()) == (0, {}, 0)


# --- The payments ---


def test_payments_come_in_the_order_of_arrival(pay, mall, store, monkeypatch):
    monkeypatch.setattr("coupons.backtest.source.BLOCK_ROWS", 1)
    pay(store, 3, 12), pay(store, 3, 11, late=2), pay(store, 2, 23, late=20), pay(store, 9), pay(store, 4, late=24 * 9)
    directory = directories.current(mall.pk)
    found = [block for _until, block in blocks(directory, date(2026, 3, 1), date(2026, 3, 31))]
    ids = [pk for block in found for pk in block.id.tolist()]
    first = min(ids)
    # The last one was brought in nine days later: it is taken as of when it was made.
    assert [pk - first for pk in ids] == [0, 1, 2, 4, 3]
    given = [number for block in found for number in block.given_on.tolist()]
    assert given == [day_number(date(2026, 3, day)) for day in (3, 3, 3, 4, 9)]


def test_days_and_minutes_are_local(db):
    mall = factories.make_mall(time_zone="Asia/Kathmandu")  # five and three quarter hours ahead
    store = factories.make_store(mall=mall)
    at = datetime(2026, 3, 1, 18, 20, 59, 999_000, tzinfo=UTC)
    pipeline.record_payments(mall.pk, [factories.payment_event(store, paid_at=at)], source="test", now=at, award=False)
    assert ledger_days(mall.pk) == (DAY, DAY)
    ((_until, block),) = blocks(directories.current(mall.pk), DAY, DAY)
    assert (block.day.tolist(), block.minute.tolist()) == ([day_number(DAY)], [5])


# --- What is refused ---


def test_without_payments_there_is_nothing_to_try(draft, mall):
    with pytest.raises(BacktestError) as refused:
        services.start(mall, None, draft())
    assert (refused.value.code, services.usual_span(mall)) == ("empty", None)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(-1, -2, "reversed"), (0, 1, "future"), (-3_650, 0, "too_long"), (-1_100, 0, "too_long")],
)
def test_bad_spans_are_refused(pay, draft, mall, store, first, last, code):
    """Days counted from today."""
    pay(store, 2)
    days = [mall.today() + timedelta(days=number) for number in (first, last)]
    with pytest.raises(BacktestError) as refused:
        services.start(mall, None, draft(), *days)
    assert refused.value.code == code
    assert not Backtest.objects.exists()


def test_a_span_without_payments_finds_nothing(pay, draft, find, store):
    pay(store, 2)
    found = find(draft(), first=date(2025, 1, 1), last=date(2025, 1, 31))
    assert (found["payments"], found["awards"], found["days_known"], found["natural"]["bp"]) == (0, 0, 0, None)


def test_things_of_another_mall_are_refused(pay, draft, mall, store):
    pay(store, 2)
    elsewhere = factories.make_mall()
    foreign_stock = factories.make_stock(mall=elsewhere)
    for rule, terms in (
        (factories.make_rule(mall=elsewhere), draft()),
        (None, draft(award=((foreign_stock.pk, 1),))),
        (None, draft(stores=(10**9,))),
    ):
        with pytest.raises(BacktestError) as refused:
            services.start(mall, rule, terms)
        assert refused.value.code == "foreign"


def test_the_usual_span_are_the_last_days_with_payments(pay, mall, store):
    pay(store, 2), pay(store, 20)
    assert services.usual_span(mall) == (DAY, date(2026, 3, 20))


# --- In the background ---


def test_it_runs_as_a_task_and_again_without_harm(pay, draft, mall, store, operator):
    pay(store, 2)
    backtest = services.start(mall, None, draft(), label="tea", by=operator)
    assert (backtest.state, backtest.asked_by, backtest.first_day) == ("queued", operator, DAY)
    assert Worker().drain() == 1
    backtest.refresh_from_db()
    assert (backtest.state, backtest.result["awards"], bool(backtest.finished_at)) == ("done", 1, True)
    pay(store, 2, 13)
    TaskRun.objects.update(status="ready", run_after="2026-01-01T00:00:00Z")
    assert Worker().drain() == 1
    backtest.refresh_from_db()
    assert backtest.result["awards"] == 1


def test_a_waiting_one_is_cancelled_at_once(pay, draft, mall, store):
    pay(store, 2)
    backtest = services.start(mall, None, draft())
    assert services.cancel(backtest=backtest)
    assert Worker().drain() == 0
    backtest.refresh_from_db()
    assert (backtest.state, backtest.result) == ("cancelled", None)
    assert not services.cancel(backtest=backtest)


def test_a_running_one_stops(pay, draft, mall, store, monkeypatch):
    monkeypatch.setattr("mallops.lib.tasks.progress.WRITE_EVERY", 0)
    pay(store, 2), pay(store, 30)
    backtest = services.start(mall, None, draft())
    worker = Worker()
    task = worker.claim()
    assert services.cancel(backtest=backtest)
    task.cancel_requested = False  # it arrives while the task is running
    worker.execute(task)
    backtest.refresh_from_db()
    assert (backtest.state, backtest.result, TaskRun.objects.get().status) == ("cancelled", None, "cancelled")


def test_a_shutdown_only_delays_it(pay, draft, mall, store):
    pay(store, 2), pay(store, 30)
    backtest = services.start(mall, None, draft())
    worker = Worker()
    task = worker.claim()
    worker.stop()
    worker.execute(task)
    backtest.refresh_from_db()
    assert (backtest.state, TaskRun.objects.get().status) == ("running", "ready")
    assert Worker().drain() == 1
    backtest.refresh_from_db()
    assert (backtest.state, backtest.result["awards"]) == ("done", 2)


def test_what_has_gone_since_fails_with_its_reason(pay, draft, mall, store):
    pay(store, 2)
    backtest = services.start(mall, None, draft())
    Backtest.objects.update(terms=backtest.terms | {"stores": [10**9]})
    Worker().drain()
    backtest.refresh_from_db()
    assert (backtest.state, backtest.message, TaskRun.objects.get().status) == ("failed", "foreign", "dead")
