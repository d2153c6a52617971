"""Reports as pages ask for them."""

from django.db.models import QuerySet

from coupons.models import Rule
from merchants.models import Mall


def measured_rules(mall: Mall) -> QuerySet[Rule]:
    """Rules of a mall that have a report, each with it; first those with the most shoppers kept apart."""
    rules = mall.rules.filter(uplift_report__isnull=False).select_related("uplift_report")
    return rules.order_by("-uplift_report__result__held", "-pk")
