"""Traffic credits of a provider: each line with what it came from, and boosts."""

from django.db.models import QuerySet, Sum

from coupons.models import Boost
from merchants.models import ServiceProvider
from settlements.models import CreditLine


def line_rows(provider: ServiceProvider, *, kind: str = "") -> QuerySet[CreditLine]:
    rows = CreditLine.objects.for_mall(provider.mall_id).filter(provider=provider)
    return (rows.filter(kind=kind) if kind else rows).order_by("-day", "-pk")


def sums(provider: ServiceProvider) -> dict[str, int]:
    """Credits by kind of line, and `left` of all."""
    rows = CreditLine.objects.for_mall(provider.mall_id).filter(provider=provider).order_by()
    found = dict(rows.values_list("kind").annotate(sum=Sum("credits")))
    return {kind: found.get(kind, 0) for kind in CreditLine.Kind.values} | {"left": sum(found.values())}


def boosts_of(provider: ServiceProvider) -> QuerySet[Boost]:
    return provider.boosts.select_related("rule").order_by("-from_day", "-pk")
