"""Findings of the guards, how often they were right, and who is blocked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from coupons.guards.blocking import in_force
from coupons.models import Block, Decision, GuardFlag, Redemption
from coupons.models.guard import Guard
from merchants.models import AuditEntry, Mall
from payments.models import Payment, Shopper

from .rules import SHOWN_AT_MOST

State = GuardFlag.State


def flag_rows(mall: Mall, *, guard: str = "", state: str = "") -> QuerySet[GuardFlag]:
    """The newest findings of a mall."""
    flags = GuardFlag.objects.for_mall(mall)
    if guard:
        flags = flags.filter(guard=guard)
    if state:
        flags = flags.filter(state=state)
    return flags.select_related("reviewed_by").order_by("-raised_at", "-pk")[:SHOWN_AT_MOST]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a guard spoke up, and what people said to it."""

    guard: Guard
    open: int
    upheld: int
    overruled: int

    @property
    def raised(self) -> int:
        return self.open + self.upheld + self.overruled

    @property
    def false_share(self) -> float | None:
        """Overruled findings among those reviewed (0 to 1); None while nothing was reviewed."""
        reviewed = self.upheld + self.overruled
        return self.overruled / reviewed if reviewed else None


def tallies(mall: Mall) -> list[Tally]:
    """One for each guard, in one query."""
    rows = GuardFlag.objects.for_mall(mall).order_by().values_list("guard", "state").annotate(Count("pk"))
    counted = {(guard, state): number for guard, state, number in rows}
    return [Tally(guard, *(counted.get((guard, state), 0) for state in State)) for guard in Guard]


def facts_of(flag: GuardFlag) -> Sequence[Any]:
    """The rows behind a finding, of the kind that its evidence names, oldest first."""
    mall, ids = flag.mall_id, flag.evidence["ids"]
    rows = {
        "payments": lambda: Payment.objects.for_mall(mall).select_related("store"),
        "shoppers": lambda: Shopper.objects.for_mall(mall),
        "redemptions": lambda: Redemption.objects.for_mall(mall).select_related("store", "coupon__stock"),
        "decisions": lambda: Decision.objects.for_mall(mall).select_related("rule", "payment__store", "claim__store"),
    }[flag.evidence["what"]]()
    return rows.filter(pk__in=ids).order_by("pk")


def alike(flag: GuardFlag) -> QuerySet[GuardFlag]:
    """The other open findings of the guard on the same evidence, such as those of one device."""
    flags = GuardFlag.objects.for_mall(flag.mall_id).filter(guard=flag.guard, state=State.OPEN, evidence=flag.evidence)
    return flags.exclude(pk=flag.pk).order_by("pk")


def block_rows(mall: Mall, *, state: str = "", now: datetime) -> QuerySet[Block]:
    """The newest blocks; `state` is "all", otherwise those in force."""
    blocks = Block.objects.for_mall(mall) if state == "all" else in_force(mall, now)
    related = blocks.select_related("flag", "blocked_by", "lifted_by")
    return related.order_by("-blocked_at", "-pk")[:SHOWN_AT_MOST]


def trail_of(flag: GuardFlag) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(mall=flag.mall_id, object_type=flag._meta.label, object_id=str(flag.pk))
    return entries.select_related("actor").order_by("at", "pk")
