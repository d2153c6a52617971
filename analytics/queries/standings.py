"""A merchant's stores among those of their categories, of any merchant. What may be told of the others is decided by
`analytics.standings`; nothing else of them leaves this module."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from analytics.metrics import METRICS, Sums
from analytics.standings import Hidden, Peer, Standing, standing, why_hidden
from merchants.models import Category, Merchant, Store

from . import places
from .choice import Choice
from .places import Place
from .sales import Sales, sales

FALLING = {"net_sales": False, "average_ticket": False, "refund_rate": True, "growth": False}  # whether less is better
_READ = ("net_sales", "transactions", "average_ticket", "refund_rate")


@dataclass(frozen=True, slots=True)
class Compared:
    """One own store: the category it is compared within (None: none will do) and what is told, by metric."""

    store: Store
    category: Category | None
    found: Mapping[str, Standing | Hidden]


def standings(merchant: Merchant, choice: Choice) -> list[Compared]:
    """Each store of the merchant in the period of the choice, growth against the days before.

    A store is compared within its category, or the lowest one above it in which net sales may be told.
    """
    whole = places.of_mall(merchant.mall)
    found = sales(replace(choice, place=whole), _READ)
    values = {store.pk: _values(found, store) for store in whole.stores}
    return [_compared(whole, values, store) for store in whole.stores if store.merchant_id == merchant.pk]


def _compared(whole: Place, values: Mapping[int, Mapping], store: Store) -> Compared:
    """The last category tried is the top of the tree: its reason is the one that is told."""
    hidden: Hidden | None = Hidden.NO_VALUE
    for category in _upwards(whole, store) if values[store.pk]["net_sales"] is not None else ():
        peers = _peers(values, whole.stores_in(category), "net_sales")
        hidden = why_hidden(list(peers.values()), store.merchant_id)
        if hidden is None:
            told = {
                key: standing(_peers(values, whole.stores_in(category), key), store.pk, falling=falling)
                for key, falling in FALLING.items()
            }
            return Compared(store, category, told)
    return Compared(store, None, dict.fromkeys(FALLING, hidden))


def _upwards(whole: Place, store: Store) -> Iterable[Category]:
    """The category of a store, and those above it from the lowest."""
    by_id = {category.pk: category for category in whole.categories}
    category = by_id.get(store.category_id)
    while category is not None:
        yield category
        category = by_id.get(category.parent_id)


def _peers(values: Mapping[int, Mapping], stores: Iterable[Store], key: str) -> dict[int, Peer]:
    return {
        store.pk: Peer(store.merchant_id, values[store.pk]["net_sales"] or 0, values[store.pk][key]) for store in stores
    }


def _values(found: Sales, store: Store) -> dict:
    """By metric; none without a payment, and no growth without sales before."""
    now, before = found.of_stores([store.pk]), found.of_stores([store.pk], side=1)
    if not now.get("payments"):
        return dict.fromkeys(FALLING)
    return {key: METRICS[key].value(now | {"before_fen": _base(before)}) for key in FALLING}


def _base(before: Sums) -> int | None:
    was = METRICS["net_sales"].value(before)
    return was if was and was > 0 else None
