"""Who gets no coupons. A block stops new coupons at once, on every machine: it raises the mall's revision, by which the
compiled list is kept. Coupons already issued stay valid."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from coupons.models import Block, GuardFlag
from merchants.models import Mall, User
from merchants.models.base import touch_mall
from merchants.services import audit
from payments.models import Shopper


def in_force(mall: Mall, now: datetime) -> QuerySet[Block]:
    """Blocks that were not lifted and are not over."""
    return Block.objects.for_mall(mall).filter(Q(until=None) | Q(until__gt=now), lifted_at=None)


def block(
    *,
    mall: Mall,
    shopper: Shopper,
    reason: str,
    now: datetime,
    by: User | None,
    until: datetime | None = None,
    flag: GuardFlag | None = None,
) -> Block:
    """Give a shopper no more coupons, until a moment (excluded) or until lifted; `by` None is a guard."""
    with transaction.atomic():
        made = Block.objects.create(
            mall=mall, shopper=shopper, flag=flag, reason=reason, blocked_at=now, blocked_by=by, until=until
        )
        touch_mall(mall.pk)
        changes = {"shopper": [None, shopper.pk], "reason": [None, reason], "until": [None, until]}
        audit.record(actor=by, mall=mall, action="shopper_blocked", obj=made, changes=changes)
    return made


def lift(*, mall: Mall, block: Block, now: datetime, by: User) -> bool:
    """Let the shopper get coupons again, as far as this block goes; False if it was lifted already."""
    with transaction.atomic():
        standing = Block.objects.for_mall(mall).filter(pk=block.pk, lifted_at=None)
        if not standing.update(lifted_at=now, lifted_by=by):
            return False
        touch_mall(mall.pk)
        audit.record(actor=by, mall=mall, action="block_lifted", obj=block, changes={"lifted_at": [None, now]})
    return True
