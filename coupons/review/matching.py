"""Whether anything can match: dates and weekdays, open places, conditions that leave something of the trigger."""

from collections.abc import Iterator
from datetime import date

from coupons import contradictions
from coupons.contradictions import Clash
from coupons.engine.terms import RuleTerms
from coupons.narrowing import Scope

from .world import Finding, World, minutes, open_weekdays, trigger_stores


def times(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
    if terms.ends_on and terms.ends_on < world.today:
        yield Finding("over", "bad", "ends_on", {"day": terms.ends_on})
    elif not open_weekdays(terms, start):
        yield Finding("no_day", "bad", "weekdays", {"days": terms.weekdays, "start": start, "end": terms.ends_on})


def matching(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
    """Whether anything can match: the place is open, and the conditions leave something of the trigger."""
    stores = trigger_stores(terms, world)
    open_stores = frozenset(store for store in stores if world.is_open(store, start))
    if stores and not open_stores:
        yield Finding("trigger_closed", "bad", "stores", {"stores": sorted(stores)})
        return
    if not (weekdays := open_weekdays(terms, start)):
        return
    scope = Scope(_amount(terms), open_stores, weekdays, minutes(terms))
    verdict = contradictions.judge(terms.conditions, scope, world.places)
    if verdict.never:
        yield _never(verdict.never, scope, terms)
    for place in sorted(verdict.idle):
        yield Finding("idle", "warn", f"leaf:{place}", {"place": place + 1})


def _never(clash: Clash, scope: Scope, terms: RuleTerms) -> Finding:
    about = {"topic": clash.topic, "amount": (terms.min_fen, terms.max_fen), "hours": terms.hours}
    about |= {"weekdays": sorted(scope.weekdays), "trigger": terms.trigger}
    return Finding("never", "bad", f"leaf:{clash.place}", about)


def _amount(terms: RuleTerms) -> tuple[float, float]:
    if terms.trigger != "payment":
        return 0, 0
    return terms.min_fen, float("inf") if terms.max_fen is None else terms.max_fen


def claims(terms: RuleTerms, world: World) -> Iterator[Finding]:
    """What coupons without a payment need."""
    limits = terms.limits
    if terms.trigger == "nearby" and not world.has_position:
        yield Finding("no_position", "bad", "trigger", {})
    per_shopper = (limits.per_shopper, limits.per_shopper_per_day, limits.per_shopper_in_days)
    if terms.trigger in ("qr", "nearby") and per_shopper == (None, None, None):
        yield Finding("again_and_again", "warn", "per_shopper", {})
    if terms.trigger == "hand_out" and terms.conditions is None:
        yield Finding("everybody", "warn", "conditions", {})
