"""decide(rulebook, events, state, knowledge) -> decisions. Pure: plain values in, plain values out.

The live path, the import and the backtest call the same function; they differ in the state and the knowledge they
hand in, and in whether a trace is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from . import conditions
from .checks import Check, consider, shortlist
from .conditions import Facts, Node
from .control import control_group
from .event import Event
from .history import Knowledge
from .limits import UNLIMITED, Claim, MemoryState, shared_claims, shopper_claims
from .rulebook import CompiledRule, Met, Rulebook

__all__ = ["AWARDED", "HELD_OUT", "REFUSED", "Check", "Decision", "Event", "MemoryState", "decide"]

AWARDED, HELD_OUT, REFUSED = "awarded", "held_out", "refused"


@dataclass(slots=True)
class Decision:
    """What a rule version decides on an event. `reason` is the name of the first check that failed."""

    event: Event
    rule: CompiledRule
    outcome: str
    reason: str
    trace: list[Check]
    claims: Sequence[Claim]


def decide(
    rulebook: Rulebook,
    events: Sequence[Event],
    state: MemoryState,
    knowledge: Knowledge,
    *,
    traced: bool = True,
    refused_by: int | None = None,
) -> list[Decision]:
    """The decisions on each event, in order, by each rule that it meets. `state` and `knowledge` are moved on.

    Not `traced`, only awards and ghost issues come back, without their traces: the fast path of a backtest; and of the
    rule `refused_by` what the shopper, other decisions or limits refused.
    """
    meet = consider if traced else shortlist
    considered = [(event, meet(rulebook, event)) for event in events]
    _load(considered, state, knowledge)
    decisions: list[Decision] = []
    for event, met in considered:
        case = _Case(event, rulebook, state, knowledge, knowledge.is_blocked(event.shopper_id))
        found = _settle(case, met, refused_by)
        if rulebook.remembers:
            knowledge.note(event, [each.rule for each in found if each.outcome == AWARDED])
        decisions += found
    return decisions


# --- What has to be looked up ---


def _load(considered: list[tuple[Event, list[Met]]], state: MemoryState, knowledge: Knowledge) -> None:
    """Have state and knowledge look up, once, what the decisions still open may ask."""
    knowledge.load((event, rule) for event, rule in _still_open(considered) if rule.sources)
    state.load(claim for event, rule in _still_open(considered) for part in _claims(event, rule) for claim in part)


def _still_open(considered: list[tuple[Event, list[Met]]]) -> Iterator[tuple[Event, CompiledRule]]:
    return ((event, each.rule) for event, met in considered for each in met if not each.reason)


def _claims(event: Event, rule: CompiledRule) -> tuple[tuple[Claim, ...], tuple[Claim, ...]]:
    """What an award takes: of the shopper's own limits, and of those that all share."""
    return shopper_claims(rule, event.shopper_id, event.day), shared_claims(rule, event.day, event.store_id)


# --- One event and its rules, in ranking order. Each check adds its line to the trace, if one is kept ---


@dataclass(slots=True)
class _Case:
    """An event while its rules are gone through. `taken_by` is, by exclusive group, the rule that keeps out the rest:
    the first that awards, or holds out."""

    event: Event
    rulebook: Rulebook
    state: MemoryState
    knowledge: Knowledge
    is_blocked: bool
    taken_by: dict[str, int] = field(default_factory=dict)
    facts: Facts | None = None


def _settle(case: _Case, met: Iterable[Met], refused_by: int | None) -> list[Decision]:
    decisions = []
    for rule, trace, failed in met:
        reason = failed or _refusal(case, rule, trace)
        if not reason:
            own, shared = _claims(case.event, rule)
            reason = _full(own + shared, case.state, trace)
        if not reason:
            decisions.append(_award(case, rule, trace, own, shared))
        elif trace is not None or rule.rule_id == refused_by:
            decisions.append(Decision(case.event, rule, REFUSED, reason, trace or [], ()))
    return decisions


def _refusal(case: _Case, rule: CompiledRule, trace: list[Check] | None) -> str:
    """Whether block list, conditions or group refuse: the name of the first that does. Where no trace has to tell of
    the conditions, which cost the most, the group is asked before them."""
    tree, group, taken_by = rule.terms.conditions, rule.terms.group, case.taken_by
    if case.is_blocked:
        return _no("not_blocked", None, case.event.shopper_id, trace)
    if trace is None and group in taken_by:
        return "group"
    if tree is not None and not _hold(tree, case, trace):
        return "conditions"
    return _no("group", group, taken_by[group], trace) if group in taken_by else ""


def _no(name: str, expected: object, actual: object, trace: list[Check] | None) -> str:
    if trace is not None:
        trace.append(Check(name, False, expected, actual))
    return name


def _hold(tree: Node, case: _Case, trace: list[Check] | None) -> bool:
    facts = case.facts = case.facts or case.knowledge.facts(case.event)
    if trace is None:
        return conditions.holds(tree, facts)
    ok, found = conditions.explain(tree, facts)
    trace.append(Check("conditions", ok, None, found))
    return ok


def _full(claims: Sequence[Claim], state: MemoryState, trace: list[Check] | None) -> str:
    """The name of the first limit that has no room for what the award takes of it."""
    reason, counts = "", state.counts
    for key, amount, ceiling, name, stock in claims:
        if ceiling >= UNLIMITED:
            continue
        used = counts.get(key, 0)
        if used + amount > ceiling:
            reason = reason or name
        if trace is not None:
            asked = (ceiling, amount) if stock is None else (ceiling, amount, stock)
            trace.append(Check(name, used + amount <= ceiling, asked, used))
        elif reason:
            break
    return reason


def _award(
    case: _Case, rule: CompiledRule, trace: list[Check] | None, own: tuple[Claim, ...], shared: tuple[Claim, ...]
) -> Decision:
    """Take what the award, or of the control group the ghost issue, takes."""
    apart = control_group(case.rulebook, rule, case.event.shopper_id)
    claims = own if apart else own + shared
    case.state.take(claims)
    if rule.terms.group:
        case.taken_by[rule.terms.group] = rule.rule_id
    if apart and trace is not None:
        share_bp = case.rulebook.holdout_bp if apart == "mall" else rule.terms.holdout_bp
        trace.append(Check("control_group", True, share_bp, apart))
    return Decision(case.event, rule, HELD_OUT if apart else AWARDED, "", trace or [], claims)
