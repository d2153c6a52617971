"""Hand-outs: a rule's coupons to every shopper of the mall that meets its conditions, block by block.

A block is one transaction, which also moves on `last_shopper`: wherever a hand-out is stopped or killed, it goes on
from there, and no shopper is met twice; the claims' request ids stand behind that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from mallops.lib.sql import Writes
from merchants.models import User
from merchants.queries import directory as directories
from merchants.queries.directory import Directory
from merchants.services import audit
from payments.models import Shopper

from . import claiming
from .claiming import Asked
from .engine.decide import AWARDED, HELD_OUT
from .engine.limits import Claim as LimitClaim
from .engine.limits import shared_claims
from .issuing import Issued
from .limits import StoredState
from .models import Claim, HandOut, Rule
from .models.work import OPEN, WorkState

BLOCK = 500  # shoppers
ASKED_AT_MOST = 10_000  # shoppers, for a preview
MOVING = ("state", "last_shopper", "seen", "awarded", "held_out", "refused", "message", "finished_at")
USED_UP = "used_up"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a hand-out would do now: of so many shoppers, so many would get coupons, so many would but for the control
    group. Of a large mall every `step`th shopper was asked, and stands for as many."""

    shoppers: int
    awarded: int
    held_out: int
    step: int = 1


class DryState(StoredState):
    """The limits as first read, less what has only been thought through: `times` over, as each shopper stands for
    more."""

    def __init__(self, mall_id: int, times: int) -> None:
        super().__init__(mall_id)
        self.times = times

    def load(self, claims: Iterable[LimitClaim]) -> None:
        before = self.counts
        super().load(claims)
        self.counts |= before

    def take(self, claims: Iterable[LimitClaim]) -> None:
        super().take(claim._replace(amount=claim.amount * self.times) for claim in claims)


def preview(directory: Directory, rule_id: int, *, now: datetime) -> Preview:
    """Count, with the engine itself and on the limits as they are, without writing. Raises ClaimError."""
    claiming.rule_of(directory, rule_id, Claim.Kind.HAND_OUT)
    shoppers = shopper_count(directory.mall_id)
    step = -(-shoppers // ASKED_AT_MOST) or 1
    state, outcomes = DryState(directory.mall_id, step), []
    for block in _blocks(directory.mall_id, step):
        events = [claiming.event_of(directory, one, now) for one in _asked(directory, rule_id, block, "", now)]
        outcomes += [decision.outcome for decision in claiming.outlook(directory, events, now=now, state=state)]
    return Preview(shoppers, outcomes.count(AWARDED) * step, outcomes.count(HELD_OUT) * step, step)


def begin(*, rule: Rule, now: datetime, by: User | None) -> HandOut:
    """A hand-out that waits to be run. Raises ClaimError for a rule that is not live or has another trigger."""
    claiming.rule_of(directories.current(rule.mall_id), rule.pk, Claim.Kind.HAND_OUT)
    with transaction.atomic():
        run = HandOut.objects.create(mall_id=rule.mall_id, rule=rule, started_by=by, started_at=now)
        audit.record(actor=by, mall=rule.mall, action="hand_out_started", obj=run, changes={"rule": [None, rule]})
    return run


def next_block(directory: Directory, run: HandOut, writes: Writes, *, now: datetime, hold_limits: bool) -> list[Issued]:
    """Hand out to the next shoppers and count them in the row, which is held. The last block, or one that finds the
    limits used up, ends the hand-out. Raises ClaimError."""
    if run.state not in OPEN:
        return []
    block = _after(directory.mall_id, run.last_shopper)
    asked = _asked(directory, run.rule_id, block, f"h{run.pk}", now, run.pk)
    if asked and is_used_up(directory, asked[0], now):
        run.message, asked = USED_UP, []
    given = claiming.take_many(directory, asked, writes, now=now, hold_limits=hold_limits)
    outcomes = [decision.outcome for decision in given.decisions]
    _move_on(run, [one.shopper_id for one in asked], outcomes.count(AWARDED), outcomes.count(HELD_OUT), now)
    return given.issued


def _move_on(run: HandOut, block: list[int], awarded: int, held_out: int, now: datetime) -> None:
    """Keep how far it is. By UPDATE: a save would have every rulebook compiled anew after each block."""
    run.seen += len(block)
    run.awarded += awarded
    run.held_out += held_out
    run.refused += len(block) - awarded - held_out
    run.last_shopper = block[-1] if block else run.last_shopper
    run.state = WorkState.RUNNING if len(block) == BLOCK else WorkState.DONE
    run.finished_at = None if run.state == WorkState.RUNNING else now
    HandOut.objects.filter(pk=run.pk).update(**{name: getattr(run, name) for name in MOVING})


def is_used_up(directory: Directory, asked: Asked, now: datetime) -> bool:
    """Whether a limit shared by all shoppers has nothing left, so that going on is of no use."""
    rule = claiming.rule_of(directory, asked.rule_id, asked.kind)
    shared = shared_claims(rule, directory.clock.day_hour(now)[0], asked.store_id)
    state = StoredState(directory.mall_id)
    state.load(shared)
    return any(state.used(claim.key) + claim.amount > claim.ceiling for claim in shared)


def close(run: HandOut, state: str, message: str, *, now: datetime) -> bool:
    """End a hand-out that is not done: cancelled, or failed with what to tell. False if it had ended."""
    still = HandOut.objects.filter(pk=run.pk, state__in=OPEN)
    return bool(still.update(state=state, message=message[:500], finished_at=now))


def shopper_count(mall_id: int) -> int:
    """How many shoppers a hand-out of a mall looks at."""
    return _shoppers(mall_id).count()


def _shoppers(mall_id: int):
    return Shopper.objects.for_mall(mall_id).filter(erased_at=None)


def _after(mall_id: int, last: int, step: int = 1) -> list[int]:
    """The ids of the next block of shoppers, or of every `step`th of them."""
    shoppers = _shoppers(mall_id).filter(pk__gt=last)
    if step > 1:
        shoppers = shoppers.annotate(place=F("pk") % step).filter(place=0)
    return list(shoppers.order_by("pk").values_list("pk", flat=True)[:BLOCK])


def _blocks(mall_id: int, step: int) -> Iterator[list[int]]:
    last = 0
    while block := _after(mall_id, last, step):
        yield block
        last = block[-1]


def _asked(
    directory: Directory, rule_id: int, shoppers: list[int], prefix: str, now: datetime, hand_out_id: int | None = None
) -> list[Asked]:
    """A claim for each shopper. Raises ClaimError."""
    rule = claiming.rule_of(directory, rule_id, Claim.Kind.HAND_OUT)
    store = claiming.first_store(directory, rule, now)
    return [
        Asked(rule_id, Claim.Kind.HAND_OUT, pk, store, f"{prefix}:{pk}", hand_out_id=hand_out_id) for pk in shoppers
    ]
