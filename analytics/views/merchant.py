"""The boards of a merchant: its own stores, and no figure of anybody else."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import frames
from analytics.charts.merchant import visits
from analytics.charts.times import by_day
from analytics.forms.board import BoardForm
from analytics.forms.metric import HoursForm
from analytics.queries import places, visitors
from analytics.queries.places import Choice
from analytics.queries.sales import sales
from analytics.tables import merchant as tables
from analytics.tables import refunds as refund_tables
from analytics.tables.columns import spark_column
from analytics.tables.sales import store_rows, store_table
from analytics.tiles import OF_STORES
from analytics.tiles import tiles as tiles_of
from analytics.visitor_tiles import by_day as shoppers_of_days
from analytics.visitor_tiles import shopper_tile
from coupons.queries.consents import waiting
from mallops.lib.ui.parts import Empty
from merchants.choices import Action
from merchants.models import Merchant
from merchants.queries.agreements import agreements_of
from merchants.views.base import open_merchant

from . import board, hours, refunds, shoppers
from .sections import key_figures
from .stores import SHOPPERS_AT, add_sparks


def show(request: HttpRequest, merchant: Merchant, body: str, content, *, title: str, kinds=("store",), **context):
    """A board of the merchant's stores."""
    no_stores = Empty(_("No stores yet"), _("The mall assigns stores to a merchant."))
    return board.show(
        request, places.of_merchant(merchant), f"analytics/{body}.html", content, title=title, kinds=kinds,
        no_stores=no_stores, merchant=merchant, **context,
    )  # fmt: skip


@login_required
@require_GET
def merchant_overview(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)
    return show(
        request, merchant, "_merchant", partial(overview, merchant, request.GET), title=merchant.name,
        kinds=("store", "channel", "newness"), waiting=waiting(merchant.mall_id, merchant),
    )  # fmt: skip


def overview(merchant: Merchant, params, choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice)
    rows, tiles = store_rows(choice, found), key_figures(choice, found, OF_STORES)
    tiles.insert(SHOPPERS_AT, shopper_tile(choice, shoppers_of_days(choice)))
    stores = store_table(
        choice, rows, params, link=lambda store: form.address(store=store.code, page=None), extra=[spark_column()]
    )
    add_sparks(choice, stores.page.object_list)
    return {
        "tiles": tiles,
        "charts": {"sales": by_day(choice, found.days)},
        "tables": {"stores": stores, "services": tables.service_table(agreements_of(merchant))},
    }


@login_required
@require_GET
def merchant_hours(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)
    return show(request, merchant, "_hours", hours.content, title=_("Hours"), form_class=HoursForm)


@login_required
@require_GET
def merchant_shoppers(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)
    return show(request, merchant, "_merchant_shoppers", own_shoppers, title=_("Shoppers"), least=tables.LEAST)


def own_shoppers(choice: Choice, form: BoardForm) -> board.Content:
    made = shoppers.by_day(choice)
    made["charts"]["visits"] = visits(visitors.frequency(choice))
    return made


@login_required
@require_GET
def merchant_refunds(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)
    content = partial(refunded, request.GET)
    return show(
        request, merchant, "_merchant_refunds", content, title=_("Refunds"), kinds=("store", "channel", "newness")
    )


def refunded(params, choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice, [*refunds.TILES, "refund_frequency"])
    if not found.now:
        return board.nothing_sold(form)
    rows, link = refund_tables.store_rows(choice, found), lambda store: form.address(store=store.code, page=None)
    stores = refund_tables.store_table(choice, rows, params, link)
    stores.columns = [column for column in stores.columns if column.key != "high"]  # says too little of so few
    days = frames.by_step(choice, found.days, refunds.TILES)
    charts = refunds.charts(choice, found)
    if not found.total()["refunds"]:
        charts.pop("hours", None)
    return {
        "tiles": tiles_of(choice, refunds.TILES, found.total(), found.total(side=1), days),
        "charts": charts,
        "tables": {"stores": stores},
    }
