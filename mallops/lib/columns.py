"""Many rows as columns of numbers, past the ORM: an object for each value of a million rows takes seconds."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import BigIntegerField, Func, QuerySet

if TYPE_CHECKING:
    import numpy as np

HEADER, TRAILER = 19, 2  # bytes around the rows of a binary COPY
ARRAY_HEADER = 20  # bytes before the values of an array
ARRAY = 20_000  # rows


class Seconds(Func):
    """A moment as whole seconds since 1970 (UTC), counted by the database."""

    template = "floor(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler, connection, **context):
        """Cut to whole seconds first: SQLite would round the last half millisecond up."""
        whole = "substr(%(expressions)s, 1, 19)"
        is_new = connection.Database.sqlite_version_info >= (3, 38)
        template = f"unixepoch({whole})" if is_new else f"CAST(strftime('%%%%s', {whole}) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template)


def read_columns(rows: QuerySet, names: Sequence[str]) -> "np.ndarray":
    """Whole-number (bigint) fields of the rows, none of them null, as a structured array of int64."""
    import numpy as np

    sql, parameters = rows.values_list(*names).query.sql_with_params()
    read = _copied if connection.vendor == "postgresql" else _joined
    return read(sql, parameters, np.dtype([(name, np.int64) for name in names]))


def _joined(sql: str, parameters: Sequence, dtype: "np.dtype") -> "np.ndarray":
    """As one text for each column, made by SQLite and read by numpy: half the time that rows take."""
    import numpy as np

    places = [f"c{place}" for place in range(len(dtype.names))]
    texts = ", ".join(f"group_concat({place})" for place in places)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH t({', '.join(places)}) AS ({sql}) SELECT count(*), {texts} FROM t", parameters)
        count, *columns = cursor.fetchone()
    table = np.empty(count, dtype)
    for name, text in zip(dtype.names, columns, strict=True):
        table[name] = np.fromstring(text or "", np.int64, sep=",")
    return table


def _copied(sql: str, parameters: Sequence, dtype: "np.dtype") -> "np.ndarray":
    """By binary COPY of arrays with ARRAY rows each: to receive a million rows one by one takes seconds. Each value
    comes with its place in the order of the query."""
    import numpy as np

    names = ", ".join(f'"{name}"' for name in dtype.names)
    arrays = ", ".join(f'array_agg("{name}")' for name in ("place", *dtype.names))
    with connection.cursor() as cursor:
        rows = f"({cursor.mogrify(sql, parameters)}) AS found ({names})"
        placed = f"(SELECT *, row_number() OVER () - 1 AS place FROM {rows}) AS placed"
        chunks = f"SELECT {arrays} FROM {placed} GROUP BY place / {ARRAY}"
        with cursor.copy(f"COPY ({chunks}) TO STDOUT (FORMAT BINARY)") as out:
            data = b"".join(out)
    parts = list(_arrays(data, 1 + len(dtype.names)))
    table = np.empty(sum(len(places) for places, *_values in parts), dtype)
    for places, *columns in parts:
        for name, values in zip(dtype.names, columns, strict=True):
            table[name][places] = values
    return table


def _arrays(data: bytes, width: int) -> "Iterator[list[np.ndarray]]":
    """The arrays of each row of a binary COPY: a number of fields, then each with its size, its own header, and a size
    before each whole number."""
    import numpy as np

    element, at = np.dtype([("size", ">i4"), ("value", ">i8")]), HEADER
    while at < len(data) - TRAILER:
        at, row = at + 2, []
        for _ in range(width):
            size = int.from_bytes(data[at : at + 4])
            row.append(np.frombuffer(data, element, (size - ARRAY_HEADER) // element.itemsize, at + 4 + ARRAY_HEADER))
            at += 4 + size
        yield [values["value"] for values in row]
