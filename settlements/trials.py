"""A plan tried on past months: what it would have given each provider, beside what was earned. Nothing is written.

Counted are redemptions that nobody undid so far, at stores operated on their day by a provider not suspended then. A
calendar month of a provider is reckoned as one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from coupons.models import Redemption
from mallops.lib.dates import Period, day_start, first_of_month
from merchants.models import Mall, ServiceProvider

from . import deals
from .models import Accrual
from .openings import openings
from .plans import PlanTerms, base_fen, reward, traffic_credits
from .rebates import operated


class Month(NamedTuple):
    """One provider's month: redemptions and openings, their base, what the plan gives (fen, credits), and what was
    earned by the plan of that time and not taken back."""

    provider: ServiceProvider
    month: date
    redemptions: int
    base_fen: int
    openings: int
    amount_fen: int
    credits: int
    earned_fen: int
    earned_credits: int

    @property
    def change_fen(self) -> int:
        return self.amount_fen - self.earned_fen


def try_plan(mall: Mall, terms: PlanTerms, months: Period) -> list[Month]:
    """What a plan would have given for whole calendar months (`months` begins and ends on the first of one), by month,
    then provider; months in which a provider did nothing are left out."""
    used, opened, earned = _used(mall, months), _openings(mall, months), _earned(mall, months)
    providers = {provider.pk: provider for provider in mall.providers.all()}
    found = [
        _month(providers[pk], month, terms, used[pk, month], opened[pk, month], earned.get((pk, month), (0, 0)))
        for pk, month in {*used, *opened, *earned}
    ]
    return sorted(found, key=lambda row: (row.month, row.provider.code))


def _month(
    provider: ServiceProvider, month: date, terms: PlanTerms, used: Counter, opened: int, earned: tuple
) -> Month:
    number, discount_fen, order_fen = used["number"], used["discount"], used["order"]
    base = base_fen(terms, discount_fen, order_fen)
    amount = reward(terms, base) + opened * terms.opening_fen
    return Month(provider, month, number, base, opened, amount, traffic_credits(terms, base), *earned)


def _used(mall: Mall, months: Period) -> dict[tuple[int, date], Counter]:
    """By provider and month: number of redemptions, their discounts and their orders (fen)."""
    found: dict[tuple[int, date], Counter] = defaultdict(Counter)
    times = {
        "redeemed_at__gte": day_start(months.start, mall.time_zone),
        "redeemed_at__lt": day_start(months.end, mall.time_zone),
    }
    for key, sums in _summed(operated(mall.pk).filter(**times)):
        found[key].update(sums)
    for provider in mall.providers.filter(standing_changes__isnull=False).distinct():
        for start, end in deals.absences(provider):
            away = operated(mall.pk, provider=provider).filter(**times).filter(redeemed_at__gte=start)
            for key, sums in _summed(away.filter(redeemed_at__lt=end) if end else away):
                found[key].subtract(sums)
    return found


def _summed(rows: QuerySet[Redemption]) -> Iterator[tuple[tuple[int, date], dict[str, int]]]:
    sums = rows.order_by().annotate(month=TruncMonth("day")).values_list("store__agreements__provider", "month")
    sums = sums.annotate(number=Count("pk"), discount=Sum("discount_fen"), order=Sum("order_fen"))
    for provider, month, number, discount, order in sums:
        yield (provider, month), {"number": number, "discount": discount, "order": order}


def _openings(mall: Mall, months: Period) -> dict[tuple[int, date], int]:
    found: dict[tuple[int, date], int] = defaultdict(int)
    rows = openings(mall).filter(live_on__gte=months.start, live_on__lt=months.end)
    for provider, live_on in rows.values_list("provider", "live_on"):
        found[provider, first_of_month(live_on)] += 1
    return found


def _earned(mall: Mall, months: Period) -> dict[tuple[int, date], tuple[int, int]]:
    rows = Accrual.objects.for_mall(mall).filter(month__gte=months.start, month__lt=months.end)
    rows = rows.exclude(state=Accrual.State.CLAWED_BACK).order_by().values_list("provider", "month")
    sums = rows.annotate(fen=Sum("amount_fen"), earned=Sum("credits"))
    return {(provider, month): (fen, earned) for provider, month, fen, earned in sums}
