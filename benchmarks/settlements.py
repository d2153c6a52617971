"""One month of a mall's books: coupons posted (five entries a redemption, rebates included), rebates accrued, the look
at what is new when nothing is, the month closed and stated, its trial balance, rebates matured. Several sizes show that
it is linear. Needs a database of its own:

    scripts/postgres run python -m benchmarks.settlements [--redemptions 100000 300000 1000000]
    MALLOPS_VAR_DIR=$(mktemp -d) python -m benchmarks.settlements
"""

import argparse
import os
import resource
import time
from datetime import UTC, date, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
STORES, BLOCK = 40, 20_000  # coupons of one block are of one payment
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NOW = MARCH + timedelta(days=31)
STEPS = ("post", "accrue", "again", "close", "mature")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--redemptions", type=int, nargs="+", default=[100_000, 300_000])
    sizes = parser.parse_args().redemptions
    start()
    rows = [measure(number) for number in sorted(sizes)]
    heads = "".join(f"{name + ' s':>10} {'each us':>8}" for name in STEPS)
    print(f"{'redemptions':>12} {heads} {'balance ms':>11} {'MB':>5}")
    for row in rows:
        number = row["number"]
        steps = "".join(f"{row[name]:>10.1f} {row[name] / number * 1e6:>8.0f}" for name in STEPS)
        print(f"{number:>12,} {steps} {row['balance'] * 1e3:>11.0f} {row['mb']:>5.0f}")
    first, last = rows[0], rows[-1]
    for name in STEPS:
        growth = (last[name] / last["number"]) / (first[name] / first["number"])
        print(f"{name}: one of {last['number']:,} over one of {first['number']:,}: {growth:.2f}   (asked: about 1)")


def start() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def measure(number: int) -> dict:
    """Make a mall with so many redemptions in March, and measure: seconds, and the largest memory so far (MB)."""
    from settlements import backfill, maturity, months, rebates
    from settlements.queries.balances import trial_balance

    mall, found = prepare(number), {"number": number}
    entries, found["post"] = timed(lambda: backfill.post_missing(mall.pk, now=NOW))
    assert entries == 3 * number, entries
    made, found["accrue"] = timed(lambda: rebates.accrue(mall, NOW))
    assert made == number, made
    nothing, found["again"] = timed(lambda: rebates.accrue(mall, NOW))
    assert nothing == 0
    closed, found["close"] = timed(lambda: months.close(mall=mall, month=MARCH.date(), by=None, now=NOW))
    early = closed.entries - 4 * number  # matured by the end of March
    _rows, found["balance"] = timed(lambda: trial_balance(mall))
    due, found["mature"] = timed(lambda: maturity.mature(mall, date(2026, 6, 1), now=NOW))
    assert due == number - early, due
    return found | {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def timed(work) -> tuple:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def prepare(number: int):
    """One provider that operates all stores, with tiers, a cap and traffic credits."""
    from django.db import transaction

    from settlements.plans import PlanTerms
    from tests import factories as make

    mall = make.make_mall()
    merchant, category = make.make_merchant(mall=mall), make.make_category(mall=mall)
    stores = [make.make_store(mall=mall, merchant=merchant, category=category) for _ in range(STORES)]
    rule = make.make_rule(mall=mall, stock=make.make_stock(mall=mall, merchant=merchant))
    provider = make.make_provider(mall=mall)
    for store in stores:
        make.make_agreement(provider=provider, store=store)
    terms = PlanTerms(tiers=((0, 100), (50_000_000, 200)), cap_fen=10**10, credits_per_100_yuan=100)
    make.make_plan_offer(provider, terms, state="accepted")
    for first in range(0, number, BLOCK):
        with transaction.atomic():
            use(mall, rule, stores, pay(mall, stores[0]), range(first, min(first + BLOCK, number)))
    return mall


def pay(mall, store):
    from mallops import pipeline
    from payments.models import Payment
    from tests.factories import payment_event

    early = MARCH - timedelta(days=300)
    paid = [payment_event(store, paid_at=early)]
    (receipt,) = pipeline.record_payments(mall.pk, paid, source="benchmark", now=early, award=False)
    return Payment.objects.for_mall(mall).get(pk=receipt.id)


def use(mall, rule, stores, payment, numbers: range) -> None:
    """Coupons used once each, spread over March and the stores."""
    from coupons.models import Coupon, Redemption
    from mallops.lib.sql import insert_new

    (stock,) = rule.version.stocks.all()
    same = {
        "mall_id": mall.pk, "stock_id": stock.pk, "rule_id": rule.pk, "rule_version_id": rule.version_id,
        "payment_id": payment.pk, "shopper_id": payment.shopper_id, "turn": 1, "state": "redeemed", "cost_fen": 1_000,
        "hour": 12, "expires_at": MARCH + timedelta(days=900),
    }  # fmt: skip
    moments = [MARCH + timedelta(seconds=n * 137 % (30 * 86_400)) for n in numbers]
    coupons = [
        (*same.values(), n % BLOCK, stores[n % STORES].pk, f"B{mall.pk}-{n}", at, at.date(), at)
        for n, at in zip(numbers, moments, strict=True)
    ]
    made = insert_new(Coupon, [*same, "serial", "store_id", "code", "issued_at", "day", "valid_from"], coupons)
    uses = [
        (mall.pk, pk, 1, stores[n % STORES].pk, 10_000, 500 + n % 501, f"b{pk}", at, at.date(), 12, "benchmark")
        for n, at, (pk,) in zip(numbers, moments, sorted(made), strict=True)
    ]
    columns = ("mall_id", "coupon_id", "turn", "store_id", "order_fen", "discount_fen", "request_id", "redeemed_at",
               "day", "hour", "source")  # fmt: skip
    insert_new(Redemption, columns, uses, returning=())


if __name__ == "__main__":
    main()
