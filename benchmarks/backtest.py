"""A backtest through the whole of its service: time and peak memory by number of payments and of rules.

    python -m benchmarks.backtest                       SQLite, in a directory of its own
    scripts/postgres run python -m benchmarks.backtest  PostgreSQL, in a database of its own

90 days, 120 stores, 25,000 shoppers. The rules are all of one exclusive group, so that each is replayed: five anywhere
in the mall, two of them asking for the shopper's history, the rest at one store each; all with limits of a day, a
shopper and in all. About one payment in five earns an award, which is more than a mall would give. Each size of the
ledger is filled once, in a process of its own; each measurement is another. `cpu` is that of the process: beside other
work, what the seconds would be without it.
"""

import argparse
import json
import sys
import tempfile
import time
from datetime import date, timedelta

from . import children
from .children import PeakMemory

STORES, SHOPPERS, DAYS, ANYWHERE = 120, 25_000, 90, 5
LAST = date(2026, 6, 30)
NEEDED_SECONDS, NEEDED_MB = 10.0, 1_024  # for a million payments against 100 rules


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payments", type=int, nargs="+", default=[250_000, 500_000, 1_000_000])
    parser.add_argument("--rules", type=int, nargs="+", default=[10, 100, 1_000])
    parser.add_argument("--child", choices=["fill", "try"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(child(options.child, options.payments[0], options.rules[0])))
        return 0
    print(f"{'payments':>10} {'rules':>6} {'seconds':>8} {'cpu':>7} {'us/payment':>11} {'peak MB':>8} {'awards':>8}")
    fine = [row for payments in options.payments for row in measure(payments, options.rules)]
    print(f"Needed for a million payments and 100 rules: {NEEDED_SECONDS:.0f} s, {NEEDED_MB} MB.")
    return 0 if all(fine) else 1


def measure(payments: int, sizes: list[int]):
    """Fill one ledger and try each rulebook on it; yields whether what is needed holds."""
    with tempfile.TemporaryDirectory() as directory:
        run_child("fill", payments, 0, directory)
        for rules in sizes:
            found = run_child("try", payments, rules, directory)
            print(
                f"{payments:>10,} {rules:>6,} {found['seconds']:>8.2f} {found['cpu']:>7.2f}"
                f" {found['seconds'] / payments * 1e6:>11.2f} {found['peak']:>8.0f} {found['awards']:>8,}",
                flush=True,
            )
            asked = (payments, rules) == (1_000_000, 100)
            yield not asked or (found["seconds"] <= NEEDED_SECONDS and found["peak"] <= NEEDED_MB)


def run_child(what: str, payments: int, rules: int, directory: str) -> dict:
    sizes = ["--payments", str(payments), "--rules", str(rules)]
    return children.run("backtest", ["--child", what, *sizes], directory)


def child(what: str, payments: int, rules: int) -> dict:
    children.set_up()
    if what == "fill":
        fill(payments)
        return {}
    return try_rules(rules)


# --- The ledger ---


def fill(payments: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from merchants.models import Mall
    from payments.models import Payment, Shopper
    from tests import factories as make

    call_command("migrate", verbosity=0)
    mall = make.make_mall(slug=f"bench-{Mall.objects.count()}", time_zone="UTC")
    merchant, category = make.make_merchant(mall=mall), make.make_category(mall=mall)
    stores = [make.make_store(mall=mall, merchant=merchant, category=category).pk for _ in range(STORES)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Shopper._meta.db_table} (mall_id, created_at)"
            f" SELECT {mall.pk}, '2026-01-01' FROM {numbers(connection.vendor, SHOPPERS)}"
        )
        first = Shopper.objects.for_mall(mall).order_by("pk").first().pk
        moment, day = moments(connection.vendor, payments)
        skewed = "((i * 104729) % 1000) * ((i * 104729) % 1000) / 25"  # 5 to 405 yuan, small ones more often
        cursor.execute(
            f"INSERT INTO {Payment._meta.db_table} (mall_id, store_id, shopper_id, channel, transaction_id, amount_fen,"
            " refunded_fen, paid_at, day, hour, source, recorded_at)"
            f" SELECT {mall.pk}, {stores[0]} + (i * 7919) % {STORES}, {first} + (i * 48271) % {SHOPPERS}, 'wechat',"
            f" 'b' || i, 500 + {skewed}, 0, {moment}, {day}, 10 + (i % 86400) % 12, 'bench', {moment}"
            f" FROM {numbers(connection.vendor, payments)}"
        )
        cursor.execute("ANALYZE")


def numbers(vendor: str, count: int) -> str:
    if vendor == "postgresql":
        return f"generate_series(0::bigint, {count - 1}) AS i"
    return (
        f"(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) SELECT i FROM n) AS n"
    )


def moments(vendor: str, payments: int) -> tuple[str, str]:
    """When payment `i` was made, within the hours it says, and on which day: evenly over the days."""
    first, of_day = LAST - timedelta(days=DAYS - 1), f"i / {-(-payments // DAYS)}"
    minutes = "(10 + (i % 86400) % 12) * 60 + (i * 31) % 60"
    if vendor == "postgresql":
        day = f"(DATE '{first}' + ({of_day})::int)"
        return f"(({day} + make_interval(mins => ({minutes})::int)) AT TIME ZONE 'UTC')", day
    day = f"date('{first}', ({of_day}) || ' days')"
    return f"datetime({day}, ({minutes}) || ' minutes')", day


# --- The rules ---


def try_rules(count: int) -> dict:
    from django.utils import timezone

    from coupons.backtest import services
    from coupons.engine.terms import RuleTerms
    from coupons.models import Backtest, Rule
    from merchants.models import Mall

    mall = Mall.objects.latest("pk")
    rule = make_rules(mall, count)
    terms = RuleTerms.from_json(rule.version.terms)
    backtest = Backtest(
        mall=mall, rule=rule, terms=terms.to_json(), first_day=LAST - timedelta(days=DAYS - 1), last_day=LAST
    )
    with PeakMemory() as memory:
        start, cpu = time.perf_counter(), time.process_time()
        result = services.carry_out(backtest, lambda done, total: None, now=timezone.now())
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    Rule.objects.filter(mall=mall).update(state="ended")
    assert len(result["alongside"]) == count - 1
    return {"seconds": seconds, "cpu": cpu, "peak": memory.peak, "awards": result["awards"]}


def make_rules(mall, count: int):
    """Live rules of one group, each with a stock of its own; gives back the lowest in ranking."""
    from coupons.engine import conditions
    from coupons.engine.terms import Limits
    from tests import factories as make

    stores = list(mall.stores.order_by("pk").values_list("pk", flat=True))
    merchant = mall.merchants.get()
    limits = Limits(quantity=100_000, quantity_per_day=400, per_shopper=20, per_shopper_per_day=1)
    asked = [
        {
            "all": [
                {"fact": "visits", "op": "at_least", "value": 2, "days": 14},
                {"fact": "amount_fen", "op": "at_least", "value": 12_000},
            ]
        },
        {"fact": "spend_fen", "op": "at_least", "value": 50_000, "days": 30, "stores": stores[:20]},
    ]
    places = [{}] * min(count, ANYWHERE) + [{"stores": (stores[n % STORES],)} for n in range(count - ANYWHERE)]
    lowest = None
    for number, place in enumerate(places):
        tree = conditions.from_json(asked[number - 1]) if number in (1, 2) else None
        stock = make.make_stock(mall=mall, merchant=merchant, quantity=10**6, code=f"k{count}-{number}")
        rule = make.make_rule(
            mall=mall, stock=stock, group="bench", priority=number, limits=limits,
            min_fen=25_000 + 500 * (number % 20),
            weekdays=(1, 2, 3, 4, 5) if number % 3 == 1 else (), conditions=tree, holdout_bp=1_000,
            hours=((660, 840), (1_020, 1_260)) if number % 2 else (), **place,
        )  # fmt: skip
        lowest = lowest or rule
    mall.save()
    return lowest


if __name__ == "__main__":
    sys.exit(main())
