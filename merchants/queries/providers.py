"""Service providers with what they do today, by the mall's day, and the applications of those who want to."""

from datetime import date
from typing import NamedTuple

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from mallops.lib import spans
from merchants import access
from merchants.choices import HOLDING, Capability, ProviderState
from merchants.models import Agreement, Mall, ProviderCapability, ServiceProvider

GRANTED = Q(granted_at__isnull=False, revoked_at=None)


def provider_rows(
    mall: Mall, *, search: str = "", standing: str = "", capability: str = ""
) -> QuerySet[ServiceProvider]:
    """The approved providers of a mall, with `running` agreements of today, the number of `served` stores in them,
    and the capabilities they have as `granted`."""
    running = Agreement.objects.filter(access.running(mall), provider=OuterRef("pk")).order_by().values("provider")
    agreements = running.annotate(number=Count("pk")).values("number")
    stores = running.annotate(number=Count("store", distinct=True)).values("number")
    rows = _named(mall, search).filter(state=ProviderState.APPROVED)
    if standing:
        rows = rows.filter(standing=standing)
    if capability:
        rows = rows.filter(pk__in=_granted().filter(capability=capability).values("provider"))
    granted = Prefetch("capabilities", queryset=_granted(), to_attr="granted")
    counted = rows.annotate(running=Coalesce(Subquery(agreements), 0), served=Coalesce(Subquery(stores), 0))
    return counted.select_related("mall").prefetch_related(granted)


def application_rows(mall: Mall, *, search: str = "", state: str = "") -> QuerySet[ServiceProvider]:
    """Who applied at a mall, in any state, newest first, with the capabilities they asked for as `asked`."""
    rows = _named(mall, search).filter(applied_at__isnull=False)
    if state:
        rows = rows.filter(state=state)
    asked = ProviderCapability.objects.filter(asked_at__isnull=False)
    return rows.prefetch_related(Prefetch("capabilities", queryset=asked, to_attr="asked")).order_by("-applied_at")


def applied(mall: Mall) -> QuerySet[ServiceProvider]:
    """Those whose application waits for the mall."""
    return mall.providers.filter(state=ProviderState.APPLIED)


def barred(mall: Mall | int) -> QuerySet[ServiceProvider]:
    """Who may do nothing: not approved, suspended or terminated."""
    return ServiceProvider.objects.filter(mall=mall).exclude(access.active())


class Grant(NamedTuple):
    """Whether a provider has a capability; `row` tells since when, or until when it had it."""

    capability: str
    label: str
    row: ProviderCapability | None

    @property
    def is_granted(self) -> bool:
        return self.row is not None and self.row.is_granted


def grants(provider: ServiceProvider) -> list[Grant]:
    """All capabilities there are, and which of them the provider has."""
    rows = {row.capability: row for row in provider.capabilities.select_related("granted_by")}
    return [Grant(value, label, rows.get(value)) for value, label in Capability.choices]


def agreements_with(provider: ServiceProvider, capability: str, day: date) -> QuerySet[Agreement]:
    """The agreements about a capability that are not over by a day of the mall, those proposed included."""
    rows = provider.agreements.filter(capability=capability, state__in=HOLDING)
    return (
        rows.filter(spans.not_over(day))
        .select_related("mall", "provider", "store__merchant")
        .order_by("store__code", "from_day")
    )


def _granted() -> QuerySet[ProviderCapability]:
    return ProviderCapability.objects.filter(GRANTED).order_by("capability")


def _named(mall: Mall, search: str) -> QuerySet[ServiceProvider]:
    if not search:
        return mall.providers.all()
    fields = ("code", "name_zh", "name_en", "registration_number", "contact_name", "contact_email")
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": search})
    return mall.providers.filter(found)
