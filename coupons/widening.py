"""What another version takes away from a running rule. Pure.

People count on a live rule, so it only widens: more places, days and hours, smaller amounts, higher limits, more
coupons, weaker conditions. Who pays may change, that is between those who do (`coupons.funding`).
"""

from collections.abc import Iterable
from dataclasses import fields

from merchants.queries.directory import Directory

from .engine.conditions import Group, Leaf, Node, Not
from .engine.terms import Limits, RuleTerms

MINUTES = 1_440
# How much a policy leaves the shopper, by name.
_KINDNESS = {"revoke": 0, "revoke_below_minimum": 1, "keep": 2, "forfeit": 0, "return": 1}


def narrowed(old: RuleTerms, new: RuleTerms, directory: Directory) -> list[str]:
    """The fields by which `new` gives somebody less than `old`; empty if it only widens."""
    wider = {
        "trigger": old.trigger == new.trigger,
        "radius_m": _reaches(old, new),
        "stores": _covers_places(old, new, directory),
        "min_fen": new.min_fen <= old.min_fen,
        "max_fen": _no_lower(new.max_fen, old.max_fen),
        "starts_on": new.starts_on is None or (old.starts_on is not None and new.starts_on <= old.starts_on),
        "ends_on": _no_lower(new.ends_on, old.ends_on),
        "weekdays": not new.weekdays or (bool(old.weekdays) and set(old.weekdays) <= set(new.weekdays)),
        "hours": _minutes(old.hours) <= _minutes(new.hours),
        "conditions": new.conditions is None
        or (old.conditions is not None and implies(old.conditions, new.conditions)),
        "award": all(_count(new, stock) >= _count(old, stock) for stock, _coupons in old.award),
        "group": new.group in ("", old.group),
        "priority": not old.group or new.priority >= old.priority,
        "on_trigger_refund": _KINDNESS[new.on_trigger_refund] >= _KINDNESS[old.on_trigger_refund],
        "on_use_refund": _KINDNESS[new.on_use_refund] >= _KINDNESS[old.on_use_refund],
    }
    return [name for name, is_wider in wider.items() if not is_wider] + _lower_limits(old.limits, new.limits)


def implies(old: Node, new: Node) -> bool:
    """Whether `new` holds wherever `old` does. Never wrongly yes; a no may only be that it cannot be seen."""
    if old == new:
        return True
    if isinstance(old, Group) and old.kind == "any":
        return all(implies(part, new) for part in old.parts)
    if isinstance(new, Group) and new.kind == "all":
        return all(implies(old, part) for part in new.parts)
    if isinstance(old, Group) and any(implies(part, new) for part in old.parts):
        return True
    if isinstance(new, Group):
        return any(implies(old, part) for part in new.parts)
    if isinstance(old, Not) and isinstance(new, Not):
        return implies(new.part, old.part)
    return isinstance(old, Leaf) and isinstance(new, Leaf) and _leaf_implies(old, new)


def _leaf_implies(old: Leaf, new: Leaf) -> bool:
    if _about(old) != _about(new):
        return False
    if new.op == "at_least":
        return old.op in ("at_least", "equals") and old.value >= new.value
    if new.op == "at_most":
        return old.op in ("at_most", "equals") and old.value <= new.value
    if new.op == "in":
        return old.op == "in" and set(old.value) <= set(new.value)
    return new.op == old.op == "not_in" and set(new.value) <= set(old.value)


def _about(leaf: Leaf) -> tuple:
    return leaf.fact, leaf.days, leaf.stores, leaf.categories


def _lower_limits(old: Limits, new: Limits) -> list[str]:
    """Limits that are lower or new. Runs of another length never compare: only without them is a change wider."""
    names = [limit.name for limit in fields(Limits) if limit.name != "window_days"]
    lower = [name for name in names if not _no_lower(getattr(new, name), getattr(old, name))]
    if new.per_shopper_in_days is not None and new.window_days != old.window_days:
        lower.append("window_days")
    return lower


def _covers_places(old: RuleTerms, new: RuleTerms, directory: Directory) -> bool:
    if not new.stores and not new.categories:
        return True
    if not old.stores and not old.categories:
        return False
    covered = directory.below(new.categories).union(new.categories)
    return covered.issuperset(old.categories) and directory.stores_in(new.stores, new.categories).issuperset(old.stores)


def _reaches(old: RuleTerms, new: RuleTerms) -> bool:
    """Metres; without a number the mall's own radius counts, which may be anything."""
    if old.radius_m is None or new.radius_m is None:
        return old.radius_m == new.radius_m
    return new.radius_m >= old.radius_m


def _minutes(hours: Iterable[tuple[int, int]]) -> set[int]:
    hours = list(hours) or [(0, MINUTES)]
    return {minute for start, end in hours for minute in range(start, end)}


def _count(terms: RuleTerms, stock: int) -> int:
    return sum(count for each, count in terms.award if each == stock)


def _no_lower(new, old) -> bool:
    """Of an upper end, where None is without end."""
    return new is None or (old is not None and new >= old)
