"""The live rules and the stocks of a mall, compiled for the engine and kept until the mall's revision moves on."""

from dataclasses import dataclass

from django.conf import settings

from mallops.lib.cache import by_revision
from merchants.queries.directory import Directory

from .engine.rulebook import CompiledRule, Rulebook, StockSpec
from .engine.terms import RuleTerms
from .models import Rule, Stock
from .models.rule import RuleState
from .models.stock import Validity


@dataclass(frozen=True, slots=True)
class Book:
    """`stocks` are the rows as compiled, for making coupons; `specs` what the engine knows of them."""

    rulebook: Rulebook
    stocks: dict[int, Stock]
    specs: dict[int, StockSpec]


def current(directory: Directory) -> Book:
    return _at_revision(directory.mall_id, directory.revision, directory)


@by_revision
def _at_revision(mall_id: int, revision: int, directory: Directory) -> Book:
    stocks = {stock.pk: stock for stock in Stock.objects.filter(mall=mall_id).prefetch_related("stores", "categories")}
    specs = {stock.pk: stock_spec(stock, directory) for stock in stocks.values()}
    live = Rule.objects.filter(mall=mall_id, state=RuleState.LIVE).select_related("version")
    rules = [compile_rule(rule, specs) for rule in live]
    return Book(Rulebook(rules, directory.subtree, salt=settings.SHOPPER_KEY), stocks, specs)


def compile_rule(rule: Rule, specs: dict[int, StockSpec]) -> CompiledRule:
    terms = RuleTerms.from_json(rule.version.terms)
    counts: dict[int, int] = {}
    for stock_id, count in terms.award:
        counts[stock_id] = counts.get(stock_id, 0) + count
    award = tuple((specs[stock_id], count) for stock_id, count in counts.items())
    cost_fen = sum(stock.cost_fen * count for stock, count in award)
    return CompiledRule(rule.pk, rule.version_id, terms, award, cost_fen)


def stock_spec(stock: Stock, directory: Directory) -> StockSpec:
    return StockSpec(
        id=stock.pk,
        cost_fen=stock.cost_fen,
        quantity=stock.quantity,
        budget_fen=stock.budget_fen,
        is_open=stock.closed_at is None,
        last_day=stock.valid_until_day if stock.validity == Validity.FIXED else None,
        usable=usable_stores(stock, directory),
    )


def usable_stores(stock: Stock, directory: Directory) -> frozenset[int]:
    """Ids of the stores that take the coupons: those named, those of the named categories, else the merchant's."""
    named = {store.pk for store in stock.stores.all()}
    categories = {below for chosen in stock.categories.all() for below in directory.subtree.get(chosen.pk, ())}
    entries = directory.by_id.values()
    if not named and not categories:
        return frozenset(entry.id for entry in entries if entry.merchant_id == stock.merchant_id)
    return frozenset(named | {entry.id for entry in entries if entry.category_id in categories})
