"""What the processes of the races about notices do."""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from coupons.delivery import channels, outbox, sending
from coupons.models import Coupon, Notice
from merchants.models import Mall
from tests import factories

from . import jobs
from .jobs import World


def write(world: World, count: int, url: str) -> None:
    """So many coupons, and a notice of each for a webhook on this machine."""
    settings.DEBUG = True
    mall = Mall.objects.get(pk=world.mall_id)
    channels.add(mall=mall, sender="webhook", url=url, by=factories.make_user())
    for number in range(count):
        jobs.pay(world, number, f"shopper {number}")
    paid = Coupon.objects.for_mall(mall).values_list("payment", flat=True)
    outbox.write_receipts(mall.pk, list(paid), [], now=timezone.now())


def send_until_done(world: World, lease_s: float = sending.LEASE.total_seconds()) -> None:
    """Send what is due until nothing waits; after `lease_s` what a killed worker held is due again."""
    settings.DEBUG = True
    sending.LEASE = timedelta(seconds=lease_s)
    while Notice.objects.for_mall(world.mall_id).filter(state="waiting").exists():
        sending.send_due()
        time.sleep(0.05)


def states(world: World) -> dict[str, int]:
    found = list(Notice.objects.for_mall(world.mall_id).values_list("state", flat=True))
    return {state: found.count(state) for state in set(found)}


def keys(world: World) -> set[str]:
    return set(Notice.objects.for_mall(world.mall_id).values_list("key", flat=True))
