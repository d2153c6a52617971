"""What became of the coupons of a mall."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.coupons import coupons_by_day
from analytics.charts.coupons import funnel as funnel_chart
from analytics.forms.board import BoardForm
from analytics.metrics import add
from analytics.queries import coupons
from analytics.queries.choice import Choice
from analytics.queries.sums import of_side
from analytics.tables.coupons import coupon_rows, coupon_table, return_table
from coupons.models import Rule

from . import board
from .sections import key_figures, show_mall

TILES = ("issued", "redeemed", "redemption_rate", "discount", "coupon_sales")
GROUPINGS = [("day",), ("rule_id",), ("stock_id",), ("store_id",)]
# A coupon earned here is used elsewhere: for one store, the rate of the two would say nothing.
AT_STORE = tuple(key for key in coupons.SHOWN if key != "redemption_rate")


@login_required
@require_GET
def coupon_funnel(request: HttpRequest, mall: str) -> HttpResponseBase:
    kinds = ("category", "floor", "store")
    return show_mall(request, mall, "_coupons", funnel, title=_("Coupon results"), kinds=kinds)


def funnel(choice: Choice, form: BoardForm) -> board.Content:
    days, rules, stocks, stores = coupons.coupons(choice, GROUPINGS)
    now = add(of_side(days, 0).values())
    if not now:
        return board.no_coupons(form, _("Coupons appear here once a rule has issued them."))
    found = coupons.rules_of(rules)
    returns = return_table(choice, rules, found, form.query, to_uplift(choice))
    named = {pk: rule.name for pk, rule in found.items()}, coupons.stock_names(stocks)
    return {
        "tiles": key_figures(choice, days, [key for key in TILES if key in keys_of(choice)]),
        "charts": {"fates": funnel_chart(choice, now), "days": coupons_by_day(choice, days)},
        "tables": {"returns": returns} | coupon_tables(choice, (rules, stocks, stores), named, form.query),
    }


def coupon_tables(choice: Choice, cells, named, params) -> dict:
    """What became of coupons by rule, stock and store."""
    keys, stores = keys_of(choice), {store.pk: store.name for store in choice.stores}
    heads = [("rules", _("Rule"), keys), ("stocks", _("Stock"), keys), ("stores", _("Store"), AT_STORE)]
    return {
        name: coupon_table(choice, coupon_rows(found, columns, called), params, columns, of=of, prefix=f"{name[:-1]}_")
        for (name, of, columns), found, called in zip(heads, cells, (*named, stores), strict=True)
    }


def keys_of(choice: Choice) -> tuple[str, ...]:
    return AT_STORE if choice.within else coupons.SHOWN


def to_uplift(choice: Choice) -> Callable[[Rule], str]:
    slug = choice.place.mall.slug
    return lambda rule: reverse("coupons:rule_uplift", args=[slug, rule.pk])
