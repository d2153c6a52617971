"""decide(rulebook, events, state) -> decisions. Pure: plain values in, plain values out.

The live path, the import and the backtest call the same function; they differ in the state they hand in.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from .limits import UNLIMITED, Claim, shared_claims, shopper_claims
from .rulebook import CompiledRule, Rulebook

AWARDED, HELD_OUT, REFUSED = "awarded", "held_out", "refused"


class PaidEvent(NamedTuple):
    """A payment as the engine sees it; `day`, `weekday` (1 is Monday) and `minute` are local to the mall.

    `given_on` is the local day on which coupons would be given, if the payment arrived later than it was made.
    """

    payment_id: int
    store_id: int
    category_id: int
    shopper_id: int | None
    amount_fen: int
    day: date
    weekday: int
    minute: int
    given_on: date | None = None


class Check(NamedTuple):
    """One line of a trace: what was looked at, whether it held, what was asked for, what was found."""

    name: str
    ok: bool
    expected: Any
    actual: Any


@dataclass(slots=True)
class Decision:
    """What a rule version decides on a payment. `reason` is the name of the first check that failed."""

    event: PaidEvent
    rule: CompiledRule
    outcome: str
    reason: str
    trace: list[Check]
    claims: list[Claim]


class State(Protocol):
    """What is used of each limit. `load` is told every key that may be asked for, once, before any is."""

    def load(self, keys: Iterable[str]) -> None: ...
    def used(self, key: str) -> int: ...
    def take(self, key: str, amount: int) -> None: ...


class MemoryState:
    """Limits kept in memory, for a backtest and for tests."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def load(self, keys: Iterable[str]) -> None: ...

    def used(self, key: str) -> int:
        return self.counts.get(key, 0)

    def take(self, key: str, amount: int) -> None:
        self.counts[key] = self.counts.get(key, 0) + amount


def decide(rulebook: Rulebook, events: Sequence[PaidEvent], state: State) -> list[Decision]:
    """The decisions on each event, in order, by each rule whose place fits. `state` is moved on as it goes."""
    considered = [
        (event, [(rule, check_payment(rule, event)) for rule in rulebook.candidates(event.store_id, event.category_id)])
        for event in events
    ]
    state.load(_keys(considered))
    return [decision for event, rules in considered for decision in _decide_one(rulebook, event, rules, state)]


def _keys(considered: list) -> set[str]:
    return {
        claim.key
        for event, rules in considered
        for rule, trace in rules
        if all(check.ok for check in trace)
        for claim in (*shared_claims(rule, event.day), *shopper_claims(rule, event.shopper_id, event.day))
        if claim.ceiling < UNLIMITED
    }


def check_payment(rule: CompiledRule, event: PaidEvent) -> list[Check]:
    """The checks that need nothing but the payment and the rule."""
    terms = rule.terms
    trace = [
        Check("shopper", event.shopper_id is not None, None, event.shopper_id),
        Check(
            "amount",
            terms.min_fen <= event.amount_fen and (terms.max_fen is None or event.amount_fen <= terms.max_fen),
            (terms.min_fen, terms.max_fen),
            event.amount_fen,
        ),
    ]
    if terms.starts_on or terms.ends_on:
        ok = (terms.starts_on or event.day) <= event.day <= (terms.ends_on or event.day)
        trace.append(Check("dates", ok, (_iso(terms.starts_on), _iso(terms.ends_on)), event.day.isoformat()))
    if terms.weekdays:
        trace.append(Check("weekdays", event.weekday in terms.weekdays, terms.weekdays, event.weekday))
    if terms.hours:
        ok = any(start <= event.minute < end for start, end in terms.hours)
        trace.append(Check("hours", ok, terms.hours, event.minute))
    for stock, _count in rule.award:
        if not stock.is_open or (stock.last_day and stock.last_day < (event.given_on or event.day)):
            trace.append(Check("stock_open", False, stock.id, _iso(stock.last_day)))
    return trace


def _decide_one(rulebook: Rulebook, event: PaidEvent, rules: list, state: State) -> list[Decision]:
    """Rules in ranking order; of an exclusive group the first that awards, or holds out, keeps out the rest."""
    decisions, taken_by = [], {}
    for rule, trace in rules:
        claims: list[Claim] = []
        outcome = REFUSED
        if all(check.ok for check in trace):
            outcome, claims = _draw(rulebook, rule, event, trace, taken_by, state)
        reason = next((check.name for check in trace if not check.ok), "")
        decisions.append(Decision(event, rule, outcome, reason, trace, claims))
    return decisions


def _draw(
    rulebook: Rulebook, rule: CompiledRule, event: PaidEvent, trace: list[Check], taken_by: dict[str, int], state: State
) -> tuple[str, list[Claim]]:
    """The checks that depend on other decisions: exclusive group and limits; then the control group."""
    group = rule.terms.group
    if group and group in taken_by:
        trace.append(Check("group", False, group, taken_by[group]))
        return REFUSED, []
    own, shared = shopper_claims(rule, event.shopper_id, event.day), shared_claims(rule, event.day)
    for claim in (*own, *shared):
        if claim.ceiling < UNLIMITED:
            used = state.used(claim.key)
            trace.append(Check(claim.name, used + claim.amount <= claim.ceiling, claim.ceiling, used))
    if not all(check.ok for check in trace):
        return REFUSED, []
    if group:
        taken_by[group] = rule.rule_id
    held_out = is_held_out(rulebook.salt, rule, event.shopper_id)
    claims = own if held_out else own + shared
    for claim in claims:
        state.take(claim.key, claim.amount)
    return (HELD_OUT if held_out else AWARDED), claims


def is_held_out(salt: bytes, rule: CompiledRule, shopper_id: int) -> bool:
    """Whether a shopper is in the rule's control group: the same answer each time, independent between rules."""
    if not rule.terms.holdout_bp:
        return False
    drawn = hashlib.blake2b(f"{rule.rule_id}:{shopper_id}".encode(), digest_size=8, key=salt[:64]).digest()
    return int.from_bytes(drawn, "big") % 10_000 < rule.terms.holdout_bp


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
