"""The moves between stores in 1,000,000 payments: our report, PostgreSQL's window functions, pandas.

180 days, 300 stores, a shopper for every twelve payments, some far more often; every 40th payment earns a coupon, which
is used at the shopper's next store if that is reached within the time. All three answer the same question, from the
ledger to sums by pair of stores, and the answers are compared.
    scripts/postgres run python -m benchmarks.flow [payments]
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mallops.settings")
PAYMENTS, STORES, DAYS, WITHIN_HOURS, ROUNDS = 1_000_000, 300, 180, 24, 3
FIRST = date(2026, 1, 1)
NEEDED = 3.0  # seconds
Pairs = dict[tuple[int, int], tuple[int, ...]]  # moves, shoppers, fen, driven moves, driven fen

MOVES = """
    WITH steps AS (
        SELECT id, shopper_id, store_id, paid_at, LEAD(store_id) OVER later AS target,
               LEAD(paid_at) OVER later AS reached, LEAD(amount_fen - refunded_fen) OVER later AS fen
        FROM payments_payment
        WHERE mall_id = %(mall)s AND shopper_id IS NOT NULL AND amount_fen > refunded_fen
          AND paid_at >= %(start)s AND paid_at < %(end)s
        WINDOW later AS (PARTITION BY shopper_id ORDER BY paid_at, id)
    ), moves AS (
        SELECT * FROM steps
        WHERE target <> store_id AND reached <= paid_at + %(within)s AND reached >= %(since)s
    ), used AS (
        SELECT coupon.shopper_id, coupon.store_id, redemption.store_id AS target, payment.paid_at AS at
        FROM coupons_redemption AS redemption
        JOIN coupons_coupon AS coupon ON coupon.id = redemption.coupon_id
        JOIN payments_payment AS payment ON payment.id = redemption.payment_id
        WHERE redemption.mall_id = %(mall)s
    )"""
BY_PAIR = f"""{MOVES}, met AS (
        SELECT DISTINCT moves.id FROM moves JOIN used USING (shopper_id, store_id, target)
        WHERE used.at BETWEEN moves.paid_at AND moves.paid_at + %(within)s
    )
    SELECT store_id, target, COUNT(*), COUNT(DISTINCT shopper_id), SUM(fen)::bigint, COUNT(met.id),
           COALESCE(SUM(fen) FILTER (WHERE met.id IS NOT NULL), 0)::bigint
    FROM moves LEFT JOIN met USING (id)
    GROUP BY store_id, target"""
RAW = """
    SELECT id, shopper_id, store_id, extract(epoch FROM paid_at)::bigint AS at, amount_fen - refunded_fen AS fen
    FROM payments_payment
    WHERE mall_id = %(mall)s AND shopper_id IS NOT NULL AND amount_fen > refunded_fen
      AND paid_at >= %(start)s AND paid_at < %(end)s"""


def fill(payments: int):
    """A mall with its ledger; no two payments in the same second of a shopper."""
    from django.db import connection

    from coupons.models import RuleVersion
    from tests import factories as make

    mall = make.make_mall(slug="flow", time_zone="UTC")
    merchant, category = make.make_merchant(mall=mall), make.make_category(mall=mall)
    stores = [make.make_store(mall=mall, merchant=merchant, category=category).pk for _ in range(STORES)]
    stock = make.make_stock(mall=mall, merchant=merchant)
    rule = make.make_rule(mall=mall, stock=stock)
    version = RuleVersion.objects.get(rule=rule)
    every = DAYS * 86_400 / payments  # seconds
    at = f"TIMESTAMPTZ '{FIRST} 00:00:00Z' + make_interval(secs => floor(i * {every}))"
    given = {"mall": mall.pk, "stock": stock.pk, "rule": rule.pk, "version": version.pk} | parameters(mall)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(
            f"WITH made AS (INSERT INTO payments_shopper (mall_id, created_at) SELECT {mall.pk}, now()"
            f" FROM generate_series(1, {payments // 12}) RETURNING id) SELECT min(id) FROM made"
        )
        (first,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO payments_payment (mall_id, store_id, shopper_id, channel, transaction_id, amount_fen,"
            " refunded_fen, paid_at, day, hour, source, recorded_at)"
            f" SELECT {mall.pk}, {stores[0]} + floor({STORES} * random() ^ 1.5)::int,"
            f" {first} + floor({payments // 12} * random() ^ 2)::int, 'wechat', 'b' || i,"
            f" 500 + floor(40000 * random()), 0, {at}, ({at})::date, 12, 'bench', {at}"
            f" FROM generate_series(0, {payments - 1}) AS i"
        )
        cursor.execute("ANALYZE payments_payment")
        cursor.execute(
            "INSERT INTO coupons_coupon (mall_id, stock_id, rule_id, rule_version_id, payment_id, shopper_id, store_id,"
            " serial, code, state, turn, cost_fen, issued_at, day, hour, valid_from, expires_at)"
            " SELECT mall_id, %(stock)s, %(rule)s, %(version)s, id, shopper_id, store_id, 1, 'c' || id, 'redeemed',"
            " 1, 0, paid_at, day, hour, paid_at, paid_at + interval '90 days' FROM payments_payment WHERE id %% 40 = 0",
            given,
        )
        cursor.execute(
            "INSERT INTO coupons_redemption (mall_id, coupon_id, turn, store_id, payment_id, order_fen, discount_fen,"
            " request_id, redeemed_at, day, hour, source) SELECT mall_id, coupon_id, 1, store_id, id, 1, 0,"
            " 'r' || coupon_id, paid_at, day, hour, 'bench' FROM (SELECT *, LAG(coupon) OVER later AS coupon_id,"
            " LAG(store_id) OVER later AS source_id FROM (SELECT payment.*, coupon.id AS coupon FROM payments_payment"
            " AS payment LEFT JOIN coupons_coupon AS coupon ON coupon.payment_id = payment.id) AS paid"
            " WINDOW later AS (PARTITION BY shopper_id ORDER BY paid_at, id)) AS steps"
            " WHERE coupon_id IS NOT NULL AND source_id <> store_id"
        )
        cursor.execute("ANALYZE")
    return mall


def parameters(mall) -> dict:
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC)
    within = timedelta(hours=WITHIN_HOURS)
    return {"mall": mall.pk, "start": start, "since": start, "end": start + timedelta(days=DAYS), "within": within}


def by_report(mall) -> Pairs:
    """Ours, kept as the page reads it."""
    from analytics.models import FlowReport
    from analytics.queries.flow import flows_of
    from mallops.lib.dates import Period

    period = Period(FIRST, FIRST + timedelta(days=DAYS))
    found = flows_of(mall, period, WITHIN_HOURS)
    FlowReport.objects.update_or_create(
        mall=mall, first_day=period.start, last_day=period.last, within_hours=WITHIN_HOURS, defaults={"result": found}
    )
    columns = found["pairs"]
    pairs = zip(columns.pop("source"), columns.pop("target"), strict=True)
    return dict(zip(pairs, zip(*columns.values(), strict=True), strict=True))


def by_window(mall) -> Pairs:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BY_PAIR, parameters(mall))
        return {(source, target): tuple(sums) for source, target, *sums in cursor.fetchall()}


def by_pandas(mall) -> Pairs:
    """The next payment of each by `merge_asof`, as one does; then groupby."""
    import pandas as pd
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(RAW, parameters(mall))
        paid = pd.DataFrame(cursor.fetchall(), columns=["id", "shopper", "store", "at", "fen"])
        cursor.execute(f"{MOVES} SELECT shopper_id, store_id, target, extract(epoch FROM at)::bigint FROM used",
                       parameters(mall))  # fmt: skip
        used = pd.DataFrame(cursor.fetchall(), columns=["shopper", "store", "store_next", "used_at"])
    within = WITHIN_HOURS * 3_600
    paid = paid.sort_values(["at", "id"])
    later = paid[["shopper", "at", "store", "fen"]].rename(columns={"store": "store_next", "fen": "fen_next"})
    later["reached"] = later["at"]
    steps = pd.merge_asof(paid, later, on="at", by="shopper", direction="forward", allow_exact_matches=False,
                          tolerance=within)  # fmt: skip
    moves = steps.dropna(subset=["store_next"]).astype({"store_next": "int64", "fen_next": "int64"})
    moves = moves[moves["store_next"] != moves["store"]]
    met = moves.merge(used, on=["shopper", "store", "store_next"])
    met = met[(met["used_at"] >= met["at"]) & (met["used_at"] <= met["at"] + within)]
    moves["driven"] = moves["id"].isin(met["id"])
    moves["driven_fen"] = moves["fen_next"].where(moves["driven"], 0)
    sums = moves.groupby(["store", "store_next"]).agg(
        moves=("id", "size"), shoppers=("shopper", "nunique"), fen=("fen_next", "sum"), driven=("driven", "sum"),
        driven_fen=("driven_fen", "sum"),
    )  # fmt: skip
    return dict(zip(sums.index, sums.itertuples(index=False, name=None), strict=True))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(payments: int = PAYMENTS) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False
    call_command("migrate", verbosity=0)
    mall = fill(payments)
    ways = {"report": by_report, "window functions": by_window, "pandas": by_pandas}
    answers = {name: way(mall) for name, way in ways.items()}
    moves, driven = (sum(sums[place] for sums in answers["report"].values()) for place in (0, 3))
    same = all(answer == answers["report"] for answer in answers.values())
    print(f"{payments:,} payments, {moves:,} moves, {driven:,} by coupon; the three agree: {same}")
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(seconds(lambda way=way: way(mall)))
    for name, times in taken.items():
        ratio = statistics.median(b / a for a, b in zip(taken["report"], times, strict=True))
        print(f"{name:>17} {statistics.median(times):>6.2f} s {ratio:>6.1f} times the report's")
    print(f"the whole report: {statistics.median(taken['report']):.2f} s   (asked: within {NEEDED:.0f})")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(*(int(size) for size in sys.argv[1:2])))
