"""What rules brought a merchant, as far as their reports speak of its own stores alone."""

from collections.abc import Iterable

from coupons.models import Rule
from coupons.rulebooks import usable_stores
from merchants.models import Merchant
from merchants.queries.directory import Directory, current


def of_own_stores(merchant: Merchant, rules: Iterable[Rule]) -> set[int]:
    """Ids of the rules all of whose coupons, in any version, are used at stores of the merchant only.

    What their reports say of the award stores is then the merchant's own figure, and otherwise partly another's. The
    rules come with their versions and what these award.
    """
    directory = current(merchant.mall_id)
    own = {store.id for store in directory.by_id.values() if store.merchant_id == merchant.pk}
    return {rule.pk for rule in rules if _award_stores(rule, directory) <= own}


def _award_stores(rule: Rule, directory: Directory) -> set[int]:
    stocks = {stock.pk: stock for version in rule.versions.all() for stock in version.stocks.all()}
    return set().union(*(usable_stores(stock, directory) for stock in stocks.values()))
