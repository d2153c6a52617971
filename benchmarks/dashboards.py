"""Dashboard partials with 100 thousand and with 10 million payments, and against GROUP BY over the raw rows.

Two malls of 120 stores in one database: 100 thousand payments of 60 days, and 10 million of 600 days. In both,
every store sells in every opening hour of the days shown, so that the roll-ups read have the same number of rows;
payments come by three channels, from 5 thousand shoppers in the one and 200 thousand in the other.
    scripts/postgres run --durable python -m benchmarks.dashboards [payments of the large mall]
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
SMALL, LARGE, STORES, HOURS, ROUNDS = 100_000, 10_000_000, 120, 13, 15
SHOPPERS = {SMALL: 5_000}  # by number of payments
MANY_SHOPPERS = 200_000
TODAY = date.today()
YEAR = f"?period=custom&start={TODAY - timedelta(days=364)}&end={TODAY}"
PAGES = {
    "overview": "", "by channel": "?channel=wechat", "returning": "?newness=returning", "a year": YEAR,
    "stores": "stores/", "categories": "categories/", "coupon results": "coupon-results/", "shoppers": "shoppers/",
    "hours": "hours/",
}  # fmt: skip


def fill(mall, stores: list[int], payments: int, days: int) -> None:
    """Payments spread evenly over the stores, the opening hours and the days before today."""
    from django.db import connection

    from analytics import recount

    people = add_shoppers(mall, SHOPPERS.get(payments, MANY_SHOPPERS))
    rows = (
        f"SELECT %s, %s + i %% {STORES}, CASE i %% 7 WHEN 0 THEN 'cash' WHEN 1 THEN 'alipay' ELSE 'wechat' END,"
        f" {people[0]} + (i * 7919 / 3) %% {len(people)}, 'b' || i, 500 + (i * 7919) %% 40000, 0, {{at}}, {{day}},"
        f" 9 + (i / {STORES}) %% {HOURS}, 'bench', {{at}} FROM {{numbers}}"
    )
    columns = (
        "mall_id, store_id, channel, shopper_id, transaction_id, amount_fen, refunded_fen, paid_at, day, hour, source"
    )
    first = TODAY - timedelta(days=days)
    if connection.vendor == "postgresql":
        day = f"(DATE '{first}' + (i / {payments // days})::int)"
        sql = rows.format(
            day=day,
            at=f"({day} + make_interval(hours => 9 + ((i / {STORES}) %% {HOURS})::int)) AT TIME ZONE 'UTC'",
            numbers=f"generate_series(0::bigint, {payments - 1}) AS i",
        )
    else:
        day = f"date('{first}', (i / {payments // days}) || ' days')"
        sql = rows.format(
            day=day,
            at=f"{day} || ' ' || printf('%%02d', 9 + (i / {STORES}) %% {HOURS}) || ':00:00'",
            numbers="(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
            f" WHERE i < {payments - 1}) SELECT i FROM n)",
        )
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO payments_payment ({columns}, recorded_at) {sql}", [mall.pk, stores[0]])
        cursor.execute("ANALYZE")
    recount.rebuild(mall.pk, first_days=True)


def add_shoppers(mall, count: int) -> list[int]:
    """So many shoppers; their ids follow one another."""
    from django.db import transaction
    from django.utils import timezone

    from mallops.lib.sql import insert_new
    from payments.models import Shopper

    with transaction.atomic():
        made = insert_new(Shopper, ("mall_id", "created_at"), [(mall.pk, timezone.now())] * count)
    return sorted(pk for (pk,) in made)


def raw_sums(mall, days: int) -> None:
    """What the overview draws, straight from the payments: by day, by store, by weekday and hour."""
    from django.db.models import Count, Sum

    from payments.models import Payment

    figures = {"n": Count("id"), "fen": Sum("amount_fen")}
    paid = Payment.objects.for_mall(mall).order_by().filter(day__gt=TODAY - timedelta(days=2 * days), day__lte=TODAY)
    for grouping in (("day",), ("store",), ("day", "hour")):
        list(paid.values(*grouping).annotate(**figures))


def rolled_sums(choice) -> None:
    """The same from the roll-ups, as the overview reads them."""
    from analytics.queries.sales import hours, sales

    sales(choice)
    hours(choice)


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def main(large: int = LARGE) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from tests import factories as make

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    user = make.make_user(is_superuser=True)
    client = Client(headers={"HX-Request": "true", "HX-Target": "board"})
    client.force_login(user)
    malls = {}
    for name, payments in (("small", SMALL), ("large", large)):
        mall = make.make_mall(slug=name, time_zone="UTC")
        merchant, category = make.make_merchant(mall=mall), make.make_category(mall=mall)
        stores = [make.make_store(mall=mall, merchant=merchant, category=category).pk for _ in range(STORES)]
        days = max(60, 60 * payments // (SMALL * 10))
        took = milliseconds(partial(fill, mall, stores, payments, days)) / 1e3
        print(f"{name}: {payments:,} payments over {days} days, made in {took:.0f} s", flush=True)
        malls[name] = mall
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    compare_sizes(client)
    compare_sets(malls)
    compare_raw(malls["large"])


def compare_sizes(client) -> None:
    print(f"{'partial':>16} {'small':>9} {'large':>9} {'large / small':>14}   (asked: below 1.5)")
    for page, path in PAGES.items():
        times: dict[str, list[float]] = {"small": [], "large": []}
        for _ in range(ROUNDS + 1):
            for mall, taken in times.items():
                taken.append(milliseconds(lambda m=mall, p=path: client.get(f"/malls/{m}/{p}")))
        small, large = (statistics.median(taken[1:]) for taken in times.values())
        growth = statistics.median(b / a for a, b in zip(times["small"][1:], times["large"][1:], strict=True))
        print(f"{page:>16} {small:>6.1f} ms {large:>6.1f} ms {growth:>14.2f}")


def compare_sets(malls: dict) -> None:
    """Counting different shoppers: in all, by day, by store."""
    from analytics.queries import places, visitors
    from mallops.lib.dates import Period

    print(f"{'shoppers':>24} {'small':>9} {'large':>9} {'large / small':>14}")
    for days in (30, 365):
        for name, count in (
            ("in all", visitors.shoppers),
            ("by day", visitors.by_day),
            ("by store", lambda choice: visitors.by_store(choice, choice.stores)),
        ):
            times: dict[str, list[float]] = {key: [] for key in malls}
            for _ in range(ROUNDS):
                for key, mall in malls.items():
                    period = Period(TODAY - timedelta(days=days), TODAY)
                    choice = places.Choice(places.of_mall(mall), period, None)
                    times[key].append(milliseconds(partial(count, choice)))
            small, large = (statistics.median(taken) for taken in times.values())
            print(f"{name + f', {days} days':>24} {small:>6.1f} ms {large:>6.1f} ms {large / small:>14.2f}")


def compare_raw(mall) -> None:
    from analytics.queries import places
    from mallops.lib.dates import Period

    period = Period(TODAY - timedelta(days=29), TODAY + timedelta(days=1))
    choice = places.Choice(places.of_mall(mall), period, period.previous())
    rolled, raw = [], []
    for _ in range(9):
        rolled.append(milliseconds(lambda: rolled_sums(choice)))
        raw.append(milliseconds(lambda: raw_sums(mall, 30)))
    ratio = statistics.median(b / a for a, b in zip(rolled, raw, strict=True))
    ours, theirs = statistics.median(rolled), statistics.median(raw)
    print(f"the overview's sums from roll-ups {ours:.1f} ms, by GROUP BY {theirs:.0f} ms")
    print(f"GROUP BY / roll-ups {ratio:.0f}   (asked: at least 50)")


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
