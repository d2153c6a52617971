"""The coupons of a merchant: those its payments earned, those used at its stores, and what they cost it. Of a service
provider: what the rules cost it of which it pays a share.

No cell of another merchant's store leaves this module, but for the merchant's own part of what its rules cost there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from coupons.models import Rule
from merchants.models import Merchant, ServiceProvider
from merchants.services.members import kind_of
from settlements.queries.costs import costs_by_rule

from .choice import Choice
from .coupons import coupons
from .sums import Cells

GIVEN = ("issued", "shown", "expired", "revoked")  # where the coupon was earned; all other measures, where it was used


@dataclass(frozen=True, slots=True)
class OwnCoupons:
    """Cells by day and by store: coupons of anybody earned at the own stores, own coupons used there. `rules` are by
    (side, rule): own coupons used at own stores, and `own_cost_fen`, the merchant's part wherever they were used."""

    days: Cells
    stores: Cells
    rules: Cells
    asked: Mapping[int, Rule]


def own_coupons(merchant: Merchant, choice: Choice) -> OwnCoupons:
    """Of the chosen stores; rules are those that give the merchant's coupons or ask it to pay."""
    stocks = list(merchant.stocks.values_list("pk", flat=True))
    groupings = [("day",), ("store_id",)]
    given = coupons(choice, groupings)
    used = coupons(choice, groupings, within={**choice.within, "stock_id": stocks})
    days, stores = (_merged(*pair) for pair in zip(given, used, strict=True))
    asked = asked_of(merchant)
    return OwnCoupons(days, stores, _by_rule(merchant, choice, asked, stocks), asked)


def asked_of(party: Merchant | ServiceProvider) -> dict[int, Rule]:
    """The rules that give the party's coupons or ask it to pay; with all versions and what these award."""
    rules = Rule.objects.filter(**{f"versions__consents__{kind_of(party)}": party}).select_related("uplift_report")
    return rules.prefetch_related("versions__stocks__stores", "versions__stocks__categories").in_bulk()


def own_costs(party: Merchant | ServiceProvider, choice: Choice, rules: Mapping[int, Rule]) -> Cells:
    """`own_cost_fen` by (side, rule): the party's part of discounts, wherever the coupons were used."""
    found = costs_by_rule(party, choice.periods, list(rules))
    return {key: {"own_cost_fen": fen} for key, fen in found.items()}


def _merged(given: Cells, used: Cells) -> Cells:
    found: Cells = {}
    for cells, of_given in ((given, True), (used, False)):
        for key, row in cells.items():
            found.setdefault(key, {}).update({m: value for m, value in row.items() if (m in GIVEN) == of_given})
    return found


def _by_rule(merchant: Merchant, choice: Choice, rules: Mapping[int, Rule], stocks: list[int]) -> Cells:
    own = {**choice.within, "rule_id": list(rules), "stock_id": stocks}
    (found,) = coupons(choice, [("rule_id",)], within=own)
    for sums in found.values():
        sums["own_cost_fen"] = 0
    for key, cost in own_costs(merchant, choice, rules).items():
        found.setdefault(key, {}).update(cost)
    return found
