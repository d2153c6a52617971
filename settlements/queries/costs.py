"""What coupons cost a merchant or a provider: the entries that its statements sum."""

from collections import Counter
from collections.abc import Collection, Iterable

from django.db.models import Sum

from mallops.lib.dates import Period, first_of_month
from merchants.models import Merchant, ServiceProvider
from merchants.services.members import kind_of
from settlements.models import Account, AccountKind, Entry

from .balances import months_of


def costs_by_rule(
    party: Merchant | ServiceProvider, periods: Iterable[Period], rules: Collection[int]
) -> dict[tuple[int, int], int]:
    """The party's parts of discounts, less those of redemptions undone, in fen by place of the period and rule (id).
    By the local day on which they happened: what was booked in a later month counts too."""
    own = {kind_of(party): party, "kind": AccountKind.COST}
    account = Account.objects.filter(mall=party.mall_id, **own).first()
    months = months_of(party.mall) if account else []
    found: Counter[tuple[int, int]] = Counter()
    for place, period in enumerate(periods if account else ()):
        booked = [month for month in months if month >= first_of_month(period.start)]
        entries = Entry.objects.for_mall(party.mall_id).filter(month__in=booked, rule__in=rules)
        entries = entries.filter(day__gte=period.start, day__lt=period.end).order_by()
        for side, sign in (("debit", 1), ("credit", -1)):
            for rule, fen in entries.filter(**{side: account}).values_list("rule").annotate(Sum("amount_fen")):
                found[place, rule] += sign * fen
    return dict(found)
