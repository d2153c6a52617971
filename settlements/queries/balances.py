"""The trial balance: what each account says."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q

from mallops.lib.dates import next_month
from merchants.models import Mall
from settlements.models import Account, AccountKind, Entry
from settlements.sums import Booked, booked

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
    before = booked(mall, Q(month__lt=month)) if month else {}
    within = booked(mall, Q(month=month) if month else Q())
    found = Account.objects.select_related("merchant", "provider", "mall").in_bulk(before.keys() | within.keys())
    return sorted((_balance(account, before, within) for account in found.values()), key=_order)


def _balance(account: Account, before: Booked, within: Booked) -> Balance:
    debits, credits = before.get(account.pk, (0, 0))
    return Balance(account, credits - debits, *within.get(account.pk, (0, 0)))


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
