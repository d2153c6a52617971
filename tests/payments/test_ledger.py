"""Writing down: each payment and refund once, each shopper once, contradictions kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from merchants.queries import directory as directories
from payments import ledger
from payments.models import EventConflict, Payment, Refund, Shopper, ShopperIdentity
from payments.shoppers import digest, resolve
from payments.validation import EARLIEST, amount_problem, is_external_id, moment_problem
from tests.factories import make_mall, make_store, payment_event, refund_event

NOW = datetime(2026, 3, 31, 15, 59, 59, 999999, tzinfo=UTC)


@pytest.fixture
def record(mall):
    def record(*events, now=NOW):
        return ledger.record_payments(directories.current(mall.pk), events, source="test", now=now)

    return record


@pytest.fixture
def refund(mall):
    def refund(*events, **options):
        directory = directories.current(mall.pk)
        return ledger.record_refunds(directory, events, source="test", now=timezone.now(), **options)[0]

    return refund


@pytest.mark.django_db
@pytest.mark.parametrize("count", [3, 450])
class TestPayments:
    """Few enough for parameters, and many enough for COPY."""

    def test_receipts_come_in_the_order_of_the_events(self, store, record, count):
        events = [payment_event(store, amount_fen=n + 1, paid_at=NOW) for n in range(count)]
        record(*events[::2])
        receipts, recorded = record(*events)
        assert [receipt.status for receipt in receipts] == ["known" if n % 2 == 0 else "created" for n in range(count)]
        amounts = dict(Payment.objects.values_list("pk", "amount_fen"))
        assert [amounts[receipt.id] for receipt in receipts] == [n + 1 for n in range(count)]
        assert [payment.event for payment in recorded] == events[1::2]

    def test_ids_grow_in_the_order_of_the_events(self, store, record, count):
        receipts, _recorded = record(*[payment_event(store, paid_at=NOW) for _ in range(count)])
        ids = [receipt.id for receipt in receipts]
        assert ids == sorted(ids)

    def test_moments_come_back_as_they_were(self, store, record, count):
        record(*[payment_event(store, paid_at=NOW) for _ in range(count)])
        assert set(Payment.objects.values_list("paid_at", "recorded_at", "day", "hour")) == {
            (NOW, NOW, datetime(2026, 3, 31).date(), 23)
        }

    def test_shoppers_are_made_once(self, store, record, count):
        events = [payment_event(store, shopper=f"s{n % 2}", paid_at=NOW) for n in range(count)]
        record(*events)
        record(*[event._replace(transaction_id=f"x{n}") for n, event in enumerate(events)])
        assert Shopper.objects.count() == ShopperIdentity.objects.count() == 2
        assert Payment.objects.values("shopper").distinct().count() == 2


@pytest.mark.django_db
def test_one_batch_may_contradict_itself(store, record):
    event = payment_event(store)
    receipts, recorded = record(event, event._replace(amount_fen=1), event)
    assert [receipt.status for receipt in receipts] == ["created", "conflict", "known"]
    assert [receipt.reason for receipt in receipts] == ["", "other_amount", ""]
    assert len(recorded) == Payment.objects.count() == EventConflict.objects.count() == 1


@pytest.mark.django_db
def test_channels_number_their_payments_by_themselves(store, record):
    event = payment_event(store)
    receipts, _recorded = record(event, event._replace(channel="alipay"))
    assert [receipt.status for receipt in receipts] == ["created", "created"]


@pytest.mark.django_db
def test_nothing_to_record(record, refund):
    assert record() == ([], [])
    assert refund() == []


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_recording_costs_the_same_for_any_number(store, record, count, django_assert_num_queries):
    record(payment_event(store))
    with django_assert_num_queries(3):  # the mall, the shoppers, the payments
        record(*[payment_event(store) for _ in range(count)])


@pytest.mark.django_db
class TestRefunds:
    @pytest.fixture
    def paid(self, store, record):
        event = payment_event(store, paid_at=timezone.now() - timedelta(days=1))
        record(event)
        return event

    def test_refunds_sum_up_to_the_payment(self, paid, refund):
        receipts = refund(*[refund_event(paid, amount_fen=fen) for fen in (4_000, 4_000, 4_000, 2_000)])
        assert [receipt.reason or receipt.status for receipt in receipts] == [
            "created", "created", "above_payment", "created",
        ]  # fmt: skip
        assert Payment.objects.get().refunded_fen == 10_000

    def test_same_refund_twice_in_one_batch(self, paid, refund):
        event = refund_event(paid, amount_fen=4_000)
        assert [receipt.status for receipt in refund(event, event)] == ["created", "known"]
        assert Payment.objects.get().refunded_fen == 4_000

    def test_refund_id_of_another_payment_is_a_conflict(self, store, paid, record, refund):
        other = payment_event(store, paid_at=paid.paid_at)
        record(other)
        first = refund_event(paid, amount_fen=1)
        assert [receipt.status for receipt in refund(first)] == ["created"]
        (receipt,) = refund(refund_event(other, amount_fen=1, refund_id=first.refund_id))
        assert (receipt.status, receipt.reason) == ("conflict", "other_payment")
        assert (EventConflict.objects.get().kind, Refund.objects.count()) == ("refund", 1)

    def test_refund_at_the_moment_of_the_payment_is_taken_and_one_before_is_not(self, paid, refund):
        early = refund_event(paid, amount_fen=1, refunded_at=paid.paid_at - timedelta(microseconds=1))
        assert [receipt.reason for receipt in refund(early)] == ["before_payment"]
        assert [receipt.reason for receipt in refund(early._replace(refunded_at=paid.paid_at))] == [""]

    def test_payments_out_of_reach_are_as_good_as_unknown(self, paid, refund, other_store):
        assert refund(refund_event(paid), stores=frozenset({other_store.pk}))[0].reason == "unknown_payment"
        assert refund(refund_event(paid), stores=frozenset({paid.store_id}))[0].reason == ""

    def test_refund_counts_at_its_own_day(self, paid, refund):
        refund(refund_event(paid, amount_fen=1, refunded_at=paid.paid_at + timedelta(days=3)))
        assert Refund.objects.get().day == Payment.objects.get().day + timedelta(days=3)

    def test_payment_of_another_mall_is_unknown(self, paid, refund):
        elsewhere = make_store(mall=make_mall())
        event = payment_event(elsewhere)
        ledger.record_payments(directories.current(elsewhere.mall_id), [event], source="test", now=NOW)
        assert refund(refund_event(event))[0].reason == "unknown_payment"


def test_shopper_digests_differ_by_mall_person_and_key(settings):
    ours = digest(1, "openid-1")
    assert ours == digest(1, "openid-1")
    assert len({ours, digest(2, "openid-1"), digest(1, "openid-2")}) == 3
    settings.SHOPPER_KEY = b"another key"
    assert digest(1, "openid-1") != ours


@pytest.mark.parametrize("fen", [0, -1, 10**13 + 1])
def test_amount_that_cannot_be_paid(fen):
    assert amount_problem(fen)


@pytest.mark.parametrize("fen", [1, 10**13])
def test_amount_that_can_be_paid(fen):
    assert not amount_problem(fen)


def test_moments_from_the_year_2000_to_a_day_ahead():
    ahead = NOW + timedelta(days=1)
    assert [bool(moment_problem(moment, NOW)) for moment in (EARLIEST, ahead)] == [False, False]
    second = timedelta(seconds=1)
    assert [bool(moment_problem(moment, NOW)) for moment in (EARLIEST - second, ahead + second)] == [True, True]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=70))
def test_external_ids_are_visible_ascii(text):
    assert is_external_id(text) == (0 < len(text) <= 64 and all("!" <= letter <= "~" for letter in text))


@pytest.mark.django_db
class TestFirstDays:
    """The day on which a shopper was new: of the first payment on record, not of the earliest."""

    def days(self, record, *events) -> list[tuple]:
        """Of the payments newly recorded: day, the shopper's first day, whether it set that."""
        return [(each.day.day, each.first_day and each.first_day.day, each.first) for each in record(*events)[1]]

    def at(self, store, day, **fields):
        return payment_event(store, paid_at=datetime(2026, 3, day, 4, tzinfo=UTC), **fields)

    def test_the_earliest_of_a_batch_and_the_first_of_its_day(self, store, other_store, record):
        events = [self.at(store, 9), self.at(other_store, 7), self.at(store, 7)]
        assert self.days(record, *events) == [(9, 7, False), (7, 7, True), (7, 7, False)]
        assert Shopper.objects.get().first_day.day == 7

    def test_later_deliveries_do_not_move_it(self, store, record):
        record(self.at(store, 7))
        assert self.days(record, self.at(store, 3), self.at(store, 7)) == [(3, 7, False), (7, 7, False)]
        receipts, _recorded = record(self.at(store, 2), self.at(store, 8))
        assert [receipt.earlier for receipt in receipts] == [True, False]

    def test_without_a_shopper_there_is_none(self, store, record):
        assert self.days(record, self.at(store, 7, shopper=None)) == [(7, None, False)]

    def test_who_was_known_before_paying_is_new_with_the_first_payment(self, mall, store, record):
        resolve(mall.pk, {digest(mall.pk, "anna")}, now=NOW)
        assert Shopper.objects.get().first_day is None
        assert self.days(record, self.at(store, 7)) == [(7, 7, True)]

    def test_a_payment_that_is_not_taken_makes_nobody_new(self, store, record):
        event = self.at(store, 7, shopper=None)
        record(event)
        record(event._replace(amount_fen=1, shopper=digest(store.mall_id, "bo")))
        assert Shopper.objects.get().first_day is None

    def test_known_shoppers_cost_no_statement_more(self, store, record, django_assert_num_queries):
        record(self.at(store, 7))
        with django_assert_num_queries(3):  # the directory, the shopper, the payment
            record(self.at(store, 8))
