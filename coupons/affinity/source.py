"""What the pairs are found in: the purchases of known shoppers in the last days with data, by store and by category."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from coupons.backtest.source import ledger_days
from coupons.queries.purchases import purchase_columns
from mallops.lib.dates import Period, day_end, day_start
from merchants.models import Mall
from merchants.queries.directory import Directory
from payments.models import Payment

if TYPE_CHECKING:
    import numpy as np

SPAN_DAYS = 180  # looked at, up to the last day with payments


@dataclass(frozen=True, slots=True)
class Purchases:
    """Columns by shopper and time, see `purchase_columns`; `until` is the excluded end of the period in seconds."""

    columns: "np.ndarray"
    period: Period
    until: int


def recent_period(mall: Mall) -> Period | None:
    """The last days with payments, None without any."""
    days = ledger_days(mall.pk)
    if days is None:
        return None
    first, last = days
    return Period(max(first, last - timedelta(days=SPAN_DAYS - 1)), last + timedelta(days=1))


def recent_purchases(mall: Mall, period: Period) -> Purchases:
    """What known shoppers bought and did not give back in full."""
    start, end = day_start(period.start, mall.time_zone), day_end(period.last, mall.time_zone)
    columns = purchase_columns(Payment.objects.for_mall(mall).filter(paid_at__gte=start, paid_at__lt=end))
    return Purchases(columns[columns["net_fen"] > 0], period, int(end.timestamp()))


def categories_of(stores: "np.ndarray", directory: Directory) -> "np.ndarray":
    """The category of each store of a column."""
    import numpy as np

    ids, places = np.unique(stores, return_inverse=True)
    return np.array([directory.category_of[store] for store in ids.tolist()], dtype=np.int64)[places]
