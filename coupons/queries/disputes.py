"""Disputes about redemptions made without connection."""

from collections.abc import Collection

from django.db.models import QuerySet

from coupons.models import Dispute
from merchants.models import Mall

from .rules import SHOWN_AT_MOST


def dispute_rows(mall: Mall, *, state: str = "", stores: Collection[int] | None = None) -> QuerySet[Dispute]:
    """The newest disputes of a mall, or of some of its stores."""
    disputes = Dispute.objects.for_mall(mall)
    if state:
        disputes = disputes.filter(state=state)
    if stores is not None:
        disputes = disputes.filter(store__in=stores)
    return disputes.select_related("coupon__stock", "store", "by").order_by("-received_at", "-pk")[:SHOWN_AT_MOST]
