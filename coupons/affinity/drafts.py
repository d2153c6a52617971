"""From a suggested pair to the terms of a rule."""

import re
from typing import Any, NamedTuple

from coupons.engine.conditions import Leaf
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Stock
from coupons.models.stock import Validity
from coupons.queries.stocks import stock_rows
from merchants.models import Mall
from merchants.queries.directory import Directory
from merchants.queries.directory import current as current_directory

from .covering import Stores, usable_by_stock
from .report import DAYS

HOLDOUT_BP = 1_000
_KEY = re.compile(r"([sc])([1-9]\d{0,17})-([sc])([1-9]\d{0,17})", re.ASCII)


class Pair(NamedTuple):
    """`kind` is stores or categories, of both places."""

    kind: str
    source: int
    target: int


def read_key(mall: Mall, key: str) -> Pair | None:
    """The pair that a key such as ``s12-s34`` or ``c3-c9`` names; None unless they are two
    open stores, or two categories, of the mall."""
    found = _KEY.fullmatch(key)
    if not found or found[1] != found[3] or found[2] == found[4]:
        return None
    kind, source, target = ("stores" if found[1] == "s" else "categories"), int(found[2]), int(found[4])
    places = mall.stores.filter(closed_on=None) if kind == "stores" else mall.categories
    known = places.filter(pk__in=[source, target]).count() == 2
    return Pair(kind, source, target) if known else None


def terms_of(mall: Mall, key: str) -> dict[str, Any]:
    """The terms (`RuleTerms.to_json`) that the builder opens with for a suggestion; {} for a key of nothing here.

    Who pays at the source and was not at the target in the last days gets one coupon of a stock used there, a tenth
    kept apart as a control group. Without such a stock the award is empty and left to the person.
    """
    pair = read_key(mall, key)
    if pair is None:
        return {}
    directory = current_directory(mall.pk)
    stock = suitable_stock(mall, directory, directory.stores_in(**{pair.kind: [pair.target]}))
    not_lately = Leaf("visits", "at_most", 0, DAYS, **{pair.kind: (pair.target,)})
    terms = RuleTerms(
        award=((stock.pk, 1),) if stock else (),
        conditions=not_lately,
        limits=Limits(per_shopper_per_day=1),
        holdout_bp=HOLDOUT_BP,
        **{pair.kind: (pair.source,)},
    )
    return terms.to_json()


def suitable_stock(mall: Mall, directory: Directory, targets: Stores) -> Stock | None:
    """Of the open stocks with coupons left that are used at the targets, the one used at the fewest other stores; of
    equals the newest."""
    today = mall.today()
    usable = usable_by_stock(mall, directory)
    fitting = [
        (len(usable[stock.pk] - targets), -stock.pk, stock)
        for stock in stock_rows(mall, is_open=True)
        if usable[stock.pk] & targets and _has_some(stock) and not _is_past(stock, today)
    ]
    return min(fitting)[2] if fitting else None


def _has_some(stock: Stock) -> bool:
    return (stock.issued or 0) < stock.quantity


def _is_past(stock: Stock, today) -> bool:
    return stock.validity == Validity.FIXED and stock.valid_until_day < today
