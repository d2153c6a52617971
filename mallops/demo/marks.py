"""Which malls are the demonstration, and whether it is complete: entries in their audit trail say so.

A mall of somebody else that happens to have the same short name is thus never taken for one of ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from merchants.models import AuditEntry, Mall
from merchants.services import audit

from . import plan

BEGUN, LOADED = "demo_begun", "demo_loaded"
SLUGS = [mall.slug for mall in plan.MALLS]


def demo_malls():
    """The malls that `load` made, complete or not."""
    return Mall.objects.filter(slug__in=SLUGS, pk__in=AuditEntry.objects.filter(action=BEGUN).values("mall"))


def foreign_malls():
    """Malls in our place that `load` did not make."""
    return Mall.objects.filter(slug__in=SLUGS).exclude(pk__in=demo_malls())


def is_loaded() -> bool:
    return demo_malls().filter(pk__in=AuditEntry.objects.filter(action=LOADED).values("mall")).count() == len(SLUGS)


def mark(mall: Mall, action: str) -> None:
    audit.record(actor=None, mall=mall, action=action, obj=mall, changes={})


def unmark_loaded() -> None:
    AuditEntry.objects.filter(action=LOADED, mall__in=demo_malls()).delete()


@contextmanager
def dated(mall: Mall, at: datetime) -> Iterator[None]:
    """What services note in the audit trail meanwhile is dated back: they note the moment of the call."""
    before = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield
    AuditEntry.objects.filter(mall=mall, pk__gt=before).update(at=at)
