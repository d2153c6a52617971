"""The trial balance: what each account says."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from django.db.models import Q, Sum

from mallops.lib.dates import next_month
from merchants.models import Mall
from settlements.models import Account, AccountKind, Entry

ORDER = list(AccountKind)


class Balance(NamedTuple):
    """An account in a month, in fen: its balance before, what was booked, and its balance after. A balance is credits
    less debits: above zero the mall owes it, or it is earned; below zero it is owed to the mall, or spent."""

    account: Account
    opening_fen: int
    debits_fen: int
    credits_fen: int

    @property
    def balance_fen(self) -> int:
        return self.opening_fen - self.debits_fen + self.credits_fen


def trial_balance(mall: Mall, month: date | None = None) -> list[Balance]:
    """All accounts with entries, by kind and party: in a month (its first day), or over the whole time. The debits
    sum to the credits, the balances to 0."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for side, place, sign in (("debit", 1, -1), ("credit", 2, 1)):
        for account, opening, within in _sums(mall, side, month):
            sums[account][0] += sign * (opening or 0)
            sums[account][place] += within or 0
    accounts = Account.objects.select_related("merchant", "provider", "mall").in_bulk(sums)
    return sorted((Balance(accounts[pk], *row) for pk, row in sums.items()), key=_order)


def _sums(mall: Mall, side: str, month: date | None):
    """By account: what was booked before the month, and in it (fen)."""
    entries = Entry.objects.for_mall(mall).order_by().values_list(side)
    if month is None:
        return entries.annotate(opening=Sum("amount_fen", filter=Q(pk=None)), within=Sum("amount_fen"))
    return entries.filter(month__lte=month).annotate(
        opening=Sum("amount_fen", filter=Q(month__lt=month)), within=Sum("amount_fen", filter=Q(month=month))
    )


def _order(balance: Balance) -> tuple:
    account = balance.account
    return ORDER.index(account.kind), account.provider_id or 0, account.merchant_id or 0


def months_of(mall: Mall) -> list[date]:
    """The first days of all months from the first entry to the last, the newest first."""
    entries = Entry.objects.for_mall(mall).order_by("month").values_list("month", flat=True)
    first, last = entries.first(), entries.last()
    found = [first] if first else []
    while found and found[-1] < last:
        found.append(next_month(found[-1]))
    return found[::-1]
