"""What providers propose to bring into a mall."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from merchants.models import Mall, Merchant, Onboarding, ServiceProvider, Store

STATES = Onboarding.State


def mall_onboardings(
    mall: Mall, *, search: str = "", state: str = "", provider: ServiceProvider | None = None
) -> QuerySet[Onboarding]:
    """All proposals to a mall, newest first."""
    rows = _found(mall.onboardings.select_related("provider", "category"), search, state)
    return rows.filter(provider=provider) if provider else rows


def provider_onboardings(provider: ServiceProvider, *, search: str = "", state: str = "") -> QuerySet[Onboarding]:
    """All that a provider proposed, newest first."""
    return _found(provider.onboardings.select_related("category"), search, state)


def _found(rows: QuerySet[Onboarding], search: str, state: str) -> QuerySet[Onboarding]:
    if state:
        rows = rows.filter(state=state)
    if search:
        fields = ("store_code", "store_name_zh", "store_name_en", "merchant_name_zh", "merchant_name_en",
                  "registration_number")  # fmt: skip
        rows = rows.filter(Q(*((f"{field}__icontains", search) for field in fields), _connector=Q.OR))
    return rows.order_by("-proposed_at", "store_code", "pk")


def proposed(mall: Mall) -> QuerySet[Onboarding]:
    """What waits for the mall."""
    return mall.onboardings.filter(state=STATES.PROPOSED)


def codes_taken(mall: Mall, codes: Collection[str], own: int | None = None) -> set[str]:
    """Those of the store codes that a store has, or another open proposal (`own` is left out)."""
    stores = Store.objects.filter(mall=mall, code__in=codes).order_by().values_list("code", flat=True)
    asked = proposed(mall).filter(store_code__in=codes).exclude(pk=own).order_by()
    return {*stores, *asked.values_list("store_code", flat=True)}


def merchant_of(mall_id: int, registration_number: str) -> Merchant | None:
    """The merchant of a mall with a registration number; the oldest if there are several."""
    same = Merchant.objects.filter(mall=mall_id, registration_number__iexact=registration_number)
    return same.order_by("pk").first()
