"""The malls that the dashboards are measured with: 120 stores that sell in every opening hour of their days.

Every 53rd payment is half refunded, every 11th earned a coupon, of which every 17th was used next door: numbers that
share no divisor with those of stores, hours and channels. Each rule awards at the stores of one category. Who pays in
cash, as every 7th does, is not known.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

STORES, MERCHANTS, FLOORS, BRANCHES, RULES, HOURS = 120, 40, 5, 4, 12, 13
TODAY = date.today()
PAYMENT = (
    "mall_id, store_id, channel, shopper_id, transaction_id, amount_fen, refunded_fen, paid_at, day, hour, source,"
    " recorded_at"
)
COUPON = (
    "mall_id, stock_id, rule_id, rule_version_id, payment_id, shopper_id, store_id, serial, code, state, turn,"
    " cost_fen, issued_at, day, hour, valid_from, expires_at"
)
REDEMPTION = "mall_id, coupon_id, turn, store_id, order_fen, discount_fen, request_id, redeemed_at, day, hour, source"
REFUND = "mall_id, store_id, channel, amount_fen, day, hour, source, recorded_at, payment_id, refund_id, refunded_at"


@dataclass(frozen=True)
class Size:
    name: str
    payments: int
    days: int
    shoppers: int

    def __str__(self) -> str:
        return f"{self.name}: {self.payments:,} payments of {self.shoppers:,} shoppers over {self.days} days"


def fill(size: Size):
    """The mall of a size. What an earlier run made of it stays."""
    from analytics import recount
    from merchants.models import Mall

    mall = Mall.objects.filter(slug=size.name).first()
    if mall is None:
        with told(f"  {size}, ledger"):
            mall = add_ledger(size)
    if recount.is_missing(mall.pk):
        with told(f"  {size}, roll-ups"):
            recount.rebuild(mall.pk, first_days=True)
    return mall


def add_ledger(size: Size):
    """A mall with payments up to yesterday, all or nothing."""
    from django.db import connection, transaction

    with transaction.atomic():
        mall, first = add_directory(size.name), TODAY - timedelta(days=size.days)
        store = mall.stores.order_by("pk").first().pk
        with connection.cursor() as cursor:
            cursor.execute(payments(mall.pk, store, add_shoppers(mall, size.shoppers), size, first))
            cursor.execute("ANALYZE payments_payment")
            for statement in (refunds(mall.pk), *coupons(mall, store)):
                cursor.execute(statement)
            cursor.execute("ANALYZE")
    return mall


@contextmanager
def told(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - start:.0f} s", flush=True)


def add_directory(slug: str):
    """A mall of stores `s000` and so on: some of each floor, category and merchant, and a quarter served by `p`."""
    from tests import factories as make

    mall = make.make_mall(slug=slug, time_zone="UTC")
    tops = [make.make_category(mall=mall) for _ in range(BRANCHES)]
    leaves = [make.make_category(mall=mall, parent=tops[n % BRANCHES]) for n in range(RULES)]
    floors = [make.make_floor(mall=mall, level=n) for n in range(FLOORS)]
    merchants = [make.make_merchant(mall=mall, code=f"m{n}") for n in range(MERCHANTS)]
    provider = make.make_provider(mall=mall, code="p")
    for n in range(STORES):
        store = make.make_store(
            mall=mall, code=f"s{n:03}", merchant=merchants[n % MERCHANTS], category=leaves[n % RULES],
            floor=floors[n % FLOORS], unit=f"U{n:03}",
        )  # fmt: skip
        if n % 4 == 0:
            since = TODAY - timedelta(days=20 if n % 8 else 2_000)
            make.make_agreement(provider=provider, store=store, from_day=since)
    for leaf, merchant in zip(leaves, merchants, strict=False):
        stock = make.make_stock(mall=mall, merchant=merchant, quantity=10**9)
        make.make_rule(mall=mall, stock=stock, categories=(leaf.pk,))
    return mall


def add_shoppers(mall, count: int) -> range:
    """So many shoppers; their ids follow one another."""
    from django.db import transaction
    from django.utils import timezone

    from mallops.lib.sql import insert_new
    from payments.models import Shopper

    with transaction.atomic():
        made = insert_new(Shopper, ("mall_id", "created_at"), [(mall.pk, timezone.now())] * count)
    first = min(pk for (pk,) in made)
    return range(first, first + count)


def payments(mall_id: int, store: int, people: range, size: Size, first: date) -> str:
    """Payments spread evenly over the stores, the opening hours and the days."""
    day, at, numbers = moments(size, first)
    return (
        f"INSERT INTO payments_payment ({PAYMENT}) SELECT {mall_id}, {store} + i % {STORES},"
        " CASE i % 7 WHEN 0 THEN 'cash' WHEN 1 THEN 'alipay' ELSE 'wechat' END,"
        f" CASE i % 7 WHEN 0 THEN NULL ELSE {people.start} + (i * 7919 / 3) % {len(people)} END, 'b' || i,"
        " 500 + (i * 7919) % 40000, CASE i % 53 WHEN 0 THEN 250 + (i * 7919) % 40000 / 2 ELSE 0 END,"
        f" {at}, {day}, 9 + (i / {STORES}) % {HOURS}, 'bench', {at} FROM {numbers}"
    )


def moments(size: Size, first: date) -> tuple[str, str, str]:
    """SQL for the day and the moment of payment `i`, and for the source of `i`."""
    from django.db import connection

    day, last = f"(i / {size.payments // size.days})", size.payments - 1
    if connection.vendor == "postgresql":
        day = f"(DATE '{first}' + {day}::int)"
        at = f"({day} + make_interval(hours => 9 + ((i / {STORES}) % {HOURS})::int)) AT TIME ZONE 'UTC'"
        return day, at, f"generate_series(0::bigint, {last}) AS i"
    day = f"date('{first}', {day} || ' days')"
    at = f"{day} || ' ' || printf('%02d', 9 + (i / {STORES}) % {HOURS}) || ':00:00'"
    return (
        day,
        at,
        f"(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n)",
    )


def refunds(mall_id: int) -> str:
    return (
        f"INSERT INTO payments_refund ({REFUND}) SELECT mall_id, store_id, channel, refunded_fen, day, hour, 'bench',"
        " paid_at, id, transaction_id, paid_at FROM payments_payment"
        f" WHERE mall_id = {mall_id} AND refunded_fen > 0"
    )


def coupons(mall, store: int) -> tuple[str, str]:
    """Of the rules and stocks of the mall, whose ids follow one another."""
    from coupons.models import RuleVersion, Stock

    version = RuleVersion.objects.filter(rule__mall=mall).order_by("pk").first()
    stock, number = Stock.objects.filter(mall=mall).order_by("pk").first(), f"(store_id - {store})"
    return (
        f"INSERT INTO coupons_coupon ({COUPON}) SELECT mall_id, {stock.pk} + {number} % {RULES},"
        f" {version.rule_id} + {number} % {RULES}, {version.pk} + {number} % {RULES}, id, shopper_id, store_id, 1,"
        " 'c' || id, CASE id % 187 WHEN 0 THEN 'redeemed' ELSE 'issued' END, CASE id % 187 WHEN 0 THEN 1 ELSE 0 END,"
        " 1000, paid_at, day, hour, paid_at, '2100-01-01 00:00:00Z' FROM payments_payment"
        f" WHERE mall_id = {mall.pk} AND id % 11 = 0 AND shopper_id IS NOT NULL",
        f"INSERT INTO coupons_redemption ({REDEMPTION}) SELECT mall_id, id, 1, {store} + ({number} + 1) % {STORES},"
        " 6000, 1000, 'r' || id, issued_at, day, hour, 'bench' FROM coupons_coupon"
        f" WHERE mall_id = {mall.pk} AND state = 'redeemed'",
    )


def get_ready(mall) -> None:
    """What a page shows that does not come from the roll-ups: an hour of payments, and the reports made at night."""
    from django.utils import timezone

    from analytics import flow_reports, periods, shopper_reports

    now = timezone.now()
    arrive(mall, now)
    period = periods.chosen(periods.Preset.MONTH, now.date())
    flow_reports.make_now(flow_reports.report_of(mall, period, 24, now=now), now=now)
    report = shopper_reports.latest(mall, now=now, again=False)
    if report is None or report.last_day < now.date():
        shopper_reports.make(mall, now=now)


def arrive(mall, now) -> None:
    """The payments of the hour up to now, as many as in any opening hour of the mall."""
    from mallops import pipeline
    from payments.models import Payment
    from tests.factories import payment_event

    day = Payment.objects.for_mall(mall).filter(day=TODAY - timedelta(days=1), source="bench")
    count, stores = day.count() // HOURS, list(mall.stores.order_by("pk"))
    events = [
        payment_event(
            stores[n % STORES], transaction_id=f"{now.timestamp()}-{n}", shopper=f"live{n}",
            paid_at=now - timedelta(seconds=3600 * n / count),
        )
        for n in range(count)
    ]  # fmt: skip
    pipeline.record_payments(mall.pk, events, source="live", now=now)


def addresses(mall) -> dict[str, Any]:
    """What stands in the addresses of its pages."""
    return {
        "mall": mall.slug,
        "floor": mall.floors.first().code,
        "merchant": mall.merchants.get(code="m0").pk,
        "provider": mall.providers.get(code="p").pk,
    }
