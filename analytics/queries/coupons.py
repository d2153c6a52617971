"""What became of coupons: by day, rule, stock, and the store where they were earned or used."""

from collections.abc import Collection, Mapping, Sequence

from analytics.metrics import measures_of
from analytics.models import CouponDay
from coupons.models import Rule, Stock
from merchants.models import Merchant

from .choice import Choice
from .sums import Cells, sums

SHOWN = ("issued", "shown", "redeemed", "redemption_rate", "expired", "revoked", "discount", "coupon_sales")


def coupons(
    choice: Choice, groupings: Sequence[tuple[str, ...]], within: Mapping[str, Collection[int]] | None = None
) -> list[Cells]:
    """Groupings of `day`, `rule_id`, `stock_id`, `store_id`; `within` instead of the chosen stores.

    The store of a coupon issued, looked at, expired or revoked is where it was earned, of one redeemed where it was
    used.
    """
    return sums(
        mall_id=choice.place.mall.pk,
        model=CouponDay,
        periods=choice.periods,
        groupings=groupings,
        measures=measures_of(SHOWN),
        within=choice.within if within is None else {**within, **choice.served},
    )


def rules_of(cells: Cells) -> dict[int, Rule]:
    """The rules that cells are grouped by, by id, each with its report of uplift if it has one."""
    return Rule.objects.select_related("uplift_report").in_bulk({key[1] for key in cells})


def stock_names(cells: Cells) -> dict[int, str]:
    return {stock.pk: stock.name for stock in Stock.objects.filter(pk__in={key[1] for key in cells})}


def names_of_merchant(merchant: Merchant) -> dict[int, str]:
    return {stock.pk: stock.name for stock in merchant.stocks.all()}
