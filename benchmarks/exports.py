"""A year of payments as a CSV file through the page: the wait for the first line, and memory as the file grows.

    python -m benchmarks.exports                       SQLite, in a directory of its own
    scripts/postgres run python -m benchmarks.exports  PostgreSQL, in a database of its own

Sizes are run in processes of their own, so that each shows its own memory: what the download adds to what the process
held before. Beside it the same lines read at once and written at once.
"""

import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta

from . import children
from .children import STORES, PeakMemory, make_database

NEEDED = 2.0  # seconds to the first line
DAYS = 365
SENTENCE = (
    "{database}, {rows:,} payments: first line after {first:.2f} s, {megabytes:.0f} MB in {whole:.1f} s"
    " ({rate:,.0f} lines/s), memory +{memory:.1f} MB; read at once +{at_once:.0f} MB"
)


def main() -> int:
    results = children.by_rows(__doc__, "exports", measure, [100_000, 1_000_000])
    for result in results:
        print(SENTENCE.format(**result))
    print(f"Needed: the first line below {NEEDED:.0f} s, and about the same memory for each size.")
    return 0 if all(result["first"] < NEEDED for result in results) else 1


def measure(rows: int) -> dict:
    from django.db import connection

    remove = make_database(connection)
    try:
        fill(rows)
        ask()  # what is imported and compiled once is not the download's
        first, whole, size, memory = download(rows)
        at_once = read_at_once()
    finally:
        remove()
    return {
        "database": connection.vendor, "rows": rows, "first": first, "whole": whole, "rate": rows / whole,
        "megabytes": size / 1e6, "memory": memory, "at_once": at_once,
    }  # fmt: skip


def fill(rows: int) -> None:
    """Payments spread evenly over the stores and a year."""
    from django.db import connection, transaction

    from merchants.models import Mall, Store
    from payments.models import Payment

    mall, stores = Mall.objects.get(), list(Store.objects.order_by("pk").values_list("pk", flat=True))
    begin = date.today() - timedelta(days=DAYS - 1)
    with transaction.atomic():
        for start in range(0, rows, 10_000):
            numbers = range(start, min(start + 10_000, rows))
            Payment.objects.bulk_create(_payment(Payment, mall, stores, begin, number, rows) for number in numbers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _payment(model, mall, stores: list[int], begin: date, number: int, rows: int):
    from mallops.lib.dates import day_start

    day = begin + timedelta(days=number * DAYS // rows)
    moment = day_start(day, mall.time_zone) + timedelta(hours=10, seconds=number % 40_000)
    return model(
        mall=mall, store_id=stores[number % STORES], channel="wechat", transaction_id=f"42000{number:023d}",
        amount_fen=500 + number * 7919 % 40_000, paid_at=moment, day=day, hour=10, source="bench", recorded_at=moment,
    )  # fmt: skip


def ask(**fields) -> Iterator[bytes]:
    """The pieces of the answer to the form."""
    from django.test import Client
    from django.urls import reverse

    from merchants.models import User

    client = Client(headers={"host": "localhost"})
    user, _made = User.objects.get_or_create(username="bench", is_superuser=True)
    client.force_login(user)
    today = date.today()
    days = {"start": today - timedelta(days=DAYS - 1), "end": today}
    response = client.post(reverse("analytics:ledger_export", args=["bench"]), {"kind": "payments"} | days | fields)
    assert response.status_code == 200, response.content
    return iter(response.streaming_content)


def download(rows: int) -> tuple[float, float, int, float]:
    """Seconds to the first line and to the last, bytes, and how much memory (MB) it took meanwhile."""
    before = PeakMemory.now()
    with PeakMemory() as memory:
        began, size, lines = time.perf_counter(), 0, 0
        pieces = ask()
        size += len(next(pieces))  # the byte-order mark
        piece = next(pieces)
        first = time.perf_counter() - began
        while piece:
            size, lines = size + len(piece), lines + piece.count(b"\n")
            piece = next(pieces, b"")
        whole = time.perf_counter() - began
    assert lines == rows + 1, lines
    return first, whole, size, max(memory.peak - before, 0)


def read_at_once() -> float:
    """How much memory (MB) the plain way takes: all rows in a list, all lines in a text."""
    from mallops.lib.csvio import csv_lines
    from payments.models import Payment

    before = PeakMemory.now()
    with PeakMemory() as memory:
        rows = list(Payment.objects.values_list("store__code", "channel", "transaction_id", "amount_fen", "paid_at"))
        text = "".join(csv_lines(rows))
        time.sleep(0.2)
    assert text
    return memory.peak - before


if __name__ == "__main__":
    sys.exit(main())
