"""Tags: words the mall's own systems attach to shoppers, such as a member level."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from mallops.lib.sql import insert_new

from . import shoppers
from .models import ShopperTag


def replace(*, mall_id: int, shopper: str, tags: Iterable[str], now: datetime) -> list[str]:
    """Let a shopper (digest) have exactly these tags; returns them in order. Doing it again changes nothing."""
    wanted = sorted(set(tags))
    with transaction.atomic():
        pk = shoppers.resolve(mall_id, {shopper}, now=now)[shopper]
        ShopperTag.objects.for_mall(mall_id).filter(shopper=pk).exclude(tag__in=wanted).delete()
        rows = [(mall_id, pk, tag, now) for tag in wanted]
        if rows:
            columns = ("mall_id", "shopper_id", "tag", "added_at")
            insert_new(ShopperTag, columns, rows, conflict=("mall_id", "shopper_id", "tag"))
    return wanted
