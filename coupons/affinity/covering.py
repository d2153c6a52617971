"""Which rules cover a pair already: met at its source, with coupons to use at its target."""

from dataclasses import dataclass

from coupons import rulebooks
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Rule, Stock
from coupons.models.rule import RuleState
from merchants.models import Mall
from merchants.queries.directory import Directory

Stores = frozenset[int]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a rule is met (empty: anywhere) and where its coupons are used."""

    rule: Rule
    sources: Stores
    targets: Stores

    def covers(self, sources: Stores, targets: Stores) -> bool:
        met = not self.sources or not self.sources.isdisjoint(sources)
        return met and not self.targets.isdisjoint(targets)


def reaches(mall: Mall, directory: Directory) -> list[Reach]:
    """What the rules of a mall reach that have not ended, by their running terms or else their draft."""
    usable = usable_by_stock(mall, directory)
    rules = mall.rules.exclude(state=RuleState.ENDED).select_related("version").order_by("pk")
    return [reach for rule in rules if (reach := _reach(rule, usable, directory))]


def usable_by_stock(mall: Mall, directory: Directory) -> dict[int, Stores]:
    stocks = Stock.objects.filter(mall=mall).prefetch_related("stores", "categories")
    return {stock.pk: rulebooks.usable_stores(stock, directory) for stock in stocks}


def _reach(rule: Rule, usable: dict[int, Stores], directory: Directory) -> Reach | None:
    """None for a draft that cannot be read."""
    try:
        terms = RuleTerms.from_json(rule.version.terms if rule.version else rule.draft)
    except BadTerms:
        return None
    targets = frozenset().union(*(usable.get(stock, frozenset()) for stock, _count in terms.award))
    return Reach(rule, directory.stores_in(terms.stores, terms.categories), targets)
