"""What is impossible, contradictory or worth a thought in the terms of a rule. Pure: terms and what surrounds them.

Nothing here forbids saving a draft; what may not run is refused by `RuleTerms.check` and by the services.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from merchants.queries.directory import Directory

from . import contradictions, funding, widening
from .contradictions import Clash, Scope
from .engine.history import Places
from .engine.rulebook import StockSpec
from .engine.terms import RuleTerms

AHEAD = 30  # days looked ahead where a rule has no end
WEEK = range(1, 8)
TONES = ("bad", "warn", "info")


class Finding(NamedTuple):
    """`tone`: bad (cannot work), warn, info. `where`: the field it is about, ``leaf:2`` for the third condition.
    `about`: ids and figures for its sentence (`coupons.sentences.findings`)."""

    code: str
    tone: str
    where: str
    about: dict[str, Any]


class Rival(NamedTuple):
    """Another live rule, and its rank among rules (`engine.rulebook`; the lower comes first)."""

    rule_id: int
    name: str
    terms: RuleTerms
    rank: tuple


@dataclass(frozen=True, slots=True)
class World:
    """What surrounds a rule. `left`: coupons left of each stock. `rivals`: the other live rules. `a_day`: payments a
    day that would have matched lately, None where that is not known; with `is_tried` shoppers a day of a backtest.
    `rule_id` is 0 for a new rule; `running` are the
    terms it runs by, if it ever ran, and `is_live` whether it does now."""

    today: date
    directory: Directory
    places: Places
    specs: Mapping[int, StockSpec]
    left: Mapping[int, int] = field(default_factory=dict)
    rivals: tuple[Rival, ...] = ()
    a_day: float | None = None
    is_tried: bool = False
    has_position: bool = True
    rule_id: int = 0
    running: RuleTerms | None = None
    is_live: bool = False

    def is_open(self, store: int, day: date) -> bool:
        closed = self.directory.by_id[store].closed_on if store in self.directory.by_id else day
        return closed is None or closed > day


def review(terms: RuleTerms, world: World) -> list[Finding]:
    """The findings, the gravest first."""
    start = max(world.today, terms.starts_on or world.today)
    found = [
        *_times(terms, world, start),
        *_matching(terms, world, start),
        *_stocks(terms, world, start),
        *_amounts(terms, world, start),
        *_claims(terms, world),
        *_rivals(terms, world),
        *_changes(terms, world),
    ]
    return sorted(found, key=lambda finding: TONES.index(finding.tone))


def _times(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
    if terms.ends_on and terms.ends_on < world.today:
        yield Finding("over", "bad", "ends_on", {"day": terms.ends_on})
    elif not open_weekdays(terms, start):
        yield Finding("no_day", "bad", "weekdays", {"days": terms.weekdays, "start": start, "end": terms.ends_on})


def open_weekdays(terms: RuleTerms, start: date) -> frozenset[int]:
    """The weekdays on which the rule can run from a day on."""
    days = (terms.ends_on - start).days + 1 if terms.ends_on else 7
    coming = {(start + timedelta(days=n)).isoweekday() for n in range(min(days, 7))}
    return frozenset(coming & set(terms.weekdays or WEEK))


def _matching(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
    """Whether anything can match: the place is open, and the conditions leave something of the trigger."""
    stores = trigger_stores(terms, world)
    open_stores = frozenset(store for store in stores if world.is_open(store, start))
    if stores and not open_stores:
        yield Finding("trigger_closed", "bad", "stores", {"stores": sorted(stores)})
        return
    if not (weekdays := open_weekdays(terms, start)):
        return
    scope = Scope(_amount(terms), open_stores, weekdays, _minutes(terms))
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


def _minutes(terms: RuleTerms) -> tuple[tuple[int, int], ...]:
    return tuple((start, end - 1) for start, end in terms.hours or ((0, contradictions.MINUTES),))


def trigger_stores(terms: RuleTerms, world: World) -> frozenset[int]:
    """Ids of the stores where it can happen."""
    stores = world.places.stores(terms.stores, terms.categories)
    return frozenset(world.directory.by_id) if stores is None else stores


def _stocks(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
    """Each awarded stock: given out, valid and usable while the rule runs."""
    for pk, _count in terms.award:
        spec = world.specs.get(pk)
        if spec is not None:
            yield from _stock(terms, world, spec, start)


def _stock(terms: RuleTerms, world: World, spec: StockSpec, start: date) -> Iterator[Finding]:
    about = {"stock": spec.id, "day": spec.last_day}
    if not spec.is_open:
        yield Finding("stock_closed", "bad", "award", about)
    elif spec.last_day and spec.last_day < start:
        yield Finding("stock_over", "bad", "award", about)
    elif spec.last_day and (terms.ends_on is None or spec.last_day < terms.ends_on):
        yield Finding("stock_ends_first", "warn" if terms.ends_on else "info", "award", about)
    open_stores = {store for store in spec.usable if world.is_open(store, start)}
    if not open_stores:
        yield Finding("award_closed", "bad", "award", about | {"stores": sorted(spec.usable)})
    named = terms.stores or terms.categories
    if named and open_stores and open_stores <= trigger_stores(terms, world):
        yield Finding("same_store", "info", "award", about)


def _amounts(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
    """What is expected against what there is."""
    if not all(pk in world.specs for pk, _count in terms.award):
        return
    expected = expected_awards(terms, world, start)
    if expected is not None:
        tone = "info" if world.a_day else "warn"
        about = {"a_day": world.a_day, "is_tried": world.is_tried, "awards": expected, "end": terms.ends_on}
        yield Finding("expected", tone, "", about)
    for pk, count in terms.award:
        left = world.left.get(pk, world.specs[pk].quantity)
        about = {"stock": pk, "left": left, "awards": expected, "end": terms.ends_on}
        if left < count:
            yield Finding("stock_empty", "bad", "award", about)
        elif expected and expected * count > left:
            yield Finding("stock_small", "warn", "award", about)
    yield from _unlimited(terms, world)


def expected_awards(terms: RuleTerms, world: World, start: date) -> int | None:
    """About how many awards to expect until the end of the rule, or in the next AHEAD days: the payments that lately
    matched, as far as the rule's own limits let them."""
    if world.a_day is None or terms.trigger != "payment":
        return None
    last = terms.ends_on or start + timedelta(days=AHEAD - 1)
    days = max(0, (last - start).days + 1)
    spanned = _within(terms, start, last)
    most = funding.most_awards(spanned, world.specs) if terms.award else None
    expected = round(world.a_day * days * (10_000 - terms.holdout_bp) / 10_000)
    return expected if most is None else min(expected, most)


def _within(terms: RuleTerms, start: date, last: date) -> RuleTerms:
    return replace(terms, starts_on=start, ends_on=max(start, last))


def _unlimited(terms: RuleTerms, world: World) -> Iterator[Finding]:
    """No limit of the rule holds the money: the stocks alone do."""
    specs = [world.specs[pk] for pk, _count in terms.award]
    if specs and funding.most_awards(terms, world.specs) is None and not any(spec.budget_fen for spec in specs):
        most = min(world.left.get(pk, world.specs[pk].quantity) // count for pk, count in terms.award)
        cost = sum(world.specs[pk].cost_fen * count for pk, count in terms.award)
        yield Finding("no_limit", "warn", "budget_fen", {"fen": most * cost})


def _claims(terms: RuleTerms, world: World) -> Iterator[Finding]:
    """What coupons without a payment need."""
    limits = terms.limits
    if terms.trigger == "nearby" and not world.has_position:
        yield Finding("no_position", "bad", "trigger", {})
    per_shopper = (limits.per_shopper, limits.per_shopper_per_day, limits.per_shopper_in_days)
    if terms.trigger in ("qr", "nearby") and per_shopper == (None, None, None):
        yield Finding("again_and_again", "warn", "per_shopper", {})
    if terms.trigger == "hand_out" and terms.conditions is None:
        yield Finding("everybody", "warn", "conditions", {})


def _rivals(terms: RuleTerms, world: World) -> Iterator[Finding]:
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


def _changes(terms: RuleTerms, world: World) -> Iterator[Finding]:
    """What a rule that ran may not change: the services refuse it too."""
    if world.running is None:
        return
    if terms.holdout_bp != world.running.holdout_bp:
        yield Finding("holdout_fixed", "bad", "holdout_bp", {"bp": world.running.holdout_bp})
    category_of = {store.id: store.category_id for store in world.directory.by_id.values()}
    places = widening.Places(world.directory.subtree, category_of)
    if world.is_live and (fields := widening.narrowed(world.running, terms, places)):
        yield Finding("narrows", "bad", fields[0], {"fields": fields})


def _meet(one: RuleTerms, other: RuleTerms, world: World) -> bool:
    """Whether a payment can meet both."""
    if other.trigger != "payment" or not trigger_stores(one, world) & trigger_stores(other, world):
        return False
    if not set(one.weekdays or WEEK) & set(other.weekdays or WEEK):
        return False
    days = _days(one, other) and _days(other, one)
    return days and any(a <= d and c <= b for a, b in _minutes(one) for c, d in _minutes(other))


def _days(one: RuleTerms, other: RuleTerms) -> bool:
    return not (one.starts_on and other.ends_on) or one.starts_on <= other.ends_on
