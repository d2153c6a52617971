"""The live rules and the stocks of a mall, compiled for the engine and kept until the mall's revision moves on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from mallops.lib.cache import by_revision
from merchants import access
from merchants.models import Mall
from merchants.queries.directory import Directory
from merchants.queries.providers import barred

from .engine.history import Places
from .engine.rulebook import CompiledRule, Raise, Rulebook, StockSpec
from .engine.terms import RuleTerms
from .models import Block, Boost, Rule, Stock
from .models.rule import RuleState
from .models.stock import Validity
from .payers import payer

NOBODY: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class Book:
    """`stocks` are the rows as compiled, for making coupons; `specs` what the engine knows of them; `blocked` until
    when each blocked shopper gets no coupons (None: until lifted)."""

    rulebook: Rulebook
    stocks: dict[int, Stock]
    specs: dict[int, StockSpec]
    places: Places
    blocked: dict[int, datetime | None]


def current(directory: Directory) -> Book:
    return _at_revision(directory.mall_id, directory.revision, directory)


@by_revision
def _at_revision(mall_id: int, revision: int, directory: Directory) -> Book:
    stocks = {stock.pk: stock for stock in Stock.objects.filter(mall=mall_id).prefetch_related("stores", "categories")}
    specs = {stock.pk: stock_spec(stock, directory) for stock in stocks.values()}
    live = Rule.objects.filter(mall=mall_id, state=RuleState.LIVE).select_related("version")
    standings = barred_standings(mall_id)
    rules = [compile_rule(rule, specs, standings) for rule in live]
    holdout_bp = Mall.objects.values_list("holdout_bp", flat=True).get(pk=mall_id)
    rulebook = Rulebook(
        rules, directory.subtree, salt=settings.SHOPPER_KEY, holdout_bp=holdout_bp, raises=raises(mall_id)
    )
    return Book(rulebook, stocks, specs, places(directory), open_blocks(mall_id))


def places(directory: Directory) -> Places:
    return Places(directory.category_of, directory.subtree)


def raises(mall_id: int) -> list[Raise]:
    """The boosts of a mall, past ones too: backtests replay them. While a provider is suspended or terminated, none of
    its boosts counts."""
    counting = Boost.objects.filter(access.active("provider__"), mall=mall_id)
    return [Raise(*row) for row in counting.values_list("rule", "weight", "from_day", "until_day")]


def barred_standings(mall_id: int) -> dict[int, str]:
    """By the numbers of payers, the standing of each provider that may pay nothing."""
    return {payer(None, pk): standing for pk, standing in barred(mall_id).values_list("pk", "standing")}


def open_blocks(mall_id: int) -> dict[int, datetime | None]:
    """Until when each shopper with a block that nobody lifted is blocked; of several the longest. Kept with the
    rulebook: whoever writes a Block calls `touch_mall`, so that a payment never asks for them."""
    found: dict[int, datetime | None] = {}
    for shopper, until in Block.objects.for_mall(mall_id).filter(lifted_at=None).values_list("shopper", "until"):
        earlier = found.get(shopper, until)
        found[shopper] = None if until is None or earlier is None else max(until, earlier)
    return found


def compile_rule(rule: Rule, specs: dict[int, StockSpec], standings: Mapping[int, str] = NOBODY) -> CompiledRule:
    """`standings` are those of payers that may pay nothing now."""
    terms = RuleTerms.from_json(rule.version.terms)
    counts: dict[int, int] = {}
    for stock_id, count in terms.award:
        counts[stock_id] = counts.get(stock_id, 0) + count
    award = tuple((specs[stock_id], count) for stock_id, count in counts.items())
    cost_fen = sum(stock.cost_fen * count for stock, count in award)
    resting = tuple((number, standings[number]) for number, _bp in terms.shares if number in standings)
    return CompiledRule(rule.pk, rule.version_id, terms, award, cost_fen, resting)


def stock_spec(stock: Stock, directory: Directory) -> StockSpec:
    return StockSpec(
        id=stock.pk,
        cost_fen=stock.cost_fen,
        quantity=stock.quantity,
        budget_fen=stock.budget_fen,
        is_open=stock.closed_at is None,
        last_day=stock.valid_until_day if stock.validity == Validity.FIXED else None,
        usable=usable_stores(stock, directory),
        valid_days=valid_days(stock),
    )


def valid_days(stock: Stock) -> int | None:
    """Days after receipt on the last of which a coupon ends; with fixed validity none."""
    if stock.validity == Validity.HOURS:
        return -(-stock.valid_for // 24)
    return stock.valid_for if stock.validity == Validity.DAYS else None


def usable_stores(stock: Stock, directory: Directory) -> frozenset[int]:
    """Ids of the stores that take the coupons: those named, those of the named categories, else the merchant's."""
    stores = [store.pk for store in stock.stores.all()]
    categories = [category.pk for category in stock.categories.all()]
    if stores or categories:
        return directory.stores_in(stores, categories)
    return frozenset(entry.id for entry in directory.by_id.values() if entry.merchant_id == stock.merchant_id)
