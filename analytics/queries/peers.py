"""A store among those of its category, and the rules that concern it."""

from dataclasses import dataclass, replace
from datetime import date

from analytics.metrics import METRICS
from coupons.models import Rule
from coupons.models.rule import RuleState
from coupons.queries.rules import rule_rows
from merchants.models import Store

from .choice import Choice
from .places import Place, stores_of
from .sales import sales

RULES = 10  # shown of a store


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of a store by net sales among those of its category that sold anything or are open."""

    place: int
    of: int


def rank(choice: Choice, store: Store) -> Rank:
    """By the net sales of the chosen days; stores with the same sales share a place."""
    peers = stores_of(store.category)
    found, net = sales(replace(choice, place=Place(store.mall, peers)), ["net_sales"]), METRICS["net_sales"]
    sold = {peer.pk: net.value(found.of_stores([peer.pk])) for peer in peers if peer == store or _counts(found, peer)}
    return Rank(1 + sum(value > sold[store.pk] for value in sold.values()), len(sold))


def _counts(found, peer: Store) -> bool:
    return peer.closed_on is None or (0, peer.pk) in found.stores


def live_rules(store: Store, today: date) -> list[Rule]:
    """Live rules that a payment at the store can meet."""
    return list(rule_rows(store.mall, today=today, state=RuleState.LIVE, store=store).order_by("pk")[:RULES])
