"""The boards of a merchant: its own stores, and no figure of anybody else."""

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.merchant import visits
from analytics.charts.times import by_day
from analytics.forms.board import BoardForm
from analytics.forms.metric import HoursForm
from analytics.queries import places, visitors
from analytics.queries.choice import Choice
from analytics.queries.sales import sales
from analytics.tables import merchant as tables
from analytics.tables import refunds as refund_tables
from analytics.tables.columns import spark_column
from analytics.tables.sales import store_rows, store_table
from analytics.tiles import OF_STORES
from analytics.visitor_tiles import by_day as shoppers_by_day
from coupons.queries.consents import waiting
from mallops.lib.ui.parts import Empty
from merchants.choices import Action
from merchants.models import Merchant
from merchants.queries.agreements import agreements_of
from merchants.views.base import open_merchant

from . import board, hours, links, refunds, shoppers
from .sections import add_sparks, figures_and_shoppers, key_figures


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
        request, merchant, "_merchant", partial(overview, merchant), title=merchant.name,
        kinds=("store", "channel", "newness"), waiting=waiting(merchant),
    )  # fmt: skip


def overview(merchant: Merchant, choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice)
    rows = store_rows(choice, found)
    stores = store_table(choice, rows, form.query, link=links.here(form), extra=[spark_column()])
    add_sparks(choice, stores)
    return {
        "tiles": figures_and_shoppers(choice, found.days, OF_STORES, shoppers_by_day(choice)),
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
    made = shoppers.figures(choice)
    made["charts"]["visits"] = visits(visitors.frequency(choice))
    return made


@login_required
@require_GET
def merchant_refunds(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)
    return show(
        request, merchant, "_merchant_refunds", refunded, title=_("Refunds"), kinds=("store", "channel", "newness")
    )


def refunded(choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice, [*refunds.TILES, "refund_frequency"])
    if not found.now:
        return board.nothing_sold(form)
    rows = refund_tables.store_rows(choice, found)
    stores = refund_tables.store_table(choice, rows, form.query, links.here(form))
    stores.columns = [column for column in stores.columns if column.key != "high"]  # says too little of so few
    charts = refunds.charts(choice, found)
    if not found.total()["refunds"]:
        charts.pop("hours", None)
    return {
        "tiles": key_figures(choice, found.days, refunds.TILES),
        "charts": charts,
        "tables": {"stores": stores},
    }
