"""What can be told of an event and a rule without looking anything up. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from .event import Event
from .rulebook import CompiledRule, Met, Rulebook


class Check(NamedTuple):
    """One line of a trace: what was looked at, whether it held, what was asked for, what was found.

    Of a limit: asked for are its ceiling, what the award takes, and of a stock's limit the stock; found is what was
    used before. Of the conditions: found are pairs of whether each leaf held and what was found. A boost always holds:
    asked for is the weight by which the rule ranked higher. Of a payer: asked for is its number, found its standing.
    """

    name: str
    ok: bool
    expected: Any
    actual: Any


def consider(rulebook: Rulebook, event: Event) -> list[Met]:
    """Each rule that the event meets, in ranking order, with a trace."""
    found = []
    raised = rulebook.raised(event.day)
    for rule in _met(rulebook, event):
        trace = check_event(rule, event) if event.rule_id is None else check_claim(rulebook, rule, event)
        if rule.rule_id in raised:
            trace.append(Check("boost", True, raised[rule.rule_id], None))
        found.append(Met(rule, trace, next((check.name for check in trace if not check.ok), "")))
    return found


def shortlist(rulebook: Rulebook, event: Event) -> list[Met]:
    """The rules of `consider` that no check refused, without traces, quickly."""
    if event.shopper_id is None:
        return []
    if event.rule_id is not None:
        return [each._replace(trace=None) for each in consider(rulebook, event) if not each.reason]
    day, fen, minute = event.day, event.amount_fen, event.minute
    running = rulebook.on_day(event.store_id, event.category_id, day, event.given_on or day)
    return [
        met for least, most, hours, met in running if least <= fen <= most and (not hours or is_within(hours, minute))
    ]


def is_within(hours: Sequence[tuple[int, int]], minute: int) -> bool:
    for start, end in hours:
        if start <= minute < end:
            return True
    return False


def _met(rulebook: Rulebook, event: Event) -> Sequence[CompiledRule]:
    if event.rule_id is None:
        return rulebook.candidates(event.store_id, event.category_id, event.day)
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
    trace += [Check("payer", False, payer, standing) for payer, standing in rule.resting]
    return trace


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
