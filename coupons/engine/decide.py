"""decide(rulebook, events, state, knowledge) -> decisions. Pure: plain values in, plain values out.

The live path, the import and the backtest call the same function; they differ in the state and the knowledge they
hand in.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from . import conditions
from .conditions import Facts
from .event import Event
from .history import Knowledge
from .limits import UNLIMITED, Claim, shared_claims, shopper_claims
from .rulebook import CompiledRule, Rulebook, longest

__all__ = ["AWARDED", "HELD_OUT", "REFUSED", "Check", "Decision", "Event", "MemoryState", "State", "decide"]

AWARDED, HELD_OUT, REFUSED = "awarded", "held_out", "refused"


class Check(NamedTuple):
    """One line of a trace: what was looked at, whether it held, what was asked for, what was found.

    Of a limit: asked for are its ceiling, what the award takes, and of a stock's limit the stock; found is what was
    used before. Of the conditions: found are pairs of whether each leaf held and what was found.
    """

    name: str
    ok: bool
    expected: Any
    actual: Any


@dataclass(slots=True)
class Decision:
    """What a rule version decides on an event. `reason` is the name of the first check that failed."""

    event: Event
    rule: CompiledRule
    outcome: str
    reason: str
    trace: list[Check]
    claims: Sequence[Claim]


class State(Protocol):
    """What is used of each limit. `load` is told every claim that may be made, once, before any limit is asked for."""

    def load(self, claims: Iterable[Claim]) -> None: ...
    def used(self, key: str) -> int: ...
    def take(self, key: str, amount: int) -> None: ...


class MemoryState:
    """Limits kept in memory, for a backtest and for tests."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def load(self, claims: Iterable[Claim]) -> None: ...

    def used(self, key: str) -> int:
        return self.counts.get(key, 0)

    def take(self, key: str, amount: int) -> None:
        self.counts[key] = self.counts.get(key, 0) + amount


def decide(
    rulebook: Rulebook,
    events: Sequence[Event],
    state: State,
    knowledge: Knowledge,
    *,
    traced: bool = True,
    refused_by: int | None = None,
) -> list[Decision]:
    """The decisions on each event, in order, by each rule that it meets. `state` and `knowledge` are moved on.

    Not `traced`, only awards and ghost issues come back, without their traces: the fast path of a backtest; and of the
    rule `refused_by` what the shopper, other decisions or limits refused.
    """
    if not traced:
        return _decide_quickly(rulebook, events, state, knowledge, refused_by)
    considered = [(event, consider(rulebook, event)) for event in events]
    _load([(event, each.rule) for event, found in considered for each in found if not each.reason], state, knowledge)
    for event, decisions in considered:
        if decisions:
            _settle(rulebook, decisions, state, knowledge)
        if rulebook.remembers:
            knowledge.note(event, [each.rule for each in decisions if each.outcome == AWARDED])
    return [each for _event, decisions in considered for each in decisions]


# --- What needs nothing but the event and the rule ---


def consider(rulebook: Rulebook, event: Event) -> list[Decision]:
    """A decision for each rule that the event meets, with the checks so far; refused for good if one failed."""
    found = []
    for rule in _met(rulebook, event):
        trace = check_event(rule, event) if event.rule_id is None else check_claim(rulebook, rule, event)
        reason = next((check.name for check in trace if not check.ok), "")
        found.append(Decision(event, rule, REFUSED, reason, trace, ()))
    return found


def shortlist(rulebook: Rulebook, event: Event) -> list[CompiledRule]:
    """The rules of `consider` that no check refused, quickly."""
    if event.shopper_id is None:
        return []
    if event.rule_id is not None:
        return [each.rule for each in consider(rulebook, event) if not each.reason]
    _, store, category, _, fen, day, _, minute, given_on, *_ = event
    return [
        rule
        for least, most, hours, rule in rulebook.on_day(store, category, day, given_on or day)
        if least <= fen <= most and (not hours or is_within(hours, minute))
    ]


def is_within(hours: Sequence[tuple[int, int]], minute: int) -> bool:
    for start, end in hours:
        if start <= minute < end:
            return True
    return False


def _met(rulebook: Rulebook, event: Event) -> Sequence[CompiledRule]:
    if event.rule_id is None:
        return rulebook.candidates(event.store_id, event.category_id)
    rule = rulebook.by_id.get(event.rule_id)
    return (rule,) if rule else ()


def check_claim(rulebook: Rulebook, rule: CompiledRule, event: Event) -> list[Check]:
    """The checks of an event that names its rule: nothing has led it to a rule that fits."""
    terms = rule.terms
    is_place = rulebook.is_place(rule, event.store_id, event.category_id)
    return [
        Check("trigger", terms.trigger == event.kind, terms.trigger, event.kind),
        Check("place", is_place, (terms.stores, terms.categories), event.store_id),
        *check_event(rule, event),
    ]


def check_event(rule: CompiledRule, event: Event) -> list[Check]:
    """The checks of all events."""
    terms = rule.terms
    trace = [Check("shopper", event.shopper_id is not None, None, event.shopper_id)]
    if event.kind == "payment":
        ok = terms.min_fen <= event.amount_fen and (terms.max_fen is None or event.amount_fen <= terms.max_fen)
        trace.append(Check("amount", ok, (terms.min_fen, terms.max_fen), event.amount_fen))
    if terms.starts_on or terms.ends_on:
        ok = (terms.starts_on or event.day) <= event.day <= (terms.ends_on or event.day)
        trace.append(Check("dates", ok, (_iso(terms.starts_on), _iso(terms.ends_on)), event.day.isoformat()))
    if terms.weekdays:
        trace.append(Check("weekdays", event.weekday in terms.weekdays, terms.weekdays, event.weekday))
    if terms.hours:
        trace.append(Check("hours", is_within(terms.hours, event.minute), terms.hours, event.minute))
    for stock, _count in rule.award:
        if not stock.can_be_given(event.given_on or event.day):
            trace.append(Check("stock_open", False, stock.id, _iso(stock.last_day)))
    return trace


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# --- What has to be looked up ---


def _load(asking: list[tuple[Event, CompiledRule]], state: State, knowledge: Knowledge) -> None:
    """Have state and knowledge look up, once, what the decisions still open may ask."""
    learned = [(event, rule) for event, rule in asking if rule.sources]
    if learned:
        sources = frozenset().union(*(rule.sources for _event, rule in learned))
        knowledge.load([event for event, _rule in learned], sources, longest(rule.look_back for _e, rule in learned))
    state.load(claim for event, rule in asking for claim in _all_claims(rule, event))


def _all_claims(rule: CompiledRule, event: Event) -> tuple[Claim, ...]:
    own = shopper_claims(rule, event.shopper_id, event.day)
    return own + shared_claims(rule, event.day, event.store_id)


def _settle(rulebook: Rulebook, decisions: list[Decision], state: State, knowledge: Knowledge) -> None:
    """Rules in ranking order; of an exclusive group the first that awards, or holds out, keeps out the rest."""
    facts: Facts | None = None
    taken_by: dict[str, int] = {}
    for decision in decisions:
        if decision.reason:
            continue
        facts = facts or knowledge.facts(decision.event)
        checks = _ask(decision, facts, knowledge)
        if all(check.ok for check in checks):
            checks += _draw(rulebook, decision, taken_by, state)
        decision.trace += checks
        decision.reason = next((check.name for check in checks if not check.ok), "")


def _ask(decision: Decision, facts: Facts, knowledge: Knowledge) -> list[Check]:
    """The checks of who the shopper is: block list, then conditions."""
    shopper_id, tree = decision.event.shopper_id, decision.rule.terms.conditions
    if knowledge.is_blocked(shopper_id):
        return [Check("not_blocked", False, None, shopper_id)]
    if tree is None:
        return []
    ok, found = conditions.explain(tree, facts)
    return [Check("conditions", ok, None, found)]


def _draw(rulebook: Rulebook, decision: Decision, taken_by: dict[str, int], state: State) -> list[Check]:
    """The checks that depend on other decisions: exclusive group and limits; if they hold, the award or, of the
    control group, the ghost issue."""
    event, rule = decision.event, decision.rule
    group = rule.terms.group
    if group in taken_by:
        return [Check("group", False, group, taken_by[group])]
    own = shopper_claims(rule, event.shopper_id, event.day)
    shared = shared_claims(rule, event.day, event.store_id)
    checks = [_room(claim, state) for claim in (*own, *shared) if claim.ceiling < UNLIMITED]
    if not all(check.ok for check in checks):
        return checks
    if group:
        taken_by[group] = rule.rule_id
    return checks + _award(rulebook, decision, own, shared, state)


def _award(
    rulebook: Rulebook, decision: Decision, own: tuple[Claim, ...], shared: tuple[Claim, ...], state: State
) -> list[Check]:
    """Take what the award, or of the control group the ghost issue, takes. Gives back what put the shopper there."""
    apart = control_group(rulebook, decision.rule, decision.event.shopper_id)
    decision.outcome, decision.claims = (HELD_OUT, own) if apart else (AWARDED, own + shared)
    for claim in decision.claims:
        state.take(claim.key, claim.amount)
    return apart


def _room(claim: Claim, state: State) -> Check:
    """Whether a limit has room for what the award takes of it."""
    used = state.used(claim.key)
    asked = (claim.ceiling, claim.amount) if claim.stock is None else (claim.ceiling, claim.amount, claim.stock)
    return Check(claim.name, used + claim.amount <= claim.ceiling, asked, used)


# --- The same without traces: for each check above the name alone, those of a group before the conditions ---


def _decide_quickly(
    rulebook: Rulebook, events: Sequence[Event], state: State, knowledge: Knowledge, refused_by: int | None
) -> list[Decision]:
    considered = [(event, shortlist(rulebook, event)) for event in events]
    _load([(event, rule) for event, rules in considered for rule in rules], state, knowledge)
    decisions: list[Decision] = []
    for event, rules in considered:
        found = _settle_quickly(rulebook, event, rules, state, knowledge, refused_by) if rules else []
        if rulebook.remembers:
            knowledge.note(event, [each.rule for each in found if each.outcome == AWARDED])
        decisions += found
    return decisions


def _settle_quickly(
    rulebook: Rulebook,
    event: Event,
    rules: list[CompiledRule],
    state: State,
    knowledge: Knowledge,
    refused_by: int | None,
) -> list[Decision]:
    facts, taken, found = None, set(), []
    is_blocked = knowledge.is_blocked(event.shopper_id)
    for rule in rules:
        tree, group, decision = rule.terms.conditions, rule.terms.group, None
        if is_blocked:
            reason = "not_blocked"
        elif group in taken:
            reason = "group"
        elif tree is not None and not conditions.holds(tree, facts := facts or knowledge.facts(event)):
            reason = "conditions"
        else:
            decision, reason = _draw_quickly(rulebook, event, rule, state)
        if decision:
            found.append(decision)
            if group:
                taken.add(group)
        elif rule.rule_id == refused_by:
            found.append(Decision(event, rule, REFUSED, reason, [], ()))
    return found


def _draw_quickly(rulebook: Rulebook, event: Event, rule: CompiledRule, state: State) -> tuple[Decision | None, str]:
    """The award or ghost issue, or the name of the limit that has no room for it."""
    own = shopper_claims(rule, event.shopper_id, event.day)
    shared = shared_claims(rule, event.day, event.store_id)
    for claim in own + shared:
        if claim.ceiling < UNLIMITED and state.used(claim.key) + claim.amount > claim.ceiling:
            return None, claim.name
    decision = Decision(event, rule, REFUSED, "", [], ())
    _award(rulebook, decision, own, shared, state)
    return decision, ""


# --- Control groups ---


def control_group(rulebook: Rulebook, rule: CompiledRule, shopper_id: int) -> list[Check]:
    """The line of a trace that says whose control group the shopper is in, the mall's or the rule's; none if no."""
    if rulebook.holdout_bp and is_held_out_of_all(rulebook.salt, rulebook.holdout_bp, shopper_id):
        return [Check("control_group", True, rulebook.holdout_bp, "mall")]
    if is_held_out(rulebook.salt, rule, shopper_id):
        return [Check("control_group", True, rule.terms.holdout_bp, "rule")]
    return []


def is_held_out(salt: bytes, rule: CompiledRule, shopper_id: int) -> bool:
    """Whether a shopper is in the rule's control group: the same answer each time, independent between rules."""
    return _is_drawn(salt, rule.terms.holdout_bp, f"{rule.rule_id}:{shopper_id}")


def is_held_out_of_all(salt: bytes, holdout_bp: int, shopper_id: int) -> bool:
    """Whether a shopper is in the mall's control group, which no rule awards; independent of those of the rules."""
    return _is_drawn(salt, holdout_bp, f"mall:{shopper_id}")


def _is_drawn(salt: bytes, share_bp: int, text: str) -> bool:
    if not share_bp:
        return False
    drawn = hashlib.blake2b(text.encode(), digest_size=8, key=salt[:64]).digest()
    return int.from_bytes(drawn, "big") % 10_000 < share_bp
