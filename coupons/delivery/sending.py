"""Sending the notices that are due: any number of workers at once, each notice at least once under one message id.

A worker takes notices of one channel by moving `due_at` past the time it may need (a lease) and counting the attempt,
which is also the fence: what an attempt brought is written down only while no later one has begun.
"""

import logging
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ..models import Notice, NoticeChannel
from ..models.coupon import CouponState
from .senders import SENDERS, Errand, NoAddress
from .webhook import NotTaken

logger = logging.getLogger("mallops.notices")
WAITS = (5, 60, 300, 1_800, 7_200, 18_000, 36_000)  # seconds after each attempt but the last: 18 hours in all
ATTEMPTS = len(WAITS) + 1
BATCH, ABREAST = 40, 8  # 8 sent at once; a batch ends in 75 seconds even if no receiver answers
LEASE = timedelta(minutes=3)
State = Notice.State


def send_due() -> int:
    """Send what is due through all channels, in turns, until nothing is; returns how many notices got out.

    A channel that takes nothing of a batch is left alone for now, so that it does not hold up the others.
    """
    total, able = 0, list(NoticeChannel.objects.filter(is_active=True).order_by("pk"))
    while able:
        sent = {channel: send_batch(channel, now=timezone.now()) for channel in able}
        total += sum(sent.values())
        able = [channel for channel, count in sent.items() if count]
    return total


def send_batch(channel: NoticeChannel, *, now: datetime) -> int:
    """Send some of the notices of a channel that are due; returns how many got out."""
    errands, over = [], []
    for notice in take(channel, now=now):
        errand = prepare(notice, now)
        errands.append((notice, errand)) if errand else over.append(notice)
    with ThreadPoolExecutor(ABREAST) as pool:
        errors = list(pool.map(run, (errand for _notice, errand in errands)))
    settle(over, errands, errors)
    return errors.count(None)


def take(channel: NoticeChannel, *, now: datetime) -> list[Notice]:
    """Claim notices of a channel for one attempt."""
    waiting = Notice.objects.for_mall(channel.mall_id).filter(state=State.WAITING)
    due = waiting.filter(channel=channel, due_at__lte=now).order_by("due_at")
    if not due.exists():  # a plain read, so that an idle worker takes no write lock
        return []
    with transaction.atomic():
        chosen = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        waiting.filter(pk__in=chosen).update(due_at=now + LEASE, attempts=F("attempts") + 1)
        related = ("channel", "coupon__stock__mall", "coupon__payment", "coupon__claim")
        return list(waiting.filter(pk__in=chosen).select_related(*related).order_by("pk"))


def prepare(notice: Notice, now: datetime) -> Errand | None:
    """The call that sends a notice; None if nobody needs it any more."""
    if notice.coupon.state != CouponState.ISSUED or notice.coupon.expires_at <= now:
        return None
    try:
        return SENDERS[notice.channel.sender](notice, now)
    except NoAddress:
        return None


def run(errand: Errand) -> Exception | None:
    """What went wrong with an errand. Whatever it is, it must not keep the rest of a batch from being written down."""
    try:
        errand()
    except Exception as error:
        if not isinstance(error, NotTaken | OSError):
            logger.exception("A notice could not be sent")
        return error
    return None


def settle(over: Sequence[Notice], errands: Sequence[tuple[Notice, Errand]], errors: Sequence) -> None:
    """Write down what became of a batch."""
    now = timezone.now()
    with transaction.atomic():
        for notice in over:
            _write(notice, state=State.DROPPED)
        for (notice, _errand), error in zip(errands, errors, strict=True):
            _write(notice, **(_failed(notice, error, now) if error else _sent(now)))


def _sent(now: datetime) -> dict:
    return {"state": State.SENT, "sent_at": now, "error": ""}


def _failed(notice: Notice, error: Exception, now: datetime) -> dict:
    """Wait, longer each time and not in step with others; give up after ATTEMPTS. Resent ones begin anew: the number
    of attempts goes on rising."""
    made = (notice.attempts - 1) % ATTEMPTS + 1
    said = (str(error) or type(error).__name__)[:300].replace("\x00", "")
    if made == ATTEMPTS or getattr(error, "for_good", False):
        return {"state": State.DEAD, "error": said}
    wait = WAITS[made - 1] * random.uniform(0.9, 1.2)
    return {"due_at": now + timedelta(seconds=wait), "error": said}


def _write(notice: Notice, **changes) -> None:
    mine = Notice.objects.for_mall(notice.mall_id).filter(pk=notice.pk, state=State.WAITING, attempts=notice.attempts)
    mine.update(**changes)


def resend(mall, *, pk: int | None = None) -> int:
    """Let notices that were given up (or one of them) be tried again, from now on; returns how many."""
    dead = Notice.objects.for_mall(mall).filter(state=State.DEAD)
    if pk is not None:
        dead = dead.filter(pk=pk)
    return dead.update(state=State.WAITING, due_at=timezone.now())
