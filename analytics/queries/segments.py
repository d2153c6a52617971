"""What the shoppers of a mall did in a year, and who of each month came back."""

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, Func, Max, Sum
from django.db.models.functions import Cast
from pyroaring import BitMap64

from analytics.periods import latest
from analytics.queries import visitors
from analytics.segments import COLUMNS, report_of
from coupons.backtest.source import day_number, ledger_days
from mallops.lib.columns import read_columns
from mallops.lib.dates import Period, day_end, day_start, months_between
from merchants.models import Mall
from payments.models import Payment

if TYPE_CHECKING:
    import numpy as np

YEAR = 365  # days
COHORTS = 12  # months shown


class DayNumber(Func):
    """A local day as a number since 1970-01-01 (`coupons.backtest.source.day_number`)."""

    template = "(%(expressions)s - DATE '1970-01-01')::bigint"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(julianday(%(expressions)s) - 2440587.5 AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)


def year_to(last_day: date) -> Period:
    return latest(YEAR, last_day)


def shoppers_of(mall: Mall, period: Period) -> "np.ndarray":
    """A row for each known shopper who paid in the period: on how many days, on which last, how much less refunds."""
    start, end = day_start(period.start, mall.time_zone), day_end(period.last, mall.time_zone)
    paid = Payment.objects.for_mall(mall).filter(paid_at__gte=start, paid_at__lt=end, shopper__isnull=False)
    rows = paid.order_by().values("shopper_id").annotate(
        days=Count("day", distinct=True), last=DayNumber(Max("day")),
        fen=Cast(Sum(F("amount_fen") - F("refunded_fen")), BigIntegerField()),
    )  # fmt: skip
    return read_columns(rows, COLUMNS)


def year_report(mall: Mall, last_day: date) -> dict[str, Any]:
    """The segments and frequencies of the year up to a day, as `ShopperReport.result` keeps them."""
    return report_of(shoppers_of(mall, year_to(last_day)), day_number(last_day))


class Cohort(NamedTuple):
    """Who paid in the mall for the first time on record in `month` (its first day); `back[k]` of them paid in the k-th
    month after it."""

    month: date
    shoppers: int
    back: list[int]


def cohorts(mall: Mall, today: date, shown: int = COHORTS) -> list[Cohort]:
    """The last cohorts, oldest first, each up to the month of `today`; exact at any moment. None without payments."""
    known = ledger_days(mall.pk)
    months = months_between(known[0], today) if known else []
    sets = visitors.of_months(mall, months)
    found, seen = [], BitMap64()
    for place, month in enumerate(months):
        new = sets[place] - seen
        seen |= sets[place]
        if place >= len(months) - shown:
            found.append(Cohort(month, len(new), [len(new & later) for later in sets[place + 1 :]]))
    return found
