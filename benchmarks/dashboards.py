"""Dashboard partials with 100 thousand and with 10 million payments, and against plain ways over the raw rows.

Three malls of 120 stores in one database (`benchmarks.dashboards_data`): 100 thousand payments of 60 days, 100 thousand
of 600 days, and 10 million of 600 days (on SQLite, one million). The large one is measured beside the small one that
has payments on as many of the days shown: for a year, the second.
    scripts/postgres run --durable python -m benchmarks.dashboards [payments of the large mall]

What is in the database already is not made anew; a server that stays can be measured again:
    export MALLOPS_PG_DIR=/tmp/bench; export $(scripts/postgres start)
    python -m benchmarks.dashboards
"""

import os
import statistics
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
SMALL, LARGE, ROUNDS, RAW_ROUNDS = 100_000, 10_000_000, 15, 5
LIMIT_MS, LIMIT_GROWTH, LIMIT_RAW = 150, 1.5, 50
SHORT, LONG = 60, 600  # days
TODAY = date.today()
YEAR = f"?period=custom&start={TODAY - timedelta(days=364)}&end={TODAY}"
MALL, MERCHANT, PROVIDER = "/malls/{mall}/", "/merchants/{merchant}/", "/providers/{provider}/"
PAGES = {
    "overview": MALL,
    "by channel": MALL + "?channel=wechat",
    "returning": MALL + "?newness=returning",
    "one floor": MALL + "?floor={floor}",
    "a year": MALL + YEAR,
    "a store": MALL + "stores/s007/",
    "stores": MALL + "stores/",
    "stores, a year": MALL + "stores/" + YEAR,
    "compare": MALL + "compare/?" + "&".join(f"store=s00{n}" for n in range(5)),
    "floor plan": MALL + "floors/",
    "floor plan, shoppers": MALL + "floors/?metric=shoppers",
    "its shoppers, a year": MALL + "floors/" + YEAR + "&metric=shoppers",
    "categories": MALL + "categories/",
    "categories, a year": MALL + "categories/" + YEAR,
    "hours": MALL + "hours/",
    "hours, one floor": MALL + "hours/?floor={floor}",
    "flow": MALL + "flow/",
    "shoppers": MALL + "shoppers/",
    "shoppers, a year": MALL + "shoppers/" + YEAR,
    "coupon results": MALL + "coupon-results/",
    "refunds": MALL + "refunds/",
    "budgets": MALL + "budgets/",
    "live": MALL + "live/",
    "merchant": MERCHANT,
    "its hours": MERCHANT + "hours/",
    "its shoppers": MERCHANT + "shoppers/",
    "its refunds": MERCHANT + "refunds/",
    "its coupons": MERCHANT + "coupon-results/",
    "its rank": MERCHANT + "rank/",
    "provider": PROVIDER,
    "its coupons ": PROVIDER + "coupon-results/",
}


def main(large: int | None = None) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    large = large or (LARGE if connection.vendor == "postgresql" else 10 * SMALL)
    malls = {mall.slug: mall for mall in ready(large)}
    compare_pages(malls)
    compare_sets(malls)
    compare_raw(malls["large"])


def ready(large: int) -> list:
    """The malls, filled unless they are there, as of now."""
    from django.db import connection

    from benchmarks.dashboards_data import Size, fill, get_ready, told

    sizes = [
        Size("small", SMALL, SHORT, 5_000),
        Size("long", SMALL, LONG, 5_000),
        Size("large", large, LONG if large >= 10 * SMALL else SHORT, max(5_000, large // 50)),
    ]
    malls = [fill(size) for size in sizes]
    for mall in malls:
        with told(f"  {mall.slug}, an hour of payments and the reports"):
            get_ready(mall)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return malls


def compare_pages(malls: Mapping) -> None:
    """Of the parts that htmx asks for: median times, CPU of this process within them, and the bytes of the whole page,
    plain and compressed (shared assets are not in them)."""
    from benchmarks.dashboards_data import addresses

    print(f"{'partial':>22} {'beside':>6} {'100 k':>9} {'large':>9} {'its CPU':>9} growth {'page':>7} {'packed':>7}")
    whole, board = clients()
    slowest, growths = [], []
    for page, path in PAGES.items():
        beside = "long" if "a year" in page else "small"
        urls = [path.format(**addresses(malls[name])) for name in (beside, "large")]
        small, large = side_by_side(*(partial(asked, board, url) for url in urls))
        body = asked(whole, urls[1])
        slowest.append(large.wall)
        growths.append(large.wall / small.wall)
        print(
            f"{page:>22} {beside:>6} {small.wall:>6.1f} ms {large.wall:>6.1f} ms {large.cpu:>6.1f} ms"
            f" {growths[-1]:>6.2f} {len(body) / 1e3:>4.0f} KB {len(zlib.compress(body)) / 1e3:>4.0f} KB", flush=True
        )  # fmt: skip
    print(f"slowest {max(slowest):.0f} ms (asked: below {LIMIT_MS}), growth up to {max(growths):.2f}"
          f" (asked: at most {LIMIT_GROWTH})")  # fmt: skip


def clients() -> list:
    """One that asks for whole pages, one that asks for their parts; of somebody who may see every mall."""
    from django.test import Client

    from merchants.models import User
    from tests.factories import make_user

    who = {"username": "bench", "email": "bench@example.com", "is_superuser": True}
    user = User.objects.filter(**who).first() or make_user(**who)
    found = [Client(), Client(headers={"HX-Request": "true", "HX-Target": "board"})]
    for client in found:
        client.force_login(user)
    return found


def asked(client, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return answer.content


class Median(NamedTuple):
    """Milliseconds."""

    wall: float
    cpu: float


def side_by_side(*works: Callable[[], object], rounds: int = ROUNDS) -> list[Median]:
    """Each in turn, round by round: what disturbs one disturbs all. The first round only warms up."""
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(rounds + 1):
        for work, times in zip(works, taken, strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            times.append(((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3))
    return [Median(*map(statistics.median, zip(*times[1:], strict=True))) for times in taken]


def compare_sets(malls: Mapping) -> None:
    """Counting different shoppers: in all, by day, by store."""
    from analytics.queries import places, visitors
    from analytics.queries.choice import Choice
    from mallops.lib.dates import Period

    print(f"{'shoppers':>22} {'beside':>6} {'100 k':>9} {'large':>9} {'growth':>16}")
    counts = {
        "in all": visitors.shoppers,
        "by day": visitors.by_day,
        "by store": lambda choice: visitors.by_store(choice, choice.stores),
    }
    for days, beside in ((30, "small"), (365, "long")):
        period = Period(TODAY - timedelta(days=days), TODAY)
        choices = [Choice(places.of_mall(malls[name]), period, None) for name in (beside, "large")]
        for name, count in counts.items():
            small, large = (one.wall for one in side_by_side(*(partial(count, choice) for choice in choices)))
            print(f"{f'{name}, {days} days':>22} {beside:>6} {small:>6.1f} ms {large:>6.1f} ms {large / small:>16.2f}")


def compare_raw(mall) -> None:
    """What the overview draws of 30 days and the 30 before: from the roll-ups, and from the payments."""
    from analytics.queries import places
    from analytics.queries.choice import Choice
    from mallops.lib.dates import Period

    period = Period(TODAY - timedelta(days=30), TODAY)
    choice = Choice(places.of_mall(mall), period, period.previous())
    ways = (rolled_sums, grouped_sums, pandas_sums)
    answers = [way(choice) for way in ways]
    assert answers[0] == answers[1] == answers[2], "they do not agree"
    ours, grouped, pandas = (
        one.wall for one in side_by_side(*(partial(way, choice) for way in ways), rounds=RAW_ROUNDS)
    )
    print(f"the overview's sums: from roll-ups {ours:.1f} ms, GROUP BY {grouped:.0f} ms, pandas {pandas:.0f} ms")
    print(
        f"GROUP BY / roll-ups {grouped / ours:.0f} (asked: at least {LIMIT_RAW}), pandas / roll-ups {pandas / ours:.0f}"
    )


Answer = list[dict[tuple, int]]  # takings (fen) by side and day, by side and store, by side, day and hour


def rolled_sums(choice) -> Answer:
    """As the overview reads them."""
    from analytics.queries.sales import hours, sales

    found = sales(choice)
    by_hour = hours(choice, compared=True)
    return [{key: row["gross_fen"] for key, row in cells.items()} for cells in (found.days, found.stores, by_hour)]


def grouped_sums(choice) -> Answer:
    """By the database, from the payments."""
    from django.db.models import Sum

    from payments.models import Payment

    found: Answer = [{}, {}, {}]
    for side, period in enumerate(choice.periods):
        paid = Payment.objects.for_mall(choice.place.mall).filter(day__gte=period.start, day__lt=period.end).order_by()
        for answer, keys in zip(found, (("day",), ("store",), ("day", "hour")), strict=True):
            answer |= {(side, *key): fen for *key, fen in paid.values_list(*keys).annotate(fen=Sum("amount_fen"))}
    return found


def pandas_sums(choice) -> Answer:
    """Of payments read into columns at once, in the fastest way we know (binary COPY on PostgreSQL)."""
    import pandas as pd
    from django.db.models import BigIntegerField
    from django.db.models.functions import Cast

    from analytics.queries.segments import DayNumber
    from coupons.backtest.source import day_number, day_of
    from mallops.lib.columns import read_columns
    from payments.models import Payment

    now, before = choice.periods
    paid = Payment.objects.for_mall(choice.place.mall).filter(day__gte=before.start, day__lt=now.end).order_by()
    rows = paid.annotate(number=DayNumber("day"), at=Cast("hour", BigIntegerField()))
    frame = pd.DataFrame(read_columns(rows, ("number", "store_id", "at", "amount_fen")))
    frame["side"] = (frame["number"] < day_number(now.start)).astype(int)
    sums = [frame.groupby(["side", *keys])["amount_fen"].sum() for keys in (["number"], ["store_id"], ["number", "at"])]
    by_day, by_store, by_hour = (found.to_dict() for found in sums)
    return [
        {(side, day_of(day)): fen for (side, day), fen in by_day.items()},
        by_store,
        {(side, day_of(day), hour): fen for (side, day, hour), fen in by_hour.items()},
    ]


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
