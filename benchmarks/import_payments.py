"""The import of payments through the whole door against the plainest bulk load of the same rows.

    python -m benchmarks.import_payments                       SQLite, in a directory of its own
    scripts/postgres run python -m benchmarks.import_payments  PostgreSQL, in a database of its own

The door reads a CSV file, checks every row, writes payments, shoppers and roll-ups (awards off). The plain load puts
the finished rows into the emptied table with its indexes: COPY on PostgreSQL, executemany on SQLite. Sizes are run
in processes of their own, so that each shows its own peak of memory.
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from . import children
from .children import STORES, PeakMemory, make_database

PER_STORE_AND_DAY, SHOPPERS = 90, 25_000
NEEDED = 0.35
SENTENCE = (
    "{database}, {rows:,} rows: door {door:.2f} s ({per_row:.1f} us a row, {decode:.1f} of it decode and check),"
    " {plain_name} {plain:.2f} s, ratio {ratio:.2f}, peak {peak:.0f} MB"
)


def main() -> int:
    results = children.by_rows(__doc__, "import_payments", measure, [200_000, 1_000_000])
    for result in results:
        print(SENTENCE.format(**result))
    print(f"Needed: ratio of at least {NEEDED}, and the same peak for each size.")
    return 0 if all(result["ratio"] >= NEEDED for result in results) else 1


def measure(rows: int) -> dict:
    from django.conf import settings
    from django.db import connection

    file = Path(settings.VAR_DIR) / "payments.csv"
    write_payments(file, rows)
    remove = make_database(connection)
    try:
        decode = decode_only(file)
        with PeakMemory() as memory:
            door = through_the_door(file, rows)
        peak = memory.peak
        plain = plain_load(connection, file.with_suffix(".rows"))
    finally:
        remove()
    return {
        "database": connection.vendor, "rows": rows, "door": door, "per_row": door / rows * 1e6,
        "decode": decode / rows * 1e6, "plain": plain, "ratio": plain / door, "peak": peak,
        "plain_name": "COPY" if connection.vendor == "postgresql" else "executemany",
    }  # fmt: skip


def write_payments(file: Path, rows: int) -> None:
    """Invented payments in the order of time, at shops that open from 10 to 22 o'clock."""
    chance = random.Random(2)
    moment, step = datetime(2026, 1, 1, 10), timedelta(seconds=12 * 3600 / (STORES * PER_STORE_AND_DAY))
    with file.open("w", encoding="utf-8") as out:
        out.write("store,channel,transaction_id,amount,paid_at,shopper\n")
        for number in range(rows):
            moment += step
            if moment.hour >= 22:
                moment += timedelta(hours=12)
            channel = chance.choice(("wechat", "wechat", "alipay", "card"))
            amount = f"{chance.lognormvariate(4.3, 0.8) + 1:.2f}"
            shopper = f"o{int(SHOPPERS * chance.random() ** 1.5):09d}"
            store = f"s{chance.randrange(STORES):03d}"
            out.write(f"{store},{channel},42000{number:023d},{amount},{moment:%Y-%m-%d %H:%M:%S},{shopper}\n")


def new_run():
    from mallops.imports.models import ImportKind, ImportRun
    from merchants.models import Mall

    return ImportRun.objects.create(mall=Mall.objects.get(), kind=ImportKind.PAYMENTS, file_name="payments.csv")


def decode_only(file: Path) -> float:
    from django.utils import timezone

    from mallops.imports.doors import DOORS
    from mallops.lib.csvio import open_csv

    run = new_run()
    with file.open("rb") as stream:
        began = time.perf_counter()
        reader = open_csv(stream)
        door = DOORS[run.kind](run, reader.header, timezone.now())
        while not reader.ended:
            door.decode(reader.take(door.chunk_rows).rows)
        return time.perf_counter() - began


def through_the_door(file: Path, rows: int) -> float:
    from mallops.imports.management.commands.import_csv import Bar
    from mallops.imports.running import run_file

    run = new_run()
    with file.open("rb") as stream:
        began = time.perf_counter()
        run_file(run, stream, Bar(0))
        taken = time.perf_counter() - began
    assert (run.added, run.bad) == (rows, 0), run.message
    return taken


def plain_load(connection, kept: Path) -> float:
    """Seconds to put the rows that are there into the emptied table again."""
    from payments.models import Payment

    columns = ", ".join(field.column for field in Payment._meta.concrete_fields)
    if connection.vendor == "postgresql":
        return _copy(connection, columns, kept)
    return _executemany(connection, columns)


def _copy(connection, columns: str, kept: Path) -> float:
    with connection.cursor() as cursor:
        with kept.open("wb") as out, cursor.copy(f"COPY payments_payment ({columns}) TO STDOUT") as copy:
            for block in copy:
                out.write(block)
        cursor.execute("TRUNCATE payments_payment CASCADE")
        began = time.perf_counter()
        with cursor.copy(f"COPY payments_payment ({columns}) FROM STDIN") as copy:
            for block in blocks(kept):
                copy.write(block)
        return time.perf_counter() - began


def blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(1 << 16):
            yield block


def _executemany(connection, columns: str) -> float:
    connection.ensure_connection()
    raw = connection.connection  # the driver's own connection: nothing of Django in the plain load
    rows = raw.execute(f"SELECT {columns} FROM payments_payment ORDER BY id").fetchall()
    raw.execute("DELETE FROM payments_payment")
    places = ", ".join("?" * len(rows[0]))
    began = time.perf_counter()
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany(f"INSERT INTO payments_payment ({columns}) VALUES ({places})", rows)
    raw.execute("COMMIT")
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
