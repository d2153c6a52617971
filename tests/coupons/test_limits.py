"""Claiming limits in the database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from coupons import limits
from coupons.engine.limits import UNLIMITED, Claim
from coupons.engine.terms import Limits
from coupons.models import Coupon, Decision, LimitCounter
from mallops.lib.sql import Writes
from tests.factories import make_mall, make_rule, make_stock, payment_event

pytestmark = pytest.mark.django_db


def claim(mall, *claims) -> None:
    writes = Writes()
    limits.claim(writes, mall.pk, [Claim(*values, "") for values in claims])
    writes.flush()


def used(mall) -> dict[str, int]:
    return dict(LimitCounter.objects.for_mall(mall).values_list("key", "used"))


def test_claims_add_up_to_the_ceiling_and_no_further(mall):
    claim(mall, ("a", 2, 3))
    claim(mall, ("a", 1, 3))
    with pytest.raises(limits.LimitsContended):
        claim(mall, ("a", 1, 3))
    assert used(mall) == {"a": 3}


def test_claims_of_one_key_are_merged(mall):
    claim(mall, ("b", 1, 3), ("a", 1, 1), ("b", 2, 3))
    assert used(mall) == {"a": 1, "b": 3}


def test_nothing_claimed_is_no_statement(mall, django_assert_num_queries):
    with django_assert_num_queries(0):
        claim(mall)


def test_raised_ceiling_lets_more_in_and_a_lowered_one_stops(mall):
    claim(mall, ("a", 3, 3))
    claim(mall, ("a", 1, 5))
    with pytest.raises(limits.LimitsContended):
        claim(mall, ("a", 1, 4))
    assert used(mall) == {"a": 4}


def test_malls_have_counters_of_their_own(mall):
    other = make_mall()
    claim(mall, ("a", 1, 1))
    claim(other, ("a", 1, 1))
    assert used(mall) == used(other) == {"a": 1}


def test_more_claims_than_a_statement_takes(mall):
    keys = [f"k{n:05}" for n in range(12_000)]
    claim(mall, *((key, 1, UNLIMITED) for key in keys))
    state = limits.StoredState(mall.pk)
    state.load(Claim(key, 1, 9, "") for key in keys)
    assert {state.used(key) for key in keys} == {1}


@pytest.mark.parametrize("lock", [False, True])
def test_stored_state_reads_what_is_used_and_counts_on(mall, lock):
    claim(mall, ("a", 2, 9))
    state = limits.StoredState(mall.pk, lock=lock)
    state.load(Claim(key, 1, 9, "") for key in ("a", "b", "a"))
    state.take([Claim("a", 1, 9, ""), Claim("b", 5, 9, "")])
    assert (state.used("a"), state.used("b"), state.used("c")) == (3, 5, 0)
    assert {key: number for key, number in used(mall).items() if number} == {"a": 2}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_every_counter_that_may_be_claimed_is_held_also_those_to_come(mall):
    """Else two transactions may each hold what the other still needs."""
    claim(mall, ("a", 2, 9))
    state = limits.StoredState(mall.pk, lock=True)
    state.load([Claim("c", 1, 9, ""), Claim("b", 1, UNLIMITED, ""), Claim("a", 1, 9, "")])
    assert used(mall) == {"a": 2, "b": 0, "c": 0}
    claim(mall, ("b", 1, 5), ("c", 9, 9))
    assert used(mall) == {"a": 2, "b": 1, "c": 9}


@pytest.mark.parametrize(
    ("limit", "given_out"),
    [
        (Limits(quantity=3), 3),
        (Limits(budget_fen=2_999), 2),
        (Limits(quantity_per_day=1), 1),
        (Limits(budget_per_day_fen=1_000), 1),
        (Limits(per_shopper=2), 2),
        (Limits(per_shopper_per_day=1), 1),
        (Limits(per_shopper_in_days=2, window_days=7), 2),
        (Limits(quantity_per_store=3), 3),
        (Limits(), 5),
    ],
)
@pytest.mark.parametrize("batch", [True, False])
def test_each_limit_holds(mall, store, record, books_agree, limit, given_out, batch):
    make_rule(mall=mall, stock=make_stock(mall=mall, value_fen=1_000), limits=limit)
    events = [payment_event(store) for _ in range(5)]
    for part in [events] if batch else [[event] for event in events]:
        record(*part)
    assert Coupon.objects.count() == given_out
    refused = set(Decision.objects.filter(outcome="refused").values_list("reason", flat=True))
    assert refused == {name for name in Limits.__slots__ if getattr(limit, name)} - {"window_days"}


def test_pack_counts_as_one_award_and_each_coupon_of_its_stock(mall, store, record, books_agree):
    stock = make_stock(mall=mall, quantity=5)
    make_rule(mall=mall, stock=stock, award=((stock.pk, 2),))
    record(*[payment_event(store) for _ in range(4)])
    assert Coupon.objects.count() == 4
    assert used(mall)[f"k{stock.pk}.n"] == 4


def test_runs_of_days_and_stores_are_counted_apart(mall, store, other_store, record, books_agree):
    begin = datetime(2026, 4, 4, 4, tzinfo=UTC)  # a Saturday, on which a run of seven days begins
    make_rule(mall=mall, limits=Limits(per_shopper_in_days=1, window_days=7))
    make_rule(mall=mall, limits=Limits(quantity_per_store=1))
    for hours in (-24, 0, 24):
        at = begin + timedelta(hours=hours)
        record(payment_event(store, paid_at=at), payment_event(other_store, paid_at=at), now=at)
    reasons = Decision.objects.order_by("rule_id", "pk").values_list("reason", flat=True)
    assert list(reasons) == [
        "", "per_shopper_in_days", "", *["per_shopper_in_days"] * 3, "", "", *["quantity_per_store"] * 4,
    ]  # fmt: skip


def test_two_rules_share_a_stock(mall, store, record, books_agree):
    stock = make_stock(mall=mall, quantity=5)
    for _ in range(2):
        make_rule(mall=mall, stock=stock)
    record(*[payment_event(store) for _ in range(4)])
    assert Coupon.objects.filter(stock=stock).count() == 5


def test_a_thousand_payments_meet_many_rules(mall, store, record, books_agree):
    for _ in range(9):
        make_rule(mall=mall, stock=make_stock(mall=mall, quantity=400))
    record(*[payment_event(store, shopper=f"s{n}") for n in range(1_000)])
    assert Coupon.objects.count() == 9 * 400
