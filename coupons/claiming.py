"""Coupons that no payment earned: asked for by QR code or nearby, or handed out. The counterpart of `issuing`.

A claim is written once per request id; what the rule says to it is decided by the engine as for a payment, on the
one rule that the claim names. Doors call `mallops.pipeline.claim` and `.hand_out`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from mallops.lib.sql import Writes, insert_new
from merchants.queries.directory import Directory

from . import issuing, limits, nearby, rulebooks
from .engine.decide import REFUSED, Check, Decision, Event, MemoryState, decide
from .engine.rulebook import CompiledRule
from .geo import Position
from .issuing import DECISION_COLUMNS, Given, Issued, decision_row
from .knowledge import StoredKnowledge
from .models import Claim, ClaimCode, Coupon
from .models import Decision as DecisionRow

CODES = ("not_live", "other_trigger", "closed_code", "not_here", "no_position", "no_store", "request_reused")
CLAIM_COLUMNS = (
    "mall_id", "rule_id", "kind", "shopper_id", "store_id", "code_id", "hand_out_id", "request_id", "distance_m",
    "claimed_at", "day", "hour",
)  # fmt: skip


class ClaimError(Exception):
    """Why a claim cannot even be put to its rule: a code of CODES. Nothing is written."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Asked(NamedTuple):
    """A claim before it is decided. `distance_m` and `radius_m` are those of a claim nearby."""

    rule_id: int
    kind: str
    shopper_id: int
    store_id: int
    request_id: str
    code_id: int | None = None
    hand_out_id: int | None = None
    distance_m: int | None = None
    radius_m: int | None = None

    @property
    def is_too_far(self) -> bool:
        return self.distance_m is not None and self.distance_m > self.radius_m


@dataclass(frozen=True, slots=True)
class ClaimReceipt:
    """What became of a claim. `reason` is the name of the check that refused it. Whoever is `held_out` (control
    group) must not be told so. `distance_m` is that of a claim nearby."""

    id: int
    outcome: str
    reason: str
    coupons: tuple[Issued, ...]
    distance_m: int | None = None
    is_new: bool = True


def rule_of(directory: Directory, rule_id: int, kind: str) -> CompiledRule:
    """The live rule that a claim of this kind may ask. Raises ClaimError."""
    rule = rulebooks.current(directory).rulebook.by_id.get(rule_id)
    if rule is None:
        raise ClaimError("not_live")
    if rule.terms.trigger != kind:
        raise ClaimError("other_trigger")
    return rule


def ask(
    directory: Directory,
    *,
    rule_id: int,
    kind: str,
    shopper_id: int,
    request_id: str,
    code: ClaimCode | None = None,
    store_id: int | None = None,
    here: Position | None = None,
    now: datetime,
) -> Asked:
    """The claim of a shopper, with where it happened: where the code hangs, at the store named, at the nearest store
    of the rule, else at the first store that takes the coupon. Raises ClaimError."""
    rule = rule_of(directory, rule_id, kind)
    if code is not None and code.closed_at is not None:
        raise ClaimError("closed_code")
    at = (code and code.store_id) or store_id
    if at is not None and not nearby.offers(directory, rule.terms, at):
        raise ClaimError("not_here")
    asked = Asked(rule_id, kind, shopper_id, at or 0, request_id, code and code.pk)
    if kind == Claim.Kind.NEARBY:
        near = here and nearby.nearest(directory, rule.terms, here, directory.clock.day_hour(now)[0])
        if near is None:
            raise ClaimError("no_position")
        asked = asked._replace(store_id=at or near.store_id or 0, distance_m=near.distance_m, radius_m=near.radius_m)
    return asked if asked.store_id else asked._replace(store_id=first_store(directory, rule, now))


def first_store(directory: Directory, rule: CompiledRule, now: datetime) -> int:
    """The first open store, by id, of the rule's places, or, if it names none, that takes its coupons.

    Raises ClaimError.
    """
    today = directory.clock.day_hour(now)[0]
    stores = nearby.stores_of(directory, rule.terms) or {pk for stock, _count in rule.award for pk in stock.usable}
    found = [pk for pk in stores if nearby.is_open(directory, pk, today)]
    if not found:
        raise ClaimError("no_store")
    return min(found)


def known(mall_id: int, *, request_id: str, rule_id: int, shopper_id: int) -> ClaimReceipt | None:
    """What an earlier claim with this request id was answered. Raises ClaimError if that asked for something else."""
    claim = Claim.objects.for_mall(mall_id).filter(request_id=request_id).first()
    if claim is None:
        return None
    if (claim.rule_id, claim.shopper_id) != (rule_id, shopper_id):
        raise ClaimError("request_reused")
    decided = DecisionRow.objects.for_mall(mall_id).filter(claim=claim.pk).values_list("outcome", "reason")
    outcome, reason = decided.first() or (REFUSED, "")  # refusals are forgotten after a time
    coupons = Coupon.objects.for_mall(mall_id).filter(claim=claim.pk).order_by("pk").values_list(*Issued._fields)
    issued = tuple(Issued(*row) for row in coupons)
    return ClaimReceipt(claim.pk, outcome, reason, issued, claim.distance_m, is_new=False)


def take(
    directory: Directory, asked: Asked, writes: Writes, *, now: datetime, hold_limits: bool
) -> tuple[ClaimReceipt, list[Issued]]:
    """Decide on one new claim and have `writes` log the decision, issue the coupons and claim the limits.

    Runs inside a transaction; see `issuing.give`. Returns the receipt, and the coupons that this call makes.
    Raises ClaimError.
    """
    (event,) = write_down(directory, [asked], now=now) or (None,)
    if event is None:  # the same request came twice at once, and the other one was quicker
        one = {"request_id": asked.request_id, "rule_id": asked.rule_id, "shopper_id": asked.shopper_id}
        return known(directory.mall_id, **one), []
    if asked.is_too_far:
        given = keep_away(directory, asked, event, writes, now=now)
    else:
        given = issuing.give(directory, [event], writes, now=now, hold_limits=hold_limits)
    (decision,) = given.decisions
    receipt = ClaimReceipt(event.claim_id, decision.outcome, decision.reason, tuple(given.issued), asked.distance_m)
    return receipt, given.issued


def keep_away(directory: Directory, asked: Asked, event: Event, writes: Writes, *, now: datetime) -> Given:
    """Refuse and log a claim from too far away: the one check that only this door can make."""
    rule = rulebooks.current(directory).rulebook.by_id[asked.rule_id]
    check = Check("distance", False, asked.radius_m, asked.distance_m)
    decision = Decision(event, rule, REFUSED, check.name, [check], ())
    writes.insert(DecisionRow, DECISION_COLUMNS, [decision_row(directory.mall_id, decision, now)])
    return Given([decision], [])


def take_many(
    directory: Directory, asked: Sequence[Asked], writes: Writes, *, now: datetime, hold_limits: bool
) -> Given:
    """Hand out one rule's coupons to many shoppers. Only those who get one, or would but for the control group, are
    written down: a hand-out looks at everyone, and says of itself how many it passed over."""
    events = [event_of(directory, one, now) for one in asked]
    ahead = outlook(directory, events, now=now, state=limits.StoredState(directory.mall_id, lock=hold_limits))
    chosen = {decision.event.shopper_id for decision in ahead}
    events = write_down(directory, [one for one in asked if one.shopper_id in chosen], now=now)
    return issuing.give(directory, events, writes, now=now, hold_limits=hold_limits)


def outlook(
    directory: Directory, events: Sequence[Event], *, now: datetime, state: MemoryState, traced: bool = False
) -> list[Decision]:
    """What would be decided now, without writing anything; not `traced`, without those that would be refused."""
    book = rulebooks.current(directory)
    return decide(book.rulebook, events, state, StoredKnowledge(directory, book, now), traced=traced)


def event_of(directory: Directory, asked: Asked, now: datetime, claim_id: int | None = None) -> Event:
    """The claim as the engine sees it: at this moment by the mall's clock, without a payment."""
    local = now.astimezone(directory.clock.zone)
    return Event(
        payment_id=None,
        store_id=asked.store_id,
        category_id=directory.by_id[asked.store_id].category_id,
        shopper_id=asked.shopper_id,
        amount_fen=0,
        day=local.date(),
        weekday=local.isoweekday(),
        minute=local.hour * 60 + local.minute,
        claim_id=claim_id,
        rule_id=asked.rule_id,
        kind=asked.kind,
    )


def write_down(directory: Directory, asked: Sequence[Asked], *, now: datetime) -> list[Event]:
    """Insert claims, each once per request id; the events of those that are new, in their order."""
    if not asked:
        return []
    day, hour = directory.clock.day_hour(now)
    rows = [
        (directory.mall_id, one.rule_id, one.kind, one.shopper_id, one.store_id, one.code_id, one.hand_out_id,
         one.request_id, one.distance_m, now, day, hour)
        for one in asked
    ]  # fmt: skip
    new = insert_new(Claim, CLAIM_COLUMNS, rows, conflict=("mall_id", "request_id"), returning=("request_id", "id"))
    ids = dict(new)
    return [event_of(directory, one, now, ids[one.request_id]) for one in asked if one.request_id in ids]
