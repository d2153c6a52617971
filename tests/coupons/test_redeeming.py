"""What a coupon takes off an order, and where, when and how often it can be used."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from coupons import closing, redeeming
from coupons.codes import shown
from coupons.models import Coupon, CouponClosure, Redemption, Reversal, Stock
from coupons.models.stock import Kind, Validity
from coupons.redeeming import RedeemError
from mallops import pipeline
from mallops.lib.money import MAX_FEN
from merchants.queries import directory as directories
from tests.factories import make_mall, make_rule, make_stock, make_store, payment_event

quick = settings(max_examples=60, deadline=None)
orders = st.integers(1, MAX_FEN)
stocks = st.one_of(
    st.builds(Stock, kind=st.just(Kind.AMOUNT_OFF), value_fen=st.integers(1, 10**6)),
    st.builds(
        Stock, kind=st.just(Kind.PERCENT_OFF), percent_bp=st.integers(1, 10_000), ceiling_fen=st.integers(1, 10**6)
    ),
    st.builds(
        Stock, kind=st.just(Kind.EXCHANGE), value_fen=st.integers(1_000, 10**6), exchange_price_fen=st.integers(0, 999)
    ),
)  # fmt: skip


@quick
@given(stocks, orders, st.integers(0, 10**6))
def test_discount_is_never_above_the_order_nor_above_what_was_reserved(stock, order_fen, min_spend_fen):
    stock.min_spend_fen = min_spend_fen
    if order_fen >= redeeming.least_order(stock):
        assert 0 <= redeeming.discount(stock, order_fen) <= min(order_fen, stock.cost_fen)


@quick
@given(orders, st.integers(1, 10_000))
def test_percent_is_rounded_down(order_fen, percent_bp):
    stock = Stock(kind=Kind.PERCENT_OFF, percent_bp=percent_bp, ceiling_fen=MAX_FEN)
    assert 0 <= Fraction(order_fen * percent_bp, 10_000) - redeeming.discount(stock, order_fen) < 1


@pytest.mark.parametrize(
    ("fields", "order_fen", "off"),
    [
        ({"kind": Kind.AMOUNT_OFF, "value_fen": 1_000}, 5_000, 1_000),
        ({"kind": Kind.AMOUNT_OFF, "value_fen": 1_000}, 999, 999),
        ({"kind": Kind.PERCENT_OFF, "percent_bp": 2_000, "ceiling_fen": 1_500}, 5_001, 1_000),
        ({"kind": Kind.PERCENT_OFF, "percent_bp": 2_000, "ceiling_fen": 1_500}, 50_000, 1_500),
        ({"kind": Kind.EXCHANGE, "value_fen": 3_000, "exchange_price_fen": 500}, 3_000, 2_500),
    ],
)
def test_discount(fields, order_fen, off):
    assert redeeming.discount(Stock(**fields), order_fen) == off


@pytest.fixture
def coupon(mall, store, other_store, record):
    """A coupon of `other_store`'s merchant, earned at `store`."""
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=other_store.merchant), stores=(store.pk,))
    (receipt,) = record(payment_event(store))
    return receipt.coupons[0]


@pytest.mark.django_db
class TestRedeeming:
    def test_code_as_people_type_it(self, redeem, coupon, other_store, books_agree):
        redemption = redeem(f" {shown(coupon.code).lower()} ", other_store)
        assert (redemption.discount_fen, redemption.store, redemption.turn) == (1_000, other_store, 1)

    @pytest.mark.parametrize("code", ["", "22", "2" * 11 + "3", "0" * 12, "2" * 40, "券" * 12])
    def test_mistyped_code(self, redeem, other_store, code):
        with pytest.raises(RedeemError, match="mistyped"):
            redeem(code, other_store)

    def test_coupon_of_another_mall_is_unknown(self, coupon):
        elsewhere = make_store(mall=make_mall())
        with pytest.raises(RedeemError, match="unknown_code"):
            pipeline.redeem(
                mall_id=elsewhere.mall_id, code=coupon.code, store_id=elsewhere.pk, order_fen=10_000, request_id="q",
                source="test", now=timezone.now(),
            )  # fmt: skip

    def test_quote_without_an_order_says_only_that_it_may_be_used(self, mall, coupon, other_store):
        directory = directories.current(mall.pk)
        quote = redeeming.check(
            directory=directory, code=coupon.code, store_id=other_store.pk, order_fen=None, now=timezone.now()
        )
        assert quote.discount_fen is None
        assert not Redemption.objects.exists()

    def test_same_request_gets_the_same_answer_and_counts_once(self, redeem, coupon, other_store, books_agree):
        assert redeem(coupon.code, other_store) == redeem(coupon.code, other_store) == Redemption.objects.get()

    def test_same_request_for_something_else_is_refused(self, redeem, coupon, other_store, record, store):
        redeem(coupon.code, other_store)
        second = record(payment_event(store))[0].coupons[0]
        with pytest.raises(RedeemError, match="request_reused"):
            redeem(second.code, other_store)

    def test_refusals_tell_when_and_where(self, redeem, coupon, other_store, store):
        used = redeem(coupon.code, other_store)
        with pytest.raises(RedeemError) as refused:
            redeem(coupon.code, other_store, request_id="q2")
        assert refused.value.context == {"redeemed_at": used.redeemed_at, "store_id": other_store.pk}

    def test_not_before_it_is_valid(self, mall, store, other_store, record, redeem):
        start = timezone.localdate() + timedelta(days=3)
        stock = make_stock(
            mall=mall, merchant=other_store.merchant, validity=Validity.FIXED, valid_for=None, valid_from_day=start,
            valid_until_day=start,
        )  # fmt: skip
        make_rule(mall=mall, stock=stock)
        (issued,) = record(payment_event(store))[0].coupons
        with pytest.raises(RedeemError, match="not_yet_valid"):
            redeem(issued.code, other_store, now=issued.valid_from - timedelta(microseconds=1))
        redeem(issued.code, other_store, now=issued.valid_from)

    def test_expiry_across_a_clock_change(self, mall, store, other_store, record, redeem, books_agree):
        """In Sydney the clocks go back on 5 April 2026, so that its midnights are 25 hours apart."""
        mall.time_zone = "Australia/Sydney"
        mall.save()
        make_rule(mall=mall, stock=make_stock(mall=mall, merchant=other_store.merchant, valid_for=1))
        now = datetime(2026, 4, 4, 1, tzinfo=UTC)
        events = [payment_event(store, paid_at=now, shopper=f"s{n}") for n in range(2)]
        first, second = (receipt.coupons[0] for receipt in record(*events, now=now))
        end = datetime(2026, 4, 5, 14, tzinfo=UTC)
        assert first.expires_at == end
        redeem(first.code, other_store, now=end - timedelta(seconds=1))
        with pytest.raises(RedeemError, match="expired"):
            redeem(second.code, other_store, now=end, request_id="q2")

    def test_store_opened_later_in_a_named_category_takes_it(self, mall, store, record, redeem):
        stock = make_stock(mall=mall)
        stock.categories.add(store.category)
        make_rule(mall=mall, stock=stock)
        (issued,) = record(payment_event(store))[0].coupons
        late = make_store(mall=mall, category=store.category)
        assert redeem(issued.code, late).store_id == late.pk


@pytest.mark.django_db
class TestReversing:
    @pytest.fixture
    def redemption(self, redeem, coupon, other_store):
        return redeem(coupon.code, other_store)

    @pytest.fixture
    def reverse(self, mall):
        def reverse(redemption_id, request_id="u1", now=None):
            return pipeline.reverse(
                mall_id=mall.pk, redemption_id=redemption_id, request_id=request_id, reason="", source="test",
                now=now or timezone.now(),
            ).reversal  # fmt: skip

        return reverse

    def test_same_request_gets_the_same_answer(self, redemption, reverse, books_agree):
        assert reverse(redemption.pk) == reverse(redemption.pk) == Reversal.objects.get()

    def test_another_request_comes_too_late(self, redemption, reverse):
        reverse(redemption.pk)
        with pytest.raises(RedeemError, match="already_reversed"):
            reverse(redemption.pk, "u2")

    def test_request_of_another_redemption_is_refused(self, redemption, reverse, redeem, coupon, other_store):
        reverse(redemption.pk)
        second = redeem(coupon.code, other_store, request_id="q2")
        with pytest.raises(RedeemError, match="request_reused"):
            reverse(second.pk)

    def test_unknown_redemption(self, mall, reverse):
        with pytest.raises(RedeemError, match="unknown_redemption"):
            reverse(10**6)

    def test_coupon_that_expired_meanwhile_ends_at_the_next_expiry(
        self, mall, coupon, redemption, reverse, books_agree
    ):
        late = coupon.expires_at + timedelta(days=1)
        assert pipeline.expire(mall_id=mall.pk, now=late) == 0
        reverse(redemption.pk, now=late)
        assert pipeline.expire(mall_id=mall.pk, now=late) == 1
        assert Coupon.objects.get().state == CouponClosure.objects.get().kind == "expired"


@pytest.mark.django_db
def test_expiry_goes_on_until_all_are_ended(mall, store, record, monkeypatch, books_agree):
    monkeypatch.setattr(closing.expire, "__kwdefaults__", {"at_most": 2})
    make_rule(mall=mall)
    receipts = record(*[payment_event(store, shopper=f"s{n}") for n in range(5)])
    end = receipts[0].coupons[0].expires_at
    assert pipeline.expire(mall_id=mall.pk, now=end) == 5
    assert pipeline.expire(mall_id=mall.pk, now=end) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_closing_takes_the_same_statements(mall, store, record, count, django_assert_num_queries):
    make_rule(mall=mall)
    record(*[payment_event(store, shopper=f"s{n}") for n in range(count)])
    coupons, directory = list(Coupon.objects.all()), directories.current(mall.pk)
    with django_assert_num_queries(2):
        ended = closing.close(directory, coupons, kind="revoked", reason="", now=timezone.now())
    assert ended == coupons
    assert closing.close(directory, coupons, kind="expired", reason="", now=timezone.now()) == []
    assert CouponClosure.objects.filter(kind="revoked").count() == count
