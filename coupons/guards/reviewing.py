"""A person's word on a finding. Overruling lifts its block and counts as a false positive of the guard."""

from datetime import datetime

from django.db import transaction

from coupons.models import Block, GuardFlag
from merchants.models import Mall, User
from merchants.services import audit

from .blocking import lift

State = GuardFlag.State


class Reviewed(Exception):
    """The finding was judged meanwhile, so this word comes too late."""


def uphold(*, mall: Mall, flag: GuardFlag, note: str, now: datetime, by: User) -> None:
    """The finding is right: its block stays. Raises Reviewed unless it is open."""
    with transaction.atomic():
        _judge(mall, flag, {State.OPEN}, State.UPHELD, note, now, by)


def overrule(*, mall: Mall, flag: GuardFlag, note: str, now: datetime, by: User) -> None:
    """The finding is wrong, on a second look perhaps: its blocks are lifted. Raises Reviewed if it was overruled."""
    with transaction.atomic():
        _judge(mall, flag, {State.OPEN, State.UPHELD}, State.OVERRULED, note, now, by)
        for block in Block.objects.for_mall(mall).filter(flag=flag, lifted_at=None):
            lift(mall=mall, block=block, now=now, by=by)


def _judge(mall: Mall, flag: GuardFlag, before: set[str], state: str, note: str, now: datetime, by: User) -> None:
    standing = GuardFlag.objects.for_mall(mall).filter(pk=flag.pk, state__in=before)
    if not standing.update(state=state, note=note, reviewed_at=now, reviewed_by=by):
        raise Reviewed
    changes = {"state": [flag.state, state], "note": [flag.note, note]}
    audit.record(actor=by, mall=mall, action=f"finding_{state}", obj=flag, changes=changes)
