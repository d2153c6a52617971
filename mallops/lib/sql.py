"""Many rows in one statement, the same on SQLite and PostgreSQL: insert what is new, add to counters.

Both databases speak INSERT ... ON CONFLICT ... RETURNING. A large batch reaches PostgreSQL through COPY into a
temporary table, which is several times faster than parameters.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain, islice
from typing import Any

from django.db import connection, models

STAGE_FROM = 400  # rows from which COPY into a temporary table and an INSERT from it beat parameters
COPY_FROM = 20  # rows from which COPY straight into the table does
RAW_FROM = 400  # rows from which a statement goes straight to the SQLite driver
KEPT_IDS, KEPT_SECONDS = 50, 5  # so many ids are fetched ahead, and used within that time
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


class Writes:
    """Statements gathered while a batch is worked out, sent together in their order at its end.

    A live payment costs PostgreSQL one round trip for all of them, and what others wait for (limits) is locked last.
    """

    def __init__(self) -> None:
        self._inserts: list[tuple[type[models.Model], Sequence[str], Sequence[Sequence]]] = []
        self._run: list[tuple[str, Sequence[Any]]] = []
        self._checked: list[tuple[str, Sequence[Any], int, type[Exception]]] = []

    def insert(self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]) -> None:
        """Insert the rows, all of them."""
        if rows:
            self._inserts.append((model, columns, rows))

    def run(self, sql: str, parameters: Sequence[Any]) -> None:
        """Run a statement after all inserts."""
        self._run.append((sql, parameters))

    def check(self, sql: str, parameters: Sequence[Any], rows: int, otherwise: type[Exception]) -> None:
        """Run a statement after all others; raise `otherwise` unless it changed just so many rows."""
        self._checked.append((sql, parameters, rows, otherwise))

    def flush(self) -> None:
        """Send everything. Raises what a check says; the caller's transaction then has to be rolled back."""
        inserts, run, checked = self._inserts, self._run, self._checked
        self._inserts, self._run, self._checked = [], [], []
        if connection.vendor == "postgresql":
            _send_together(inserts, run, checked)
        else:
            _send_one_by_one(inserts, run, checked)


def _send_together(inserts: list, run: list, checked: list) -> None:
    statements = []
    with connection.cursor() as cursor:
        for model, columns, rows in inserts:
            if len(rows) >= COPY_FROM:
                copy(model, columns, rows)
            else:
                statements.append(_statement(cursor, model, columns, rows, "")[0])
        statements += [cursor.mogrify(sql, values) for sql, values, *_check in [*run, *checked]]
        if not statements:
            return
        cursor.execute("; ".join(statements))
        for _ in range(len(statements) - len(checked)):
            cursor.nextset()
        for _sql, _values, rows, otherwise in checked:
            if cursor.rowcount != rows:
                raise otherwise
            cursor.nextset()


def _send_one_by_one(inserts: list, run: list, checked: list) -> None:
    for model, columns, rows in inserts:
        _insert(model, columns, rows, "", ())
    with connection.cursor() as cursor:
        for sql, values in run:
            cursor.execute(sql, values)
        for sql, values, rows, otherwise in checked:
            cursor.execute(sql, values)
            if cursor.rowcount != rows:
                raise otherwise


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids for rows that are to be inserted with them, so that others can point at them in the same round trip.

    On PostgreSQL a few are fetched ahead and kept for some seconds: a live payment seldom asks for its own, and ids
    stay nearly in the order of time. Those not used are lost, which costs nothing. On SQLite in a transaction.
    """
    if connection.vendor == "sqlite":
        return _reserve_in_sqlite(model._meta.db_table, count)
    kept = _kept_ids()
    until, ids = kept.get(model, (0.0, []))
    if len(ids) < count or time.monotonic() > until:
        until, ids = time.monotonic() + KEPT_SECONDS, _next_ids(model._meta.db_table, max(count, KEPT_IDS))
    kept[model] = (until, ids[count:])
    return ids[:count]


_kept = threading.local()


def _kept_ids() -> dict[type[models.Model], tuple[float, list[int]]]:
    """Of this thread, this process and this database."""
    of = (os.getpid(), connection.settings_dict["NAME"])
    if getattr(_kept, "of", None) != of:
        _kept.of, _kept.ids = of, {}
    return _kept.ids


def _next_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [pk for (pk,) in cursor.fetchall()]


def _reserve_in_sqlite(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
        rows = cursor.fetchall()
        if not rows:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        last = rows[0][0] if rows else count
    return list(range(last - count + 1, last + 1))


def add_to(model: type[models.Model], keys: Sequence[str], values: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Add `values` to the rows named by `keys`, making those that are missing.

    Rows are taken in key order, so that two transactions adding to the same rows wait for each other instead of
    locking each other out. No two rows may have the same key.
    """
    table = model._meta.db_table
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in values)
    tail = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sums}"
    _insert(model, [*keys, *values], sorted(rows, key=lambda row: row[: len(keys)]), tail, ())


def overwrite(model: type[models.Model], keys: Sequence[str], values: Sequence[str], rows: Sequence[Sequence]) -> None:
    """Set `values` of the rows named by `keys`, making those that are missing. No two rows may have the same key."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in values)
    tail = f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {sets}"
    _insert(model, [*keys, *values], rows, tail, ())


def _insert(model, columns, rows, tail: str, returning: Sequence[str]) -> list[tuple]:
    table, names = model._meta.db_table, ", ".join(columns)
    if returning:
        tail = f"{tail} RETURNING {', '.join(returning)}"
        if len(rows) == 1 and connection.vendor == "postgresql":
            return ask(f"{_start(model, columns)} ({', '.join(['%s'] * len(columns))}) {tail}", rows[0])
    found: list[tuple] = []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= STAGE_FROM:
            staged = stage(cursor, model, columns, rows)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staged} ORDER BY place {tail}")
            found = cursor.fetchall() if returning else []
            cursor.execute(f"DROP TABLE {staged}")
            return found
        for part in chunks(rows, MAX_PARAMETERS // len(columns)):
            if connection.vendor == "sqlite" and len(part) >= RAW_FROM:
                done = _raw_insert(model, columns, part, tail)
            else:
                cursor.execute(*_statement(cursor, model, columns, part, tail))
                done = cursor
            if returning:
                found += done.fetchall()
    return found


def _raw_insert(model, columns, rows, tail: str):
    """The statement straight to the SQLite driver with its own placeholders: Django's cursor spends a tenth of the
    time of an import looking for its own in such long statements."""
    one = f"({', '.join(['?'] * len(columns))})"
    with connection.wrap_database_errors:
        return connection.connection.execute(
            f"{_start(model, columns)} {', '.join([one] * len(rows))} {tail}", _sqlite_values(model, columns, rows)
        )


def _statement(cursor, model, columns, rows, tail: str) -> tuple[str, list | None]:
    """One INSERT of all rows, and its parameters. For PostgreSQL the values are put in row by row beforehand: the
    driver takes its time to parse a statement, and knows the one of a row already."""
    one = f"({', '.join(['%s'] * len(columns))})"
    if connection.vendor == "postgresql":
        return f"{_start(model, columns)} {', '.join([cursor.mogrify(one, row) for row in rows])} {tail}", None
    return f"{_start(model, columns)} {', '.join([one] * len(rows))} {tail}", _sqlite_values(model, columns, rows)


def _start(model, columns) -> str:
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES"


def copy(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]) -> None:
    """Insert rows straight into the table by COPY (PostgreSQL only)."""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN") as stream:
            for row in rows:
                stream.write_row(row)


def stage(cursor, model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]) -> str:
    """Copy rows into a temporary table of this transaction (PostgreSQL only); returns its name.

    Column `place` numbers the rows in their order.
    """
    table = model._meta.db_table
    name = f"staged_{table}"
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS"
        f" SELECT {', '.join(columns)}, 0 AS place FROM {table} WHERE false"
    )
    with cursor.copy(f"COPY {name} ({', '.join(columns)}, place) FROM STDIN") as stream:
        for place, row in enumerate(rows):
            stream.write_row((*row, place))
    return name


def _sqlite_values(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence]) -> list:
    """The values of all rows one after the other, moments and days as the texts Django writes to SQLite."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    by_column: list[Sequence] = list(zip(*rows, strict=True))
    for place, name in enumerate(columns):
        if isinstance(fields[name], models.DateTimeField):
            by_column[place] = _written(by_column[place], _sqlite_moment)
        elif isinstance(fields[name], models.DateField):
            by_column[place] = _written(by_column[place], date.isoformat)
    return list(chain.from_iterable(zip(*by_column, strict=True)))


def _sqlite_moment(moment: datetime) -> str:
    """An aware moment as Django writes it to SQLite: in UTC, without the zone."""
    return moment.astimezone(UTC).isoformat(" ")[: -len("+00:00")]


def _written(values: Iterable, write: Callable[[Any], str]) -> list[str | None]:
    """Texts of values. Neighbours are often the same object: a batch has one moment of arrival and few days."""
    texts: list[str | None] = []
    last = text = None
    for value in values:
        if value is not last:
            last, text = value, None if value is None else write(value)
        texts.append(text)
    return texts


def stream_binary(sql: str, parameters: Sequence[Any], types: Sequence[str]) -> Iterator[tuple]:
    """The rows of a query with long values of bytes, while they come in; `types` are those of PostgreSQL for its
    columns. Until the last row nothing else can be asked.

    Results usually come as text: bytes are twice as long then, and take several times as long.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute(sql, parameters)
            yield from cursor.fetchall()
            return
        with cursor.copy(f"COPY ({cursor.mogrify(sql, parameters)}) TO STDOUT (FORMAT BINARY)") as out:
            out.set_types(types)
            yield from out.rows()


def ask(sql: str, parameters: Sequence[Any]) -> list[tuple]:
    """The rows of a statement that every live payment runs, always with the same text. PostgreSQL compiles it once per
    connection (see DATABASE_PREPARE), which costs more than running it."""
    with _prepared_cursor() if connection.vendor == "postgresql" else connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _prepared_cursor():
    """As `connection.cursor()`, but values are bound and statements kept by the server. Where statements are logged it
    is the ordinary one, for what was prepared cannot be told from its cursor."""
    if connection.queries_logged:
        return connection.cursor()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection.make_cursor(_prepared()(connection.connection))


@cache
def _prepared() -> type:
    import psycopg

    class Prepared(psycopg.Cursor):
        def execute(self, query, params=None):
            return super().execute(query, params, prepare=True)

    return Prepared


def is_any(column: str, values: Iterable[str]) -> tuple[str, Any]:
    """The condition that a text column is one of many values, and its one parameter."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(list(values))


def chunks(rows: Iterable, size: int):
    iterator = iter(rows)
    while part := list(islice(iterator, size)):
        yield part
