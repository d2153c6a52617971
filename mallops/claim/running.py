"""Runs a hand-out to its end; the task and the command both come here."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from coupons import handing
from coupons.claiming import ClaimError
from coupons.models import HandOut, Rule
from coupons.models.work import OPEN, WorkState
from mallops import pipeline
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.progress import Cancelled
from merchants.models import User


class Context(Protocol):
    """What a task's RunContext offers, and the command's stand-in for it."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None: ...

    def fenced(self) -> AbstractContextManager: ...


def run(hand_out_id: int, context: Context) -> HandOut:
    """Block after block, each in a transaction of its own, from where an earlier attempt stopped.

    A rule that is paused or ended meanwhile ends the hand-out; what was given stays. Raises what the context raises
    to stop the work.
    """
    kept = HandOut.objects.get(pk=hand_out_id)
    total = handing.shopper_count(kept.mall_id)
    try:
        while kept.state in OPEN:
            with context.fenced():
                kept = pipeline.hand_out(hand_out_id, now=timezone.now())
            context.progress(kept.seen, total)
    except Cancelled:
        handing.close(kept, WorkState.CANCELLED, "", now=timezone.now())
        raise
    except ClaimError as error:
        handing.close(kept, WorkState.FAILED, error.code, now=timezone.now())
    kept.refresh_from_db()
    return kept


def start(*, rule: Rule, now: datetime, by: User) -> HandOut:
    """Begin a hand-out and have a worker run it. Raises ClaimError."""
    from mallops.tasks import hand_out_coupons

    with transaction.atomic():
        kept = handing.begin(rule=rule, now=now, by=by)
        kept.task_id = hand_out_coupons.enqueue(kept.pk).id
        HandOut.objects.filter(pk=kept.pk).update(task_id=kept.task_id)
    return kept


def cancel(*, run: HandOut, now: datetime) -> bool:
    """Stop a hand-out: one that waits at once, one that runs after its block. False if it had ended."""
    with transaction.atomic():
        return TaskRun.objects.stop(run.task_id) or handing.close(run, WorkState.CANCELLED, "", now=now)
