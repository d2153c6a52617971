"""The stores of a mall ranked, and one of them."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.forms import BoardForm
from analytics.queries import coupons, places
from analytics.queries.places import Choice
from analytics.queries.sales import sales
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tables.sales import store_rows, store_table
from analytics.tiles import OF_STORES
from merchants.choices import Action
from merchants.models import Store
from merchants.views.base import open_mall

from . import board, links
from .sections import by_day_and_hour, key_figures, no_stores_in_mall

AT_STORE = ("issued", "redeemed", "expired", "revoked", "discount", "coupon_sales")


@login_required
@require_GET
def store_list(request: HttpRequest, mall: str) -> HttpResponseBase:
    place = places.of_mall(open_mall(request, mall, Action.VIEW))

    def content(choice: Choice, form: BoardForm) -> board.Content:
        rows = store_rows(choice, sales(choice))
        return {"tables": {"stores": store_table(choice, rows, request.GET, link=links.to_store(form))}}

    return board.show(
        request, place, "analytics/_stores.html", content, title=_("Stores"), kinds=("category", "floor"),
        no_stores=no_stores_in_mall(),
    )  # fmt: skip


@login_required
@require_GET
def store_detail(request: HttpRequest, mall: str, code: str) -> HttpResponseBase:
    opened = open_mall(request, mall, Action.VIEW)
    place = places.of_store(opened, code)
    if place is None:
        raise Http404
    (store,) = place.stores

    def content(choice: Choice, form: BoardForm) -> board.Content:
        return store_content(choice, form, request.GET)

    return board.show(
        request, place, "analytics/_store.html", content, title=store.name, kinds=(), no_stores=no_stores_in_mall(),
        crumbs=[(_("Stores"), reverse("analytics:store_list", args=[mall]))], about=about(store),
    )  # fmt: skip


def store_content(choice: Choice, form: BoardForm, params) -> board.Content:
    found = sales(choice)
    if not found.now:
        return board.nothing_sold(form)
    (by_stock,) = coupons.coupons(choice, [("stock_id",)])
    rows = coupon_rows(by_stock, AT_STORE, coupons.stock_names(by_stock))
    stocks = coupon_table(choice, rows, params, AT_STORE, of=_("Stock"), prefix="stock_")
    return {
        "tiles": key_figures(choice, found, OF_STORES),
        "charts": by_day_and_hour(choice, found),
        "tables": {"stocks": stocks},
    }


def about(store: Store) -> str:
    """Where the store is and what it sells."""
    parts = [store.category.name, store.floor.name or store.floor.code if store.floor else "", store.unit, store.code]
    return " · ".join(filter(None, parts))
