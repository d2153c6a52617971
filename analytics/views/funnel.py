"""What became of the coupons of a mall."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import frames
from analytics.charts.coupons import coupons_by_day, fates
from analytics.forms import BoardForm
from analytics.metrics import add
from analytics.queries import coupons, places
from analytics.queries.places import Choice
from analytics.queries.sums import of_side
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tiles import tiles
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
        request, place, "analytics/_coupons.html", content, title=_("Coupon results"), no_stores=no_stores_in_mall()
    )


def funnel(choice: Choice, form: BoardForm, params) -> board.Content:
    days, rules, stocks, stores = coupons.coupons(choice, GROUPINGS)
    now, before = (add(of_side(days, side).values()) for side in (0, 1))
    if not now:
        why = _("Coupons appear here once a rule has issued them.")
        return {"empty": Empty(_("No coupon was issued or used in this period"), why, form.path, _("Reset filters"))}
    keys = AT_STORE if choice.within else coupons.SHOWN
    names = {store.pk: store.name for store in choice.stores}
    parts = [
        ("rules", _("Rule"), "rule_", keys, rules, coupons.rule_names(rules)),
        ("stocks", _("Stock"), "stock_", keys, stocks, coupons.stock_names(stocks)),
        ("stores", _("Store"), "store_", AT_STORE, stores, names),
    ]
    shown = [key for key in TILES if key in keys]
    return {
        "tiles": tiles(choice, shown, now, before, frames.by_day(days, choice.period, shown)),
        "charts": {"fates": fates(now), "days": coupons_by_day(choice, days)},
        "tables": {
            name: coupon_table(choice, coupon_rows(cells, columns, called), params, columns, of=of, prefix=prefix)
            for name, of, prefix, columns, cells, called in parts
        },
    }
