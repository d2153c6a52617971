"""From a mall, terms and a span of days to a trial: which rules go along, how far to read, what to know beforehand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce, Least

from coupons import rulebooks
from coupons.engine.conditions import leaves
from coupons.engine.rulebook import CompiledRule, Rulebook, longest
from coupons.engine.terms import RuleTerms
from coupons.models import Coupon, Rule, RuleVersion, Stock
from coupons.models.stock import Validity
from coupons.rulebooks import Book
from mallops.lib.dates import day_end, day_start
from merchants.models import Mall
from merchants.queries import directory as directories
from merchants.queries.directory import Directory
from payments.models import ParkingStay, ShopperTag

from .knowledge import Known, Spans
from .natural import Offer
from .run import Trial
from .source import day_of, ledger_days

if TYPE_CHECKING:
    import numpy as np

NEW_RULE = 0  # the id of a rule that was never saved
LATE = timedelta(days=3)  # coupons of late payments are given so long after them at most


@dataclass(frozen=True, slots=True)
class Plan:
    """A trial, and the local days of which payments are read: from `read_from` to `read_to`, both included.

    `alongside` are the ids of the live rules that are replayed with it; `set_aside` that its first and last day are not
    obeyed; `known_until` the second (UTC) up to which the ledger tells who came.
    """

    directory: Directory
    trial: Trial
    read_from: date
    read_to: date
    known_until: int
    alongside: tuple[int, ...]
    set_aside: bool


def make_plan(mall: Mall, rule: Rule | None, terms: RuleTerms, first: date, last: date, *, now: datetime) -> Plan:
    """The stocks, stores and categories in `terms` have to be the mall's, and the ledger to have payments."""
    directory = directories.current(mall.pk)
    book = rulebooks.current(directory)
    began, ended = ledger_days(mall.pk)
    obeyed = within(terms, first, last)
    tried = compiled(rule.pk if rule else NEW_RULE, obeyed, book)
    along = alongside(tried, book.rulebook.rules)
    rules = [tried, *along]
    offers = [offer(book.stocks[spec.id], directory, spec.usable, ended) for spec, _count in tried.award]
    trial = Trial(
        rulebook=Rulebook(
            rules, directory.subtree, salt=settings.SHOPPER_KEY, holdout_bp=mall.holdout_bp,
            raises=rulebooks.raises(mall.pk),
        ),
        rule=tried, category_of=directory.category_of,
        places=book.places, known=known(mall.pk, rules, book, now=now), offers=offers,
        first=first, last=last,
    )  # fmt: skip
    return Plan(
        directory, trial, read_from=reach_back(rules, first, began), read_to=min(ended, reach_on(book, tried, last)),
        known_until=int(min(now, day_end(ended, directory.time_zone)).timestamp()),
        alongside=tuple(sorted(each.rule_id for each in along)), set_aside=obeyed != terms,
    )  # fmt: skip


def within(terms: RuleTerms, first: date, last: date) -> RuleTerms:
    """The terms; without their first and last day if these have nothing in common with the span: a rule for the next
    month is tried as if it had run then."""
    if (terms.starts_on or first) <= last and first <= (terms.ends_on or last):
        return terms
    return replace(terms, starts_on=None, ends_on=None)


def compiled(rule_id: int, terms: RuleTerms, book: Book) -> CompiledRule:
    version = RuleVersion(pk=0, terms=terms.to_json())
    return rulebooks.compile_rule(Rule(pk=rule_id, version=version), book.specs)


def alongside(tried: CompiledRule, live: Iterable[CompiledRule]) -> list[CompiledRule]:
    """The other live rules that what is tried may depend on: of its exclusive group, or that give of its stocks, and
    those on which these depend."""
    found, wave, rest = [], [tried], [rule for rule in live if rule.rule_id != tried.rule_id]
    while wave:
        groups = {rule.terms.group for rule in wave} - {""}
        stocks = {stock.id for rule in wave for stock, _count in rule.award}
        wave = [rule for rule in rest if rule.terms.group in groups or stocks & {stock.id for stock, _ in rule.award}]
        found += wave
        rest = [rule for rule in rest if rule not in wave]
    return found


def reach_back(rules: Sequence[CompiledRule], first: date, began: date) -> date:
    """The first day whose payments are history to some rule."""
    days = longest(rule.look_back for rule in rules)
    return max(began, first - timedelta(days=days)) if days is not None else min(began, first)


def reach_on(book: Book, tried: CompiledRule, last: date) -> date:
    """The last day on which a coupon given in the span may be used."""
    stocks = [book.stocks[spec.id] for spec, _count in tried.award]
    return max(last + LATE + timedelta(days=lasts_days(stock)) for stock in stocks)


def lasts_days(stock: Stock) -> int:
    """For how many days, rounded up, a coupon can be used from the day it is given."""
    if stock.validity == Validity.FIXED:
        return (stock.valid_until_day - stock.valid_from_day).days
    return stock.valid_for if stock.validity == Validity.DAYS else -(-stock.valid_for // 24)


def offer(stock: Stock, directory: Directory, usable: frozenset[int], ended: date) -> Offer:
    return Offer(stock.pk, stock.merchant_id, usable, validity(stock, directory.time_zone, ended))


def validity(
    stock: Stock, zone: str, ended: date
) -> "Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]":
    """As `coupons.issuing.validity`, by column. Fixed days that end after the ledger are taken as so many days from the
    day of issue: nobody knows yet who will come then."""
    if stock.validity == Validity.HOURS:
        return lambda at, on: (at, at + stock.valid_for * 3600)
    if stock.validity == Validity.FIXED and stock.valid_until_day <= ended:
        start, end = day_start(stock.valid_from_day, zone), day_end(stock.valid_until_day, zone)
        return lambda at, on: (at * 0 + int(start.timestamp()), at * 0 + int(end.timestamp()))
    return lambda at, on: (at, ends_of(on + lasts_days(stock), zone))


def ends_of(days: "np.ndarray", zone: str) -> "np.ndarray":
    """The second (UTC) at which each local day is over."""
    import numpy as np

    numbers, place = np.unique(days, return_inverse=True)
    ends = [int(day_end(day_of(number), zone).timestamp()) for number in numbers.tolist()]
    return np.array(ends, dtype=np.int64)[place]


# --- What the rules ask beside the payments ---


def known(mall_id: int, rules: Sequence[CompiledRule], book: Book, *, now: datetime) -> Known:
    asked = frozenset().union(*(rule.sources for rule in rules))
    blocked = {shopper for shopper, until in book.blocked.items() if until is None or now < until}
    return Known(
        blocked,
        tags(mall_id) if "tags" in asked else {},
        stays(mall_id) if "parking" in asked else {},
        coupons(mall_id, rules) if "coupons" in asked else {},
    )


def tags(mall_id: int) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for shopper, tag in ShopperTag.objects.for_mall(mall_id).values_list("shopper", "tag").iterator():
        found.setdefault(shopper, set()).add(tag)
    return {shopper: frozenset(words) for shopper, words in found.items()}


def stays(mall_id: int) -> Spans:
    return _spans(ParkingStay.objects.for_mall(mall_id).values_list("shopper", "id", "entered_at", "left_at"))


def coupons(mall_id: int, rules: Sequence[CompiledRule]) -> Spans:
    """Coupons that were held, of the stocks asked for that none of the rules gives."""
    asking = [leaf for rule in rules for leaf in leaves(rule.terms.conditions) if leaf.fact == "holds_stock"]
    asked = {stock for leaf in asking for stock in leaf.value}
    given = {stock.id for rule in rules for stock, _count in rule.award}
    held = Coupon.objects.for_mall(mall_id).filter(stock__in=asked - given)
    ends = Least("expires_at", Coalesce(Max("redemptions__redeemed_at"), "expires_at"))
    return _spans(held.annotate(until=ends).values_list("shopper", "stock", "issued_at", "until"))


def _spans(rows: QuerySet) -> Spans:
    found: dict[int, list[tuple[int, int, int]]] = {}
    for shopper, what, start, end in rows.iterator():
        until = 2**62 if end is None else int(end.timestamp())
        found.setdefault(shopper, []).append((what, int(start.timestamp()), until))
    return found
