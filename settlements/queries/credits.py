"""Traffic credits of a provider: each line with what it came from, and boosts."""

from django.db.models import Case, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Right

from coupons.models import Boost
from merchants.models import ServiceProvider
from settlements.models import Accrual, CreditLine


def line_rows(provider: ServiceProvider, *, kind: str = "") -> QuerySet[CreditLine]:
    """Lines, newest first, each with what it came of: `coupon` (the end of its code), or `payment` (transaction id) of
    an opening, with `store` and `rule` (ids); of what was spent the `rule` that it raised."""
    spent = CreditLine.Kind.SPENT
    accruals = Accrual.objects.for_mall(provider.mall_id).filter(pk=OuterRef("source_id"))
    boosts = provider.boosts.filter(pk=OuterRef("source_id"))
    accruals = accruals.annotate(ending=Right("redemption__coupon__code", 4))

    def earned(name: str, otherwise: Subquery | None = None) -> Case:
        return Case(When(kind=spent, then=otherwise), default=Subquery(accruals.values(name)))

    rows = CreditLine.objects.for_mall(provider.mall_id).filter(provider=provider)
    rows = rows.annotate(
        coupon=earned("ending"), payment=earned("payment__transaction_id"), store=earned("store"),
        rule=earned("redemption__coupon__rule", Subquery(boosts.values("rule"))),
    )  # fmt: skip
    return (rows.filter(kind=kind) if kind else rows).order_by("-day", "-pk")


def sums(provider: ServiceProvider) -> dict[str, int]:
    """Credits by kind of line, and `left` of all."""
    rows = CreditLine.objects.for_mall(provider.mall_id).filter(provider=provider).order_by()
    found = dict(rows.values_list("kind").annotate(sum=Sum("credits")))
    return {kind: found.get(kind, 0) for kind in CreditLine.Kind.values} | {"left": sum(found.values())}


def boosts_of(provider: ServiceProvider) -> QuerySet[Boost]:
    return provider.boosts.select_related("rule").order_by("-from_day", "-pk")
