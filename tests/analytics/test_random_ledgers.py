"""Whatever happened: each figure of any filters is the plain sum over the rows of the ledger, stores, categories and
days add up to the mall, and different shoppers are counted as a plain set counts them."""

from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import rollups
from analytics.metrics import METRICS, add, measures_of
from analytics.models import RollupDelta
from analytics.queries import places, visitors
from analytics.queries.choice import Choice
from analytics.queries.sales import by_newness, hours, knows_hours, sales
from analytics.rollups import MEASURES, PAID
from coupons.models import Coupon, CouponClosure, Redemption
from mallops import ledger_check, pipeline
from mallops.lib.cache import forget_compiled
from mallops.lib.dates import Period, clock
from payments.models import Payment, Refund
from tests import factories

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 9, 15, 30, tzinfo=UTC)  # half past eleven at night in Shanghai
TODAY = date(2026, 3, 9)
CHANNELS = ("wechat", "alipay", "cash")
SHOPPERS = ("anna", "bo", "carl", "dora", None)
ADDITIVE = [key for key, metric in METRICS.items() if not metric.per and metric.measures <= set(MEASURES)]

some = st.integers(0, 10**6)
ago = st.timedeltas(timedelta(0), timedelta(days=45))
payments = st.lists(st.tuples(some, some, some, ago | st.just(timedelta(0)), some), min_size=1, max_size=6)
steps = st.one_of(
    st.tuples(st.just("pay"), payments),
    st.tuples(st.just("pay"), payments),
    st.tuples(st.just("refund"), some, st.integers(1, 3), ago),
    st.tuples(st.just("look"), some),
    st.tuples(st.just("redeem"), some, some),
    st.tuples(st.just("fold")),
)
filters = st.fixed_dictionaries(
    {
        "first": st.integers(0, 60), "days": st.integers(1, 60), "place": st.integers(0, 9),
        "channel": st.sampled_from([None, None, *CHANNELS]),
        "newness": st.sampled_from([None, None, "new", "returning"]),
    }
)  # fmt: skip


class Fact(NamedTuple):
    """So much of a measure; channel and newness of payments and refunds only."""

    measure: str
    amount: int
    store_id: int
    day: date
    channel: str | None = None
    newness: str | None = None


class Ledger:
    """A mall in which things happen; `first` remembers by shopper the day and payment that made him known."""

    def __init__(self, mall, stores) -> None:
        self.mall, self.stores, self.events, self.first = mall, stores, [], {}

    def pay(self, drawn) -> None:
        batch = [
            factories.payment_event(
                self.stores[store % len(self.stores)], channel=CHANNELS[channel % len(CHANNELS)],
                shopper=SHOPPERS[shopper % len(SHOPPERS)], paid_at=NOW - back, amount_fen=1 + fen,
            )
            for store, channel, shopper, back, fen in drawn
        ]  # fmt: skip
        pipeline.record_payments(self.mall.pk, [*batch, batch[0]], source="test", now=NOW)
        self.events += batch
        local = clock(self.mall.time_zone).day_hour
        days = [(event.shopper, local(event.paid_at)[0], event.transaction_id) for event in batch if event.shopper]
        earliest = {}
        for shopper, day, number in days:
            if shopper not in earliest or day < earliest[shopper][0]:
                earliest[shopper] = (day, number)
        self.first = earliest | self.first

    def refund(self, number, parts, later) -> None:
        if self.events:
            event = self.events[number % len(self.events)]
            moment = min(event.paid_at + later, NOW)
            refund = factories.refund_event(event, amount_fen=max(1, event.amount_fen // parts), refunded_at=moment)
            pipeline.record_refunds(self.mall.pk, [refund], source="test", now=NOW)

    def look(self, number) -> None:
        coupons = list(Coupon.objects.order_by("pk"))
        if coupons:
            pipeline.show(coupons[number % len(coupons)], now=NOW)

    def redeem(self, number, fen) -> None:
        coupons = list(Coupon.objects.filter(state="issued").order_by("pk"))
        if coupons:
            pipeline.redeem(
                mall_id=self.mall.pk, code=coupons[number % len(coupons)].code, order_fen=10_000 + fen,
                store_id=self.stores[0].pk, request_id=f"r{Redemption.objects.count()}", source="test", now=NOW,
            )  # fmt: skip

    def fold(self) -> None:
        rollups.fold(self.mall.pk)

    def facts(self) -> list[Fact]:
        return [*self._paid(), *self._of_coupons()]

    def _paid(self):
        newness = {}
        first = {number: day for day, number in self.first.values()}
        first_days = {digest: day for digest, (day, _number) in self.first.items()}
        shoppers = {event.transaction_id: event.shopper for event in self.events}
        for row in Payment.objects.all():
            shopper = shoppers[row.transaction_id]
            kind = "" if shopper is None else "new" if first_days[shopper] == row.day else "returning"
            newness[row.pk] = kind
            at = (row.store_id, row.day, row.channel, kind)
            yield Fact("payments", 1, *at)
            yield Fact("gross_fen", row.amount_fen, *at)
            if row.transaction_id in first:
                yield Fact("new_shoppers", 1, *at)
        for row in Refund.objects.select_related("payment"):
            at = (row.payment.store_id, row.day, row.payment.channel, newness[row.payment_id])
            yield Fact("refunds", 1, *at)
            yield Fact("refund_fen", row.amount_fen, *at)

    def _of_coupons(self):
        local = clock(self.mall.time_zone).day_hour
        for row in Coupon.objects.all():
            yield Fact("issued", 1, row.store_id, row.day)
            if row.shown_at:
                yield Fact("shown", 1, row.store_id, local(row.shown_at)[0])
        for row in Redemption.objects.all():
            yield Fact("redeemed", 1, row.store_id, row.day)
            yield Fact("discount_fen", row.discount_fen, row.store_id, row.day)
            yield Fact("coupon_sales_fen", row.order_fen, row.store_id, row.day)
        for row in CouponClosure.objects.select_related("coupon"):
            yield Fact(row.kind, 1, row.coupon.store_id, row.day)


@pytest.fixture
def ledger(mall):
    """Stores on two floors, in two categories of which one is below another."""
    food, fashion = (factories.make_category(mall=mall, code=code) for code in ("food", "fashion"))
    noodles = factories.make_category(mall=mall, code="noodles", parent=food)
    floors = [factories.make_floor(mall=mall) for _ in range(2)]
    stores = [
        factories.make_store(mall=mall, category=category, floor=floors[n % 2])
        for n, category in enumerate((food, noodles, fashion, noodles))
    ]
    stock = factories.make_stock(mall=mall, merchant=stores[0].merchant)
    factories.make_rule(mall=mall, stock=stock, on_trigger_refund="revoke")
    return Ledger(mall, stores)


@contextmanager
def undone(ledger: Ledger):
    forget_compiled()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    ledger.__init__(ledger.mall, ledger.stores)


def choices_of(mall, drawn) -> list[Choice]:
    """The filters on the whole mall or part of it, with days to compare with."""
    place = places.of_mall(mall)
    start = TODAY - timedelta(days=drawn["first"])
    period = Period(start, min(start + timedelta(days=drawn["days"]), TODAY + timedelta(days=1)))
    parts = [{}, *({"category": one} for one in place.categories), *({"floor": one} for one in place.floors)]
    parts += [{"store": one} for one in place.stores]
    part = parts[drawn["place"] % len(parts)]
    return Choice(place, period, period.previous(), channel=drawn["channel"], newness=drawn["newness"], **part)


def fitting(facts, choice: Choice, period: Period, stores) -> dict[str, int]:
    ids, found = {store.pk for store in stores}, defaultdict(int)
    for fact in facts:
        if (
            period.start <= fact.day < period.end
            and fact.store_id in ids
            and choice.channel in (None, fact.channel)
            and choice.newness in (None, fact.newness)
        ):
            found[fact.measure] += fact.amount
    return found


def values(sums, choice: Choice) -> dict:
    """The additive metrics; those that channel and newness know nothing of have no value."""
    known = [key for key in ADDITIVE if not choice.mixed or METRICS[key].measures <= set(PAID)]
    return {key: METRICS[key].value(sums) if key in known else None for key in ADDITIVE}


def check_sums(choice: Choice, facts) -> None:
    found, place = sales(choice, ADDITIVE), choice.place
    for side, period in enumerate(choice.periods):
        wanted = values(fitting(facts, choice, period, choice.stores), choice)
        assert {key: METRICS[key].value(found.total(side)) for key in ADDITIVE} == wanted
        assert values(found.of_stores([store.pk for store in choice.stores], side), choice) == wanted
        tops = [choice.stores_in(category) for category in place.branches()]
        assert values(add(found.of_stores([s.pk for s in top], side) for top in tops), choice) == wanted
        for store in choice.stores:
            assert values(found.stores.get((side, store.pk), {}), choice) == values(
                fitting(facts, choice, period, [store]), choice
            )
    if knows_hours(choice):
        assert values(add(hours(choice, ADDITIVE).values()), choice) == values(found.total(), choice)
    of_newness = by_newness(choice, ["net_sales", "transactions", "refunds"])
    total = add(row for key, row in of_newness.items() if key[0] == 0)
    assert METRICS["net_sales"].value(total) == METRICS["net_sales"].value(found.total())


def check_shoppers(choice: Choice) -> None:
    if choice.mixed:
        assert visitors.shoppers(choice) is None
        return
    for side, period in enumerate(choice.periods):
        rows = Payment.objects.filter(
            day__gte=period.start, day__lt=period.end, store__in=choice.stores, shopper__isnull=False
        ).values_list("day", "store", "shopper")
        by_day, by_store = defaultdict(set), {store.pk: set() for store in choice.stores}
        for day, store_id, shopper in rows:
            by_day[day].add(shopper)
            by_store[store_id].add(shopper)
        assert visitors.shoppers(choice, side) == len(set().union(*by_day.values()))
        assert visitors.by_day(choice, side) == {day: len(ids) for day, ids in by_day.items()}
        assert visitors.by_store(choice, choice.stores, side) == {pk: len(ids) for pk, ids in by_store.items()}


def check_months(mall) -> None:
    months = [date(2026, month, 1) for month in (1, 2, 3)]
    rows = Payment.objects.exclude(shopper=None).values_list("day", "shopper")
    wanted = [{shopper for day, shopper in rows if day.replace(day=1) == month} for month in months]
    assert list(map(set, visitors.of_months(mall, months))) == wanted


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(steps, min_size=2, max_size=12), chosen=st.lists(filters, min_size=4, max_size=4))
def test_every_figure_is_the_plain_sum(ledger, drawn, chosen):
    with undone(ledger):
        for name, *arguments in drawn:
            getattr(ledger, name)(*arguments)
        facts = ledger.facts()
        assert {fact.measure for fact in facts} <= set(MEASURES)
        choices = [choices_of(ledger.mall, each) for each in chosen]
        for fold in (False, True):
            while fold and rollups.fold(ledger.mall.pk):
                pass
            for choice in choices:
                check_sums(choice, facts)
                check_shoppers(choice)
            check_months(ledger.mall)
        assert list(ledger_check.problems(ledger.mall)) == []


def test_steps_of_the_random_run_take_effect(ledger):
    day = timedelta(days=1)
    ledger.pay([(n, n, n, day * n, 500) for n in range(5)])
    ledger.pay([(0, 0, 0, day * 9, 500), (1, 0, 0, timedelta(0), 700)])
    ledger.refund(0, 2, day)
    ledger.look(0)
    ledger.redeem(0, 0)
    assert RollupDelta.objects.exclude(shoppers=None).exists()
    sums = fitting(ledger.facts(), Choice(None, None, None), Period(date(2026, 1, 1), date(2027, 1, 1)), ledger.stores)
    assert sums["new_shoppers"] == 4 and sums["payments"] == 7 and sums["refunds"] == 1
    assert sums["shown"] == sums["redeemed"] == 1 and sums["issued"]
    assert {fact.newness for fact in ledger.facts()} == {"new", "returning", "", None}
    assert measures_of(ADDITIVE) == tuple(sorted(set(MEASURES)))
