"""The payments of a mall by column, in blocks of days, in the order in which they arrived.

Columns, not rows of the ORM: a million payments are read in seconds, and never more than a block is held. A payment
that was brought in long after it was made (an import of old payments) is taken to have arrived when it was made: the
question is what a rule would have done then.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from mallops.lib.columns import Seconds, read_columns
from mallops.lib.dates import LocalClock, day_start
from merchants.models import Store
from merchants.queries.directory import Directory
from payments.models import Payment
from payments.validation import AHEAD

if TYPE_CHECKING:
    import numpy as np

BLOCK_ROWS, BLOCK_DAYS = 50_000, 31  # a block has about so many payments, and at most so many days
EPOCH = date(1970, 1, 1)
READ = ("pk", "store_id", "buyer", "amount_fen", "paid", "recorded")
_QUARTER = 900  # seconds


class Columns(NamedTuple):
    """Payments as columns of whole numbers (numpy, int64) of one length.

    `shopper` is 0 if not known, `amount` fen; `day` and `given_on` (the day of arrival) are local days as numbers since
    1970-01-01, `minute` that of the local day; `paid` and `arrived` are seconds since then, in UTC.
    """

    id: "np.ndarray"
    store: "np.ndarray"
    shopper: "np.ndarray"
    amount: "np.ndarray"
    day: "np.ndarray"
    minute: "np.ndarray"
    paid: "np.ndarray"
    arrived: "np.ndarray"
    given_on: "np.ndarray"

    def only(self, chosen: "np.ndarray") -> "Columns":
        """The payments at these places, or where a mask is true."""
        return Columns(*(column[chosen] for column in self))


def ledger_days(mall_id: int) -> tuple[date, date] | None:
    """The first and the last local day with payments; None without any. Looks at the ends of an index only."""
    paid = Payment.objects.for_mall(mall_id).filter(store=OuterRef("pk"))
    stores = Store.objects.filter(mall=mall_id).annotate(
        first=Subquery(paid.order_by("paid_at").values("day")[:1]),
        last=Subquery(paid.order_by("-paid_at").values("day")[:1]),
    )
    found = stores.aggregate(first_day=Min("first"), last_day=Max("last"))
    return (found["first_day"], found["last_day"]) if found["first_day"] else None


def blocks(directory: Directory, first: date, last: date) -> Iterator[tuple[date, Columns]]:
    """The payments made on the local days `first` to `last` (both included), each block with the day it was read up to.

    A payment may have arrived up to AHEAD before or AWARD_WITHIN_HOURS after it was made, so the latest of a block
    wait for the next one: over all blocks the order is that of arrival.
    """
    stores, waiting, days = list(directory.by_id), None, 1
    day, end = first, last + timedelta(days=1)
    while day < end:
        until = min(day + timedelta(days=days), end)
        found = _read(directory, stores, day, until)
        days = max(1, min(BLOCK_DAYS, 2 * days, days * BLOCK_ROWS // max(1, len(found.id))))
        ready, waiting = _in_order(found, waiting, _settled(until, end, directory))
        yield until, ready
        day = until


def _settled(until: date, end: date, directory: Directory) -> int | None:
    """Up to which second all that arrived has been read, when payments made before a day have; None: everything."""
    return None if until == end else int((day_start(until, directory.time_zone) - AHEAD).timestamp())


def _in_order(found: Columns, waiting: Columns | None, settled: int | None) -> tuple[Columns, Columns | None]:
    """What is ready, in order, and what has to wait."""
    import numpy as np

    if waiting is not None:
        found = Columns(*(np.concatenate(pair) for pair in zip(waiting, found, strict=True)))
    found = found.only(np.lexsort((found.id, found.arrived)))
    if settled is None:
        return found, None
    ready = int(np.searchsorted(found.arrived, settled))
    return found.only(slice(None, ready)), found.only(slice(ready, None))


def _read(directory: Directory, stores: Sequence[int], first: date, until: date) -> Columns:
    """The payments made from one local day on and before another, in no particular order."""
    import numpy as np

    start, end = (day_start(day, directory.time_zone) for day in (first, until))
    rows = _rows(
        Payment.objects.for_mall(directory.mall_id).filter(store__in=stores, paid_at__gte=start, paid_at__lt=end)
    )
    table = read_columns(rows, READ)
    pk, store, shopper, amount, paid, recorded = (np.ascontiguousarray(table[name]) for name in READ)
    day, minute = _local(paid, directory.clock)
    brought_in = recorded > paid + settings.AWARD_WITHIN_HOURS * 3600
    return Columns(
        pk, store, shopper, amount, day, minute, paid, arrived=np.where(brought_in, paid, recorded),
        given_on=np.where(brought_in, day, _local(recorded, directory.clock)[0]),
    )  # fmt: skip


def _rows(chosen: QuerySet[Payment]) -> QuerySet[Payment]:
    """Found by store and time, which is how payments are indexed; SQLite then goes through them by row, in the order
    they lie in the file."""
    if connection.vendor == "sqlite":
        chosen = Payment.objects.filter(pk__in=chosen.order_by().values("pk"))
    return chosen.order_by().annotate(
        buyer=Coalesce("shopper_id", 0), paid=Seconds("paid_at"), recorded=Seconds("recorded_at")
    )


def _local(seconds: "np.ndarray", clock: LocalClock) -> "tuple[np.ndarray, np.ndarray]":
    """The local day (number since 1970-01-01) and minute of the day of each second, looked up once for each quarter of
    an hour: no zone's clock differs from UTC by a part of one (since 1972)."""
    import numpy as np

    quarters, place = np.unique(seconds // _QUARTER, return_inverse=True)
    starts = [datetime.fromtimestamp(quarter * _QUARTER, clock.zone) for quarter in quarters.tolist()]
    days = np.array([day_number(start.date()) for start in starts], dtype=np.int64)
    minutes = np.array([start.hour * 60 + start.minute for start in starts], dtype=np.int64)
    return days[place], minutes[place] + seconds % _QUARTER // 60


def day_number(day: date) -> int:
    return day.toordinal() - EPOCH.toordinal()


def day_of(number: int) -> date:
    return date.fromordinal(number + EPOCH.toordinal())


def days_of(numbers: "np.ndarray") -> list[date]:
    """Each as a date, those of one day as the same one."""
    import numpy as np

    days = {number: day_of(number) for number in np.unique(numbers).tolist()}
    return [days[number] for number in numbers.tolist()]
