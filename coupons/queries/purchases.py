"""Payments of known shoppers as columns, for studies that look at many at once."""

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import BigIntegerField, F, Func, QuerySet

from payments.models import Payment

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("pk", "shopper_id", "store_id", "at", "net_fen")
HEADER, TRAILER = 19, 2  # bytes around the rows of a binary COPY


class Seconds(Func):
    """A moment as whole seconds since 1970 (UTC), counted by the database."""

    template = "floor(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler, connection, **context):
        """Cut to whole seconds first: SQLite would round the last half millisecond up."""
        whole = "substr(%(expressions)s, 1, 19)"
        return self.as_sql(compiler, connection, template=f"CAST(strftime('%%%%s', {whole}) AS INTEGER)")


def purchase_columns(payments: QuerySet[Payment]) -> "np.ndarray":
    """The payments that have a shopper, by shopper and time: a structured array of `pk`, `shopper_id`, `store_id`,
    `at` (seconds since 1970) and `net_fen` (amount less what was refunded of it). 40 bytes for each."""
    import numpy as np

    known = payments.filter(shopper__isnull=False).order_by()
    rows = known.annotate(at=Seconds("paid_at"), net_fen=F("amount_fen") - F("refunded_fen")).values_list(*COLUMNS)
    read = _copied if connection.vendor == "postgresql" else _fetched
    table = read(rows, np.dtype([(name, np.int64) for name in COLUMNS]))
    return table[np.lexsort((table["pk"], table["at"], table["shopper_id"]))]


def _fetched(rows: QuerySet, dtype: "np.dtype") -> "np.ndarray":
    import numpy as np

    return np.fromiter(rows.iterator(chunk_size=20_000), dtype=dtype)


def _copied(rows: QuerySet, dtype: "np.dtype") -> "np.ndarray":
    """By binary COPY, whose rows of whole numbers all have one length: a number of fields, then each with its size.
    Making Python objects of a million rows takes seconds."""
    import numpy as np

    sql, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters)
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as stream:
            data = b"".join(stream)
    fields = [field for name in dtype.names for field in ((f"{name} size", ">i4"), (name, ">i8"))]
    raw = np.frombuffer(memoryview(data)[HEADER:-TRAILER], dtype=[("fields", ">i2"), *fields])
    return raw[list(dtype.names)].astype(dtype)
