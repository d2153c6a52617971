"""Service providers with what they do today, by the mall's day."""

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from merchants import access
from merchants.models import Agreement, Mall, Merchant, ServiceProvider


def provider_rows(mall: Mall) -> QuerySet[ServiceProvider]:
    """The providers of a mall, with `running` agreements of today and the number of `served` stores in them."""
    running = Agreement.objects.filter(access.running(mall), provider=OuterRef("pk")).order_by().values("provider")
    agreements = running.annotate(number=Count("pk")).values("number")
    stores = running.annotate(number=Count("store", distinct=True)).values("number")
    return mall.providers.annotate(running=Coalesce(Subquery(agreements), 0), served=Coalesce(Subquery(stores), 0))


def agreement_rows(provider: ServiceProvider) -> QuerySet[Agreement]:
    """All agreements of a provider, newest first."""
    return provider.agreements.select_related("store").order_by("-from_day", "store__code")


def agreements_of(merchant: Merchant) -> QuerySet[Agreement]:
    """The agreements about the stores of a merchant that are in force today."""
    running = Agreement.objects.filter(access.running(merchant.mall), store__merchant=merchant)
    return running.select_related("store", "provider").order_by("store__code", "provider__code", "capability")
