"""What a month comes to for each party: the sums that statements are made of."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q, Sum

from merchants.models import Mall

from .models import Account, AccountKind, Entry
from .models.ledger import DUE

ORDER = [AccountKind.REIMBURSEMENT, AccountKind.COST, AccountKind.REBATE, AccountKind.ADJUSTMENT]
Party = tuple[int | None, int | None]  # ids of the merchant, or of the provider


class Figure(NamedTuple):
    """A line to be: entries of a kind on an account, at a store, of a rule; fen, above zero in favour of the party."""

    account: Account
    kind: str
    store_id: int | None
    rule_id: int | None
    count: int
    amount_fen: int

    @property
    def order(self) -> tuple:
        return ORDER.index(self.account.kind), self.kind, self.store_id or 0, self.rule_id or 0


def figures(mall: Mall, month: date, *, accounts: Q | None = None) -> list[Figure]:
    """What the month comes to, by account, kind, store and rule; of all parties, or of those `accounts`. Open months
    can be asked too: what they come to so far."""
    due = Q(mall=mall, kind__in=DUE) & ~Q(merchant=None, provider=None) & (accounts or Q())
    found = Account.objects.filter(due).in_bulk()
    sums: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    entries = Entry.objects.for_mall(mall).filter(month=month).order_by()
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = entries.filter(**{f"{side}__in": found}).values_list(side, "kind", "store", "rule")
        for *key, count, fen in rows.annotate(count=Count("id"), fen=Sum("amount_fen")):
            sums[tuple(key)][0] += count
            sums[tuple(key)][1] += sign * fen
    made = [Figure(found[account], *key, *sums[account, *key]) for account, *key in sums]
    return sorted(made, key=lambda figure: figure.order)


def by_party(mall: Mall, month: date) -> dict[Party, list[Figure]]:
    """The figures of a month for each merchant and provider with entries, as the lines of its statement."""
    parties: dict[Party, list[Figure]] = defaultdict(list)
    for figure in figures(mall, month):
        parties[figure.account.merchant_id, figure.account.provider_id].append(figure)
    return parties
