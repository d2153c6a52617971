"""What a provider agreed to and when it was away; and its row, held while something is reckoned for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from mallops.lib import spans
from merchants.choices import ProviderState, Standing
from merchants.models import ServiceProvider

from .models import PlanOffer
from .plans import PlanTerms

Absence = tuple[datetime, datetime | None]  # from a moment until before another


@dataclass(frozen=True, slots=True)
class Deal:
    """An accepted offer: what it says, for local days from `from_day` until before `until_day`."""

    offer_id: int
    from_day: date
    until_day: date | None
    terms: PlanTerms

    def covers(self, day: date) -> bool:
        return spans.covers(self.from_day, self.until_day, day)


@dataclass(frozen=True, slots=True)
class Deals:
    """All accepted offers of a provider, and the times in which it earned nothing."""

    deals: Collection[Deal]
    absences: Collection[Absence]

    def on(self, day: date, moment: datetime) -> Deal | None:
        """By what something is rewarded that happened at a moment of a local day."""
        if any(start <= moment and (end is None or moment < end) for start, end in self.absences):
            return None
        return next((deal for deal in self.deals if deal.covers(day)), None)


def of(provider: ServiceProvider) -> Deals:
    if provider.state != ProviderState.APPROVED:
        return Deals((), ())
    rows = provider.plan_offers.filter(state=PlanOffer.State.ACCEPTED).select_related("version")
    deals = [Deal(row.pk, row.from_day, row.until_day, PlanTerms.from_json(row.version.terms)) for row in rows]
    return Deals(deals, absences(provider))


def absences(provider: ServiceProvider) -> list[Absence]:
    """When the provider was suspended or terminated."""
    found: list[Absence] = []
    away = None
    for standing, at in provider.standing_changes.order_by("at", "pk").values_list("standing", "at"):
        is_away = standing in (Standing.SUSPENDED, Standing.TERMINATED)
        if is_away and away is None:
            away = at
        elif not is_away and away is not None:
            found.append((away, at))
            away = None
    return [*found, (away, None)] if away else found


def hold(provider: ServiceProvider) -> ServiceProvider:
    """The provider's row, until the transaction ends."""
    return ServiceProvider.objects.select_for_update().get(pk=provider.pk)


def hold_all(mall_id: int) -> None:
    """The rows of all providers of a mall, against `hold` but not against one another, until the transaction ends."""
    if connection.vendor == "postgresql":
        table = ServiceProvider._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE mall_id = %s ORDER BY id FOR KEY SHARE", [mall_id])
