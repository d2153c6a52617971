"""The whole way of an event: ledger, coupons, roll-ups, in one transaction."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analytics import rollups
from analytics.models import RollupDelta, StoreDay
from coupons.models import Coupon, CouponClosure, Decision, LimitCounter
from coupons.models.coupon import CouponState
from coupons.redeeming import RedeemError
from mallops import ledger_check, pipeline
from payments.events import Reason, Status
from payments.models import EventConflict, Payment, Refund, Shopper

from .factories import make_mall, make_rule, make_stock, make_store, payment_event, refund_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(autouse=True)
def _books_agree(request, db):
    """Whatever a test did, the ledger, the counters and the roll-ups agree at its end."""
    yield
    from merchants.models import Mall

    for mall in Mall.objects.all():
        assert list(ledger_check.problems(mall)) == []


def record(mall, *events, now=None, **options):
    return pipeline.record_payments(mall.pk, events, source="test", now=now or timezone.now(), **options)


def refund(mall, *events, now=None):
    return pipeline.record_refunds(mall.pk, events, source="test", now=now or timezone.now())


def redeem(mall, coupon, store, *, now, order_fen=10_000, request_id="q1", **options):
    return pipeline.redeem(
        mall_id=mall.pk, code=coupon.code, store_id=store.pk, order_fen=order_fen, request_id=request_id,
        source="test", now=now, **options,
    )  # fmt: skip


def test_payment_is_recorded_once(mall, store, now):
    event = payment_event(store)
    first, again = record(mall, event)[0], record(mall, event)[0]
    assert (first.status, again.status) == (Status.CREATED, Status.KNOWN)
    assert first.id == again.id == Payment.objects.get().pk


def test_payment_twice_in_one_batch_is_recorded_once(mall, store):
    event = payment_event(store)
    assert [receipt.status for receipt in record(mall, event, event)] == [Status.CREATED, Status.KNOWN]


def test_payment_with_another_amount_is_a_conflict_and_kept(mall, store):
    event = payment_event(store)
    record(mall, event)
    for _ in range(2):
        (receipt,) = record(mall, event._replace(amount_fen=1))
        assert (receipt.status, receipt.reason) == (Status.CONFLICT, Reason.OTHER_AMOUNT)
    assert EventConflict.objects.get().amount_fen == 1
    assert Payment.objects.get().amount_fen == 10_000


def test_payment_at_another_store_is_a_conflict(mall, store, other_store):
    event = payment_event(store)
    record(mall, event)
    (receipt,) = record(mall, event._replace(store_id=other_store.pk))
    assert receipt.reason == Reason.OTHER_STORE


def test_same_transaction_id_in_two_malls_is_two_payments(store):
    elsewhere = make_store(mall=make_mall())
    record(store.mall, payment_event(store, transaction_id="x"))
    record(elsewhere.mall, payment_event(elsewhere, transaction_id="x"))
    assert Payment.objects.count() == 2
    assert Shopper.objects.count() == 2


def test_payment_awards_a_coupon_of_another_store(mall, store, other_store):
    stock = make_stock(mall=mall, merchant=other_store.merchant)
    make_rule(mall=mall, stock=stock, stores=(store.pk,))
    event = payment_event(store)
    (receipt,) = record(mall, event)
    (issued,) = receipt.coupons
    coupon = Coupon.objects.get()
    assert (issued.code, coupon.stock, coupon.state) == (coupon.code, stock, CouponState.ISSUED)
    assert record(mall, event)[0].coupons == receipt.coupons
    assert Coupon.objects.count() == Decision.objects.count() == 1


def test_payment_at_another_store_awards_nothing(mall, store, other_store):
    make_rule(mall=mall, stores=(store.pk,))
    assert record(mall, payment_event(other_store))[0].coupons == ()
    assert not Decision.objects.exists()


def test_category_rule_covers_the_sub_tree(mall, store):
    from .factories import make_category

    dining = make_category(mall=mall)
    store.category.parent = dining
    store.category.save()
    make_rule(mall=mall, categories=(dining.pk,))
    assert len(record(mall, payment_event(store))[0].coupons) == 1


def test_refusal_is_logged_with_what_was_asked_for(mall, store):
    make_rule(mall=mall, stores=(store.pk,), min_fen=20_000)
    record(mall, payment_event(store))
    decision = Decision.objects.get()
    assert (decision.outcome, decision.reason) == ("refused", "amount")
    assert ["amount", False, [20_000, None], 10_000] in decision.trace


def test_old_payment_awards_nothing(mall, store, now):
    make_rule(mall=mall)
    assert record(mall, payment_event(store, paid_at=now - timedelta(hours=49)))[0].coupons == ()


def test_payment_without_shopper_is_refused_a_coupon(mall, store):
    make_rule(mall=mall)
    record(mall, payment_event(store, shopper=None))
    assert Decision.objects.get().reason == "shopper"


def test_stock_is_never_over_issued_within_a_batch(mall, store):
    make_rule(mall=mall, stock=make_stock(mall=mall, quantity=3))
    receipts = record(mall, *[payment_event(store, shopper=f"s{n}") for n in range(5)])
    assert [len(receipt.coupons) for receipt in receipts] == [1, 1, 1, 0, 0]
    assert Decision.objects.filter(reason="stock_quantity").count() == 2


def test_paused_rule_stops_at_once(mall, store):
    rule = make_rule(mall=mall)
    assert record(mall, payment_event(store))[0].coupons
    rule.state = "paused"
    rule.save()
    assert record(mall, payment_event(store))[0].coupons == ()


def test_control_group_gets_a_ghost_and_no_coupon(mall, store):
    make_rule(mall=mall, holdout_bp=5_000)
    record(mall, *[payment_event(store, shopper=f"s{n}") for n in range(200)])
    ghosts = Decision.objects.filter(outcome="held_out").count()
    assert 60 < ghosts < 140
    assert Coupon.objects.count() == 200 - ghosts


def test_day_belongs_to_the_mall(mall, store):
    before = datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    record(mall, payment_event(store, paid_at=before), payment_event(store, paid_at=before + timedelta(seconds=1)))
    assert [(str(p.day), p.hour) for p in Payment.objects.order_by("paid_at")] == [
        ("2026-03-31", 23),
        ("2026-04-01", 0),
    ]


def test_refund_is_claimed_on_the_payment(mall, store):
    event = payment_event(store)
    record(mall, event)
    part = refund_event(event, amount_fen=6_000)
    assert [receipt.status for receipt in refund(mall, part)] == [Status.CREATED]
    assert [receipt.status for receipt in refund(mall, part)] == [Status.KNOWN]
    (over,) = refund(mall, refund_event(event, amount_fen=4_001))
    assert (over.status, over.reason) == (Status.REFUSED, Reason.ABOVE_PAYMENT)
    assert Payment.objects.get().refunded_fen == 6_000 == Refund.objects.get().amount_fen


def test_refund_before_the_payment_or_of_an_unknown_one_is_refused(mall, store, now):
    event = payment_event(store)
    record(mall, event)
    early = refund_event(event, refunded_at=event.paid_at - timedelta(seconds=1))
    unknown = refund_event(event)._replace(transaction_id="nowhere")
    assert [r.reason for r in refund(mall, early, unknown)] == [Reason.BEFORE_PAYMENT, Reason.UNKNOWN_PAYMENT]


def test_refund_with_another_amount_is_a_conflict(mall, store):
    event = payment_event(store)
    record(mall, event)
    first = refund_event(event, amount_fen=1_000)
    refund(mall, first)
    (receipt,) = refund(mall, first._replace(amount_fen=999))
    assert (receipt.status, receipt.reason) == (Status.CONFLICT, Reason.OTHER_AMOUNT)
    assert EventConflict.objects.get().kind == "refund"


@pytest.mark.parametrize(
    ("policy", "refunded_fen", "state"),
    [
        ("keep", 10_000, "issued"),
        ("revoke", 1, "revoked"),
        ("revoke_below_minimum", 5_000, "issued"),
        ("revoke_below_minimum", 5_001, "revoked"),
    ],
)
def test_refund_policy_for_the_coupon_it_earned(mall, store, policy, refunded_fen, state):
    make_rule(mall=mall, min_fen=5_000, on_trigger_refund=policy)
    event = payment_event(store)
    record(mall, event)
    refund(mall, refund_event(event, amount_fen=refunded_fen))
    assert Coupon.objects.get().state == state


@pytest.mark.parametrize(("policy", "state"), [("return", "issued"), ("forfeit", "redeemed")])
def test_refund_policy_for_the_coupon_used_on_it(mall, store, other_store, now, policy, state):
    stock = make_stock(mall=mall, merchant=other_store.merchant)
    make_rule(mall=mall, stock=stock, stores=(store.pk,), on_use_refund=policy)
    (issued,) = record(mall, payment_event(store))[0].coupons
    second = payment_event(other_store)
    payment_id = record(mall, second)[0].id
    redeem(mall, issued, other_store, now=timezone.now(), payment_id=payment_id)
    refund(mall, refund_event(second, amount_fen=9_999))
    assert Coupon.objects.get().state == "redeemed"
    refund(mall, refund_event(second, amount_fen=1))
    assert Coupon.objects.get().state == state


def test_coupon_is_redeemed_once_and_can_be_undone(mall, store, other_store):
    stock = make_stock(mall=mall, merchant=other_store.merchant)
    make_rule(mall=mall, stock=stock, stores=(store.pk,))
    (issued,) = record(mall, payment_event(store))[0].coupons
    now = timezone.now()
    redemption = redeem(mall, issued, other_store, now=now)
    assert redemption.discount_fen == 1_000
    assert redeem(mall, issued, other_store, now=now) == redemption
    with pytest.raises(RedeemError, match="already_redeemed"):
        redeem(mall, issued, other_store, now=now, request_id="q2")
    undo = {"mall_id": mall.pk, "redemption_id": redemption.pk, "reason": "", "source": "test", "now": now}
    pipeline.reverse(request_id="u1", **undo)
    pipeline.reverse(request_id="u1", **undo)
    with pytest.raises(RedeemError, match="already_reversed"):
        pipeline.reverse(request_id="u2", **undo)
    assert redeem(mall, issued, other_store, now=now, request_id="q3").turn == 2


def test_coupon_is_refused_elsewhere_below_minimum_and_after_expiry(mall, store, other_store):
    stock = make_stock(mall=mall, merchant=other_store.merchant, min_spend_fen=5_000)
    make_rule(mall=mall, stock=stock)
    (issued,) = record(mall, payment_event(store))[0].coupons
    now = timezone.now()
    for code, at, order_fen, moment in (
        ("store_not_usable", store, 5_000, now),
        ("below_minimum", other_store, 4_999, now),
        ("expired", other_store, 5_000, issued.expires_at),
    ):
        with pytest.raises(RedeemError, match=code):
            redeem(mall, issued, at, now=moment, order_fen=order_fen)
    redeem(mall, issued, other_store, now=issued.expires_at - timedelta(seconds=1), order_fen=5_000)


def test_coupon_expires_at_the_end_of_its_last_local_day(mall, store):
    make_rule(mall=mall, stock=make_stock(mall=mall, valid_for=7))
    paid_at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 00:30 on 2 March in Shanghai
    (issued,) = record(mall, payment_event(store, paid_at=paid_at), now=paid_at)[0].coupons
    assert issued.expires_at == datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
    assert pipeline.expire(mall_id=mall.pk, now=issued.expires_at - timedelta(microseconds=1)) == 0
    assert pipeline.expire(mall_id=mall.pk, now=issued.expires_at) == 1
    assert CouponClosure.objects.get().kind == Coupon.objects.get().state == "expired"


def test_rollups_are_the_same_before_and_after_folding(mall, store):
    make_rule(mall=mall)
    record(mall, payment_event(store), payment_event(store))
    assert RollupDelta.objects.exists() and not StoreDay.objects.exists()
    assert rollups.fold(mall.pk) == 2
    day = StoreDay.objects.get()
    assert (day.payments, day.gross_fen, day.issued) == (2, 20_000, 2)


def test_counter_of_a_total_counts_before_it_is_limited(mall, store):
    rule = make_rule(mall=mall)
    record(mall, payment_event(store))
    assert LimitCounter.objects.get(key=f"r{rule.pk}.n").used == 1


def test_a_large_batch_goes_straight_to_the_rollups(mall, store):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    record(mall, *[payment_event(store, paid_at=start + timedelta(hours=n)) for n in range(1_500)], award=False)
    assert not RollupDelta.objects.exists()
    assert sum(StoreDay.objects.values_list("payments", flat=True)) == 1_500


def test_a_late_payment_gets_no_coupon_that_is_over_already(mall, store):
    last_day = datetime(2026, 3, 10, tzinfo=UTC).date()
    stock = make_stock(mall=mall, validity="fixed", valid_for=None, valid_from_day=last_day, valid_until_day=last_day)
    make_rule(mall=mall, stock=stock)
    paid_at = datetime(2026, 3, 10, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    in_time, late = payment_event(store, paid_at=paid_at), payment_event(store, paid_at=paid_at)
    assert len(record(mall, in_time, now=paid_at)[0].coupons) == 1
    assert record(mall, late, now=paid_at + timedelta(minutes=1))[0].coupons == ()
    assert Decision.objects.get(outcome="refused").reason == "stock_open"
