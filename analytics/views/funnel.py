"""What became of the coupons of a mall."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import frames
from analytics.charts.coupons import coupons_by_day
from analytics.charts.coupons import funnel as funnel_chart
from analytics.forms.board import BoardForm
from analytics.metrics import add
from analytics.queries import coupons, places
from analytics.queries.places import Choice
from analytics.queries.sums import of_side
from analytics.tables.coupons import coupon_rows, coupon_table, return_table
from analytics.tiles import tiles
from coupons.models import Rule
from mallops.lib.ui.parts import Empty
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board
from .sections import no_stores_in_mall

TILES = ("issued", "redeemed", "redemption_rate", "discount", "coupon_sales")
GROUPINGS = [("day",), ("rule_id",), ("stock_id",), ("store_id",)]
# A coupon earned here is used elsewhere: for one store, the rate of the two would say nothing.
AT_STORE = tuple(key for key in coupons.SHOWN if key != "redemption_rate")


@login_required
@require_GET
def coupon_funnel(request: HttpRequest, mall: str) -> HttpResponseBase:
    place = places.of_mall(open_mall(request, mall, Action.VIEW))

    def content(choice: Choice, form: BoardForm) -> board.Content:
        return funnel(choice, form, request.GET)

    return board.show(
        request, place, "analytics/_coupons.html", content, title=_("Coupon results"),
        kinds=("category", "floor", "store"), no_stores=no_stores_in_mall(),
    )  # fmt: skip


def funnel(choice: Choice, form: BoardForm, params) -> board.Content:
    days, rules, stocks, stores = coupons.coupons(choice, GROUPINGS)
    now, before = (add(of_side(days, side).values()) for side in (0, 1))
    if not now:
        why = _("Coupons appear here once a rule has issued them.")
        return {"empty": Empty(_("No coupon was issued or used in this period"), why, form.path, _("Reset filters"))}
    found = coupons.rules_of(rules)
    tables = {"returns": return_table(choice, rules, found, params, to_uplift(choice))}
    named = {pk: rule.name for pk, rule in found.items()}, coupons.stock_names(stocks)
    shown = [key for key in TILES if key in keys_of(choice)]
    return {
        "tiles": tiles(choice, shown, now, before, frames.by_step(choice, days, shown)),
        "charts": {"fates": funnel_chart(choice, now), "days": coupons_by_day(choice, days)},
        "tables": tables | coupon_tables(choice, (rules, stocks, stores), named, params),
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


def to_uplift(choice: Choice):
    slug = choice.place.mall.slug

    def link(rule: Rule) -> str:
        return reverse("coupons:rule_uplift", args=[slug, rule.pk])

    return link
