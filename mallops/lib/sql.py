"""Many rows in one statement, the same on SQLite and PostgreSQL: insert what is new, add to counters.

Both databases speak INSERT ... ON CONFLICT ... RETURNING. A large batch reaches PostgreSQL through COPY into a
temporary table, which is several times faster than parameters.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from itertools import islice

from django.db import connection, models

COPY_FROM = 400  # rows from which COPY beats parameters
MAX_PARAMETERS = 30_000  # SQLite refuses statements with more than 32,766


def insert_new(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[Sequence],
    *,
    conflict: Sequence[str] = (),
    returning: Sequence[str] = ("id",),
) -> list[tuple]:
    """Insert the rows that break no unique constraint on `conflict` (none given: any); give back the new ones.

    `columns` are column names, `rows` tuples in their order. Returns the `returning` columns of each inserted
    row, in no particular order: rows that were there before are missing.
    """
    target = f"({', '.join(conflict)})" if conflict else ""
    tail = f"ON CONFLICT {target} DO NOTHING"
    return _insert(model, columns, rows, tail, returning)


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence], *, returning: Sequence[str] = ()) -> list[tuple]:
    """Insert the rows, all of them."""
    return _insert(model, columns, rows, "", returning)


def add_to(
    model: type[models.Model], keys: Sequence[str], values: Sequence[str], rows: Iterable[Sequence]
) -> None:
    """Add `values` to the rows named by `keys`, making those that are missing.

    Rows are taken in key order, so that two transactions adding to the same rows wait for each other instead of
    locking each other out. No two rows may have the same key.
    """
    table = model._meta.db_table
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in values)
    tail = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"
    _insert(model, [*keys, *values], sorted(rows, key=lambda row: row[: len(keys)]), tail, ())


def _insert(model, columns, rows, tail: str, returning: Sequence[str]) -> list[tuple]:
    table, names = model._meta.db_table, ", ".join(columns)
    if returning:
        tail = f"{tail} RETURNING {', '.join(returning)}"
    found: list[tuple] = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
            staged = stage(cursor, model, columns, rows)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staged} ORDER BY place {tail}")
            found = cursor.fetchall() if returning else []
            cursor.execute(f"DROP TABLE {staged}")
            return found
        if connection.vendor == "sqlite":
            rows = adapt_moments(model, columns, rows)
        for part in chunks(rows, MAX_PARAMETERS // len(columns)):
            one = f"({', '.join(['%s'] * len(columns))})"
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {', '.join([one] * len(part))} {tail}",
                [value for row in part for value in row],
            )
            if returning:
                found += cursor.fetchall()
    return found


def stage(cursor, model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    """Copy rows into a temporary table of this transaction (PostgreSQL only); returns its name.

    Column `place` numbers the rows in their order.
    """
    table = model._meta.db_table
    name = f"staged_{table}"
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {', '.join(columns)}, 0 AS place FROM {table} WHERE false"
    )
    with cursor.copy(f"COPY {name} ({', '.join(columns)}, place) FROM STDIN") as copy:
        for place, row in enumerate(rows):
            copy.write_row((*row, place))
    return name


def adapt_moments(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]) -> list[Sequence]:
    """Rows with their aware moments written as Django writes them to SQLite: in UTC, without the zone."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    places = [place for place, name in enumerate(columns) if isinstance(fields[name], models.DateTimeField)]
    if not places:
        return list(rows)
    adapted = []
    for row in rows:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = str(values[place].astimezone(UTC).replace(tzinfo=None))
        adapted.append(values)
    return adapted


def chunks(rows: Iterable, size: int):
    iterator = iter(rows)
    while part := list(islice(iterator, size)):
        yield part
