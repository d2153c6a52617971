"""The boards of a merchant and of a service provider: their stores, and no figure of anybody else."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.forms import BoardForm
from analytics.queries import coupons, places
from analytics.queries.places import Choice
from analytics.queries.sales import sales
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tables.sales import store_rows, store_table
from analytics.tiles import OF_STORES
from coupons.queries.consents import waiting
from mallops.lib.ui.parts import Empty
from mallops.lib.ui.tables import Column
from merchants.choices import Action
from merchants.models import Merchant
from merchants.views.base import open_merchant, open_provider

from . import board
from .sections import by_day_and_hour, key_figures


@login_required
@require_GET
def merchant_overview(request: HttpRequest, pk: int) -> HttpResponseBase:
    merchant = open_merchant(request, pk, Action.VIEW)

    def content(choice: Choice, form: BoardForm) -> board.Content:
        made = own_stores(choice, form, request.GET)
        made.setdefault("tables", {})["stocks"] = own_stocks(merchant, choice, request.GET)
        return made

    return board.show(
        request, places.of_merchant(merchant), "analytics/_merchant.html", content, title=merchant.name,
        kinds=("store",), no_stores=Empty(_("No stores yet"), _("The mall assigns stores to a merchant.")),
        merchant=merchant, waiting=waiting(merchant.mall_id, merchant),
    )  # fmt: skip


@login_required
@require_GET
def provider_overview(request: HttpRequest, pk: int) -> HttpResponseBase:
    provider = open_provider(request, pk, Action.VIEW)
    served = places.capabilities(provider)

    def content(choice: Choice, form: BoardForm) -> board.Content:
        services = Column("services", _("Services"), value=lambda row: served.get(row["store"].pk, ""))
        return own_stores(choice, form, request.GET, extra=[services])

    return board.show(
        request, places.of_provider(provider), "analytics/_provider.html", content, title=provider.name,
        kinds=("category", "store"),
        no_stores=Empty(_("No served stores"), _("Stores appear here while an agreement with them is running.")),
    )  # fmt: skip


def own_stores(choice: Choice, form: BoardForm, params, extra=()) -> board.Content:
    """Sales of the stores, each of which can be looked at by itself."""
    found = sales(choice)
    rows = store_rows(choice, found)
    table = store_table(choice, rows, params, link=lambda store: form.address(store=store.code, page=None), extra=extra)
    return {
        "tiles": key_figures(choice, found, OF_STORES),
        "charts": by_day_and_hour(choice, found),
        "tables": {"stores": table},
    }


def own_stocks(merchant: Merchant, choice: Choice, params):
    """What became of the coupons that the merchant honours, wherever they were earned or used."""
    names = coupons.names_of_merchant(merchant)
    (cells,) = coupons.coupons(choice, [("stock_id",)], within={"stock_id": list(names)})
    rows = coupon_rows(cells, coupons.SHOWN, names)
    return coupon_table(choice, rows, params, coupons.SHOWN, of=_("Stock"), prefix="stock_")
