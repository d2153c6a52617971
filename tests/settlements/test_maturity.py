"""When rebates become due and how they are taken back, exactly and once."""

from datetime import date, timedelta

import pytest

from mallops import pipeline
from settlements import credits
from settlements.maturity import claw_back, mature
from settlements.models import Accrual, Entry
from settlements.plans import PlanTerms
from settlements.tasks import reckon_rebates
from tests.factories import make_rule, make_stock, payment_event, refund_event

from .earning import NOON, accrue, balances, make_offer, undo, use

DAY = timedelta(days=1)
DUE = date(2026, 3, 20)  # ten days after NOON


@pytest.fixture
def offer(mall, store, provider):
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))
    return make_offer(provider)


def states(mall) -> list[str]:
    return list(Accrual.objects.for_mall(mall).order_by("pk").values_list("state", flat=True))


def test_it_is_due_once_its_waiting_is_over(mall, store, provider, offer):
    use(store)
    accrue(mall)
    assert [mature(mall, day, now=NOON) for day in (DUE - DAY, DUE, DUE)] == [0, 1, 0]
    assert states(mall) == ["matured"]
    assert balances(provider) == {"rebate_expense": -100, "rebate": 100}
    assert Entry.objects.for_mall(mall).get(kind="maturity").day == DUE


def test_undone_before_it_is_due_it_is_taken_back_at_once(mall, store, provider, offer):
    first, _second = use(store), use(store)
    accrue(mall)
    undo(first, NOON + DAY)
    assert states(mall) == ["clawed", "pending"]
    assert balances(provider) == {"rebate_expense": -100, "rebate_pending": 100}
    assert credits.balance(provider) == 5
    assert mature(mall, DUE, now=NOON) == 1
    assert states(mall) == ["clawed", "matured"]
    entry = Entry.objects.for_mall(mall).get(kind="clawback")
    assert (entry.day, entry.debit.kind, entry.coupon) == (date(2026, 3, 11), "rebate_pending", first.coupon)


def test_undone_after_it_was_due_it_is_taken_back_from_what_is_due(mall, store, provider, offer):
    used = use(store)
    accrue(mall)
    mature(mall, DUE, now=NOON)
    undo(used, NOON + 12 * DAY)
    assert states(mall) == ["clawed"]
    assert balances(provider) == {}
    assert Entry.objects.for_mall(mall).get(kind="clawback").debit.kind == "rebate"
    assert credits.balance(provider) == 0


def test_it_is_taken_back_once_and_what_came_later_stays_as_it_was(mall, store, provider, offer):
    first, second = use(store), use(store)
    accrue(mall)
    before = Accrual.objects.get(redemption=second.pk)
    undone = undo(first)
    assert undo(first).reversal == undone.reversal
    assert accrue(mall) == 0
    after = Accrual.objects.get(redemption=second.pk)
    assert (before.run_fen, before.amount_fen) == (after.run_fen, after.amount_fen) == (2_000, 100)
    assert Entry.objects.for_mall(mall).filter(kind="clawback").count() == 1


def test_the_coupon_used_again_earns_again(mall, store, provider, offer):
    used = use(store)
    accrue(mall)
    undo(used)
    again = pipeline.redeem(
        mall_id=mall.pk, code=used.coupon.code, store_id=store.pk, order_fen=10_000, request_id="again",
        source="test", now=NOON + DAY,
    )  # fmt: skip
    assert accrue(mall, NOON + 2 * DAY) == 1
    assert Accrual.objects.get(redemption=again.pk).amount_fen == 100
    assert balances(provider) == {"rebate_expense": -100, "rebate_pending": 100}


def test_a_refund_that_gives_the_coupon_back_takes_the_rebate_back(mall, store, provider, offer):
    used = use(store)
    order = payment_event(store, paid_at=NOON, shopper=None)
    (receipt,) = pipeline.record_payments(mall.pk, [order], source="test", now=NOON)
    type(used).objects.for_mall(mall).filter(pk=used.pk).update(payment=receipt.id)
    accrue(mall)
    pipeline.record_refunds(mall.pk, [refund_event(order, refunded_at=NOON + DAY)], source="test", now=NOON + DAY)
    assert states(mall) == ["clawed"]
    assert balances(provider) == {}


def test_an_opening_whose_payment_was_refunded_is_taken_back_instead(mall, store, provider):
    provider.agreements.update(from_day=date(2026, 3, 5))
    make_offer(provider, PlanTerms(opening_fen=50_000, maturity_days=10))
    paid = payment_event(store, paid_at=NOON)
    pipeline.record_payments(mall.pk, [paid], source="test", now=NOON)
    accrue(mall)
    pipeline.record_refunds(mall.pk, [refund_event(paid, refunded_at=NOON + DAY)], source="test", now=NOON + DAY)
    assert mature(mall, DUE, now=NOON) == 0
    assert states(mall) == ["clawed"]
    assert balances(provider) == {}


def test_nothing_undone_asks_nothing(mall, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert claw_back(None, [], now=NOON) == 0


def test_the_periodic_work_does_both(mall, store, provider, offer):
    use(store)
    assert reckon_rebates(mall, NOON + DAY) == 1
    assert reckon_rebates(mall, NOON + 10 * DAY) == 1
    assert balances(provider) == {"rebate_expense": -100, "rebate": 100}
