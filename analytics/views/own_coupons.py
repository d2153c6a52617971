"""What coupons did for a merchant: given at its stores, used there, what they cost and brought."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import frames
from analytics.charts.coupons import coupons_by_day
from analytics.forms.board import BoardForm
from analytics.metrics import add
from analytics.queries import coupons
from analytics.queries.choice import Choice
from analytics.queries.own_coupons import OwnCoupons, own_coupons
from analytics.queries.own_effects import of_own_stores
from analytics.queries.sums import of_side
from analytics.tables import merchant as tables
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tiles import tile
from mallops.lib.ui.parts import Tile
from mallops.lib.ui.tables import Table
from merchants.choices import Action
from merchants.models import Merchant
from merchants.views.base import open_merchant

from . import board
from .merchant import show

COUPON_TILES = ("issued", "redeemed", "discount", "own_cost", "coupon_sales")
BY_DAY = ("issued", "redeemed", "discount", "coupon_sales")


@login_required
@require_GET
def merchant_coupons(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)
    content = partial(own_results, merchant)
    return show(request, merchant, "_merchant_coupons", content, title=_("Coupon results"), kinds=())


def own_results(merchant: Merchant, choice: Choice, form: BoardForm) -> board.Content:
    found = own_coupons(merchant, choice)
    own = of_own_stores(merchant, found.asked.values())
    return {
        "tiles": coupon_tiles(choice, found),
        "charts": {"days": coupons_by_day(choice, found.days)},
        "tables": {
            "rules": tables.rule_table(choice, found.rules, found.asked, own, form.query),
            "stores": tables.coupon_store_table(choice, found, form.query),
            "stocks": own_stocks(merchant, form),
        },
        "effects": tables.effects(choice, (rule for pk, rule in found.asked.items() if pk in own)),
    }


def coupon_tiles(choice: Choice, found: OwnCoupons) -> list[Tile]:
    """The merchant's part of the discount is known by rule, not by day."""
    days = frames.by_step(choice, found.days, BY_DAY)
    sums = []
    for side in (0, 1):
        cost = sum(row["own_cost_fen"] for row in of_side(found.rules, side).values())
        sums.append(add(of_side(found.days, side).values()) | {"own_cost_fen": cost})
    return [tile(choice, key, *sums, list(days[key]) if key in BY_DAY else ()) for key in COUPON_TILES]


def own_stocks(merchant: Merchant, form: BoardForm) -> Table:
    """What became of the coupons that the merchant honours, wherever they were earned or used."""
    choice, names = form.choice, coupons.names_of_merchant(merchant)
    (cells,) = coupons.coupons(choice, [("stock_id",)], within={"stock_id": list(names)})
    rows = coupon_rows(cells, coupons.SHOWN, names)
    return coupon_table(choice, rows, form.query, coupons.SHOWN, of=_("Stock"), prefix="stock_")
