"""Whether there is what the rule gives: stocks that are open, valid and usable, enough of them, and money."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from coupons import funding
from coupons.engine.rulebook import StockSpec
from coupons.engine.terms import RuleTerms

from .world import Finding, World, trigger_stores

AHEAD = 30  # days looked ahead where a rule has no end


def stocks(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
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


def amounts(terms: RuleTerms, world: World, start: date) -> Iterator[Finding]:
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
