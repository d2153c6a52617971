"""Where a rule is offered, and how far away someone is."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from merchants.models import Mall, Store
from merchants.queries.directory import Directory

from .engine.terms import RuleTerms
from .geo import Position, distance_m


@dataclass(frozen=True, slots=True)
class Near:
    """The spot of a rule that is nearest to someone: the store, or None for the mall as a whole; metres."""

    store_id: int | None
    distance_m: int
    radius_m: int

    @property
    def is_inside(self) -> bool:
        return self.distance_m <= self.radius_m


def nearest(directory: Directory, terms: RuleTerms, here: Position, today: date) -> Near | None:
    """The nearest of the stores that the rule names, or the mall if it names none; a store without a position of its
    own is where the mall is. None if nobody has said where that is."""
    mall = Mall.objects.get(pk=directory.mall_id)
    spots = _spots(directory, terms, mall, today)
    if not spots:
        return None
    away, store_id = min((distance_m(here, spot), store_id or 0) for store_id, spot in spots)
    return Near(store_id or None, away, terms.radius_m or mall.radius_m)


def offers(directory: Directory, terms: RuleTerms, store_id: int) -> bool:
    """Whether a rule is offered at a store: at any of the mall's, if it names no place."""
    if not terms.stores and not terms.categories:
        return store_id in directory.by_id
    return store_id in stores_of(directory, terms)


def stores_of(directory: Directory, terms: RuleTerms) -> set[int]:
    """Ids of the stores that a rule names, itself or by their categories, closed ones included."""
    return directory.stores_in(terms.stores, terms.categories) & directory.by_id.keys()


def is_open(directory: Directory, store_id: int, today: date) -> bool:
    closed_on = directory.by_id[store_id].closed_on
    return closed_on is None or today < closed_on


def _spots(directory: Directory, terms: RuleTerms, mall: Mall, today: date) -> list[tuple[int | None, Position]]:
    at_mall = _spot(mall.latitude, mall.longitude)
    if not terms.stores and not terms.categories:
        return [(None, at_mall)] if at_mall else []
    stores = [pk for pk in stores_of(directory, terms) if is_open(directory, pk, today)]
    rows = Store.objects.filter(mall=mall, pk__in=stores).values_list("pk", "latitude", "longitude")
    return [(pk, spot) for pk, *at in rows if (spot := _spot(*at) or at_mall)]


def _spot(latitude: Decimal | None, longitude: Decimal | None) -> Position | None:
    return None if latitude is None or longitude is None else Position(float(latitude), float(longitude))
