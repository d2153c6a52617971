"""What was booked on accounts, month by month: of closed months it is kept, of the others summed from their entries."""

from collections import defaultdict
from datetime import date

from django.db.models import Max, Q, Sum

from mallops.lib.sql import insert_new
from merchants.models import Mall

from .models import ClosedMonth, Entry, MonthBalance

COLUMNS = ("mall_id", "month", "account_id", "debits_fen", "credits_fen")
Booked = dict[int, tuple[int, int]]  # account id -> debits, credits (fen)


def last_closed(mall: Mall) -> date | None:
    """The first day of the last month that was closed. All before it were too."""
    return ClosedMonth.objects.filter(mall=mall).aggregate(last=Max("month"))["last"]


def after_closed(mall: Mall) -> Q:
    """The months that are not closed."""
    last = last_closed(mall)
    return Q(month__gt=last) if last else Q()


def keep(mall: Mall, month: date) -> None:
    """Write down what a frozen month came to. Part of its closing, in its transaction."""
    sums = of_entries(mall, Q(month=month))
    insert_new(MonthBalance, COLUMNS, [(mall.pk, month, account, *fen) for account, fen in sums.items()], returning=())


def booked(mall: Mall, months: Q) -> Booked:
    """What was booked in some months, by account."""
    opened = after_closed(mall)
    sums = of_entries(mall, months & opened)
    return _added(sums, _kept(mall, months & ~opened)) if opened else sums


def of_entries(mall: Mall, months: Q) -> Booked:
    """The same, from the entries alone."""
    entries = Entry.objects.for_mall(mall).filter(months).order_by()
    debits, credits = (dict(entries.values_list(side).annotate(Sum("amount_fen"))) for side in ("debit", "credit"))
    return {pk: (debits.get(pk, 0), credits.get(pk, 0)) for pk in debits.keys() | credits.keys()}


def _kept(mall: Mall, months: Q) -> Booked:
    rows = MonthBalance.objects.for_mall(mall).filter(months).order_by().values_list("account")
    return {pk: (debits, credits) for pk, debits, credits in rows.annotate(Sum("debits_fen"), Sum("credits_fen"))}


def _added(*parts: Booked) -> Booked:
    sums: Booked = defaultdict(lambda: (0, 0))
    for account, (debits, credits) in (row for part in parts for row in part.items()):
        have = sums[account]
        sums[account] = have[0] + debits, have[1] + credits
    return sums
