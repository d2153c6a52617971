"""Entries and what they are the evidence of."""

from datetime import date

from django.db.models import Q, QuerySet

from coupons.codes import normalise
from coupons.models import Coupon, Rule
from merchants.models import Mall, Store
from settlements.models import Account, Entry

RELATED = (
    "debit__merchant", "debit__provider", "debit__mall", "credit__merchant", "credit__provider", "credit__mall",
    "store", "rule", "coupon",
)  # fmt: skip


def entry_rows(
    mall: Mall,
    *,
    account: Account | None = None,
    month: date | None = None,
    kind: str = "",
    store: Store | None = None,
    rule: Rule | None = None,
    search: str = "",
) -> QuerySet[Entry]:
    """The entries of a mall, the newest first: on one side of an account, booked in a month (its first day), of a kind,
    at a store, of a rule; `search` is the code of a coupon as typed."""
    entries = Entry.objects.for_mall(mall).select_related(*RELATED).order_by("-pk")
    given = {"month": month, "kind": kind, "store": store, "rule": rule}
    entries = entries.filter(**{name: value for name, value in given.items() if value})
    if account:
        entries = entries.filter(Q(debit=account) | Q(credit=account))
    if search:
        coupons = Coupon.objects.for_mall(mall).filter(code=normalise(search))
        entries = entries.filter(coupon__in=list(coupons.values_list("pk", flat=True)))
    return entries


def signed_fen(entry: Entry, account: Account) -> int:
    """What an entry adds to the balance of an account (fen)."""
    return entry.amount_fen if entry.credit_id == account.pk else -entry.amount_fen
