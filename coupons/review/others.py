"""Other rules of the same exclusive group, and the version of the rule that runs already."""

from collections.abc import Iterator

from coupons import widening
from coupons.engine.terms import RuleTerms

from .world import WEEK, Finding, World, minutes, trigger_stores


def rivals(terms: RuleTerms, world: World) -> Iterator[Finding]:
    """Other live rules of the same exclusive group that meet some of the same payments."""
    if not terms.group or terms.trigger != "payment":
        return
    cost = sum(world.specs[pk].cost_fen * count for pk, count in terms.award if pk in world.specs)
    rank = (-terms.priority, -cost, world.rule_id or float("inf"))
    for rival in world.rivals:
        if rival.terms.group == terms.group and _meet(terms, rival.terms, world):
            first = rank < rival.rank
            about = {"rule": rival.name, "rule_id": rival.rule_id, "group": terms.group, "first": first}
            yield Finding("rival", "info" if first else "warn", "group", about)


def changes(terms: RuleTerms, world: World) -> Iterator[Finding]:
    """What a rule that ran may not change: the services refuse it too."""
    if world.running is None:
        return
    if terms.holdout_bp != world.running.holdout_bp:
        yield Finding("holdout_fixed", "bad", "holdout_bp", {"bp": world.running.holdout_bp})
    if world.is_live and (fields := widening.narrowed(world.running, terms, world.directory)):
        yield Finding("narrows", "bad", fields[0], {"fields": fields})


def _meet(one: RuleTerms, other: RuleTerms, world: World) -> bool:
    """Whether a payment can meet both."""
    if other.trigger != "payment" or not trigger_stores(one, world) & trigger_stores(other, world):
        return False
    if not set(one.weekdays or WEEK) & set(other.weekdays or WEEK):
        return False
    days = _days(one, other) and _days(other, one)
    return days and any(a <= d and c <= b for a, b in minutes(one) for c, d in minutes(other))


def _days(one: RuleTerms, other: RuleTerms) -> bool:
    return not (one.starts_on and other.ends_on) or one.starts_on <= other.ends_on
