"""What the processes of the races for claims and hand-outs do."""

import time

from django.utils import timezone

from coupons import handing
from coupons.claiming import ClaimError
from coupons.models import Claim, Coupon, HandOut, Rule
from coupons.models.work import OPEN
from mallops import pipeline
from payments.models import Shopper
from payments.shoppers import digest

from . import jobs
from .jobs import World


def rule_of(world: World) -> Rule:
    return Rule.objects.get(mall=world.mall_id)


def claim(world: World, shopper: str, request_id: str) -> tuple[str, tuple[str, ...]]:
    """Why there are no coupons, or their codes."""
    try:
        receipt = pipeline.claim(
            mall_id=world.mall_id, rule_id=rule_of(world).pk, kind="qr", shopper=digest(world.mall_id, shopper),
            request_id=request_id, now=timezone.now(),
        )  # fmt: skip
    except ClaimError as error:
        return error.code, ()
    return receipt.reason, tuple(coupon.code for coupon in receipt.coupons)


def crowd(world: World, count: int) -> int:
    """So many known shoppers, and a hand-out for them; returns its id."""
    Shopper.objects.bulk_create(Shopper(mall_id=world.mall_id, created_at=timezone.now()) for _ in range(count))
    return handing.begin(rule=rule_of(world), now=timezone.now(), by=None).pk


def hand_out(run_id: int, block: int = 20) -> None:
    """Block after block to the end, as a worker does; slowly enough to be killed in between."""
    handing.BLOCK = block
    while pipeline.hand_out(run_id, now=timezone.now()).state in OPEN:
        time.sleep(0.01)


def seen(run_id: int) -> int:
    return HandOut.objects.get(pk=run_id).seen


def end_of(world: World, run_id: int) -> dict:
    """What a hand-out came to."""
    run, shoppers = HandOut.objects.get(pk=run_id), list(Coupon.objects.values_list("shopper", flat=True))
    return {
        "state": run.state, "seen": run.seen, "awarded": run.awarded, "coupons": len(shoppers),
        "shoppers": len(set(shoppers)), "claims": Claim.objects.count(),
        "problems": jobs.look_at(world).problems,
    }  # fmt: skip
