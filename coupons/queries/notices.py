"""Notices that were written, and what became of them."""

from django.db.models import Count, QuerySet

from coupons.models import Notice
from merchants.models import Mall

from .rules import SHOWN_AT_MOST


def notice_rows(mall: Mall, *, state: str = "") -> QuerySet[Notice]:
    """The newest notices of a mall, by when they are or were due."""
    notices = Notice.objects.for_mall(mall)
    if state:
        notices = notices.filter(state=state)
    return notices.select_related("coupon__stock", "channel").order_by("-due_at", "-pk")[:SHOWN_AT_MOST]


def dead_notices(mall: Mall) -> int:
    """How many notices were given up."""
    return Notice.objects.for_mall(mall).filter(state=Notice.State.DEAD).aggregate(n=Count("pk"))["n"]
