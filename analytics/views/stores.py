"""The stores of a mall ranked, and one of them."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.times import by_day
from analytics.charts.visitors import by_day as shoppers_by_day
from analytics.forms.board import BoardForm
from analytics.forms.metric import StoresForm
from analytics.metrics import METRICS, add
from analytics.queries import coupons, places, visitors
from analytics.queries.peers import live_rules, rank
from analytics.queries.places import Choice
from analytics.queries.sales import sales
from analytics.queries.stores import days_of_stores
from analytics.tables.columns import Row, spark_column
from analytics.tables.compare import FORM as COMPARE
from analytics.tables.compare import box_column
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tables.sales import IN_STORE_TABLE, store_rows, store_table
from analytics.tiles import OF_STORES
from analytics.visitor_tiles import SHOPPERS_AT, shopper_tile
from analytics.visitor_tiles import by_day as shoppers_of_days
from mallops.lib.ui.parts import Chart
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

    def content(choice: Choice, form: StoresForm) -> board.Content:
        return list_content(choice, form, request.GET)

    return board.show(
        request, place, "analytics/_store_list.html", content, title=_("Stores"), form_class=StoresForm,
        kinds=("category", "floor", "channel", "newness"), no_stores=no_stores_in_mall(),
    )  # fmt: skip


def list_content(choice: Choice, form: StoresForm, params) -> board.Content:
    stores = [store for store in choice.stores if form.fits(store)]
    rows = store_rows(choice, sales(choice), stores, visitors.by_store(choice, stores))
    table = store_table(
        choice, rows, params, link=links.to_store(form), extra=[box_column(), spark_column()],
        keys=(*IN_STORE_TABLE, "shoppers"),
    )  # fmt: skip
    add_sparks(choice, table.page.object_list)
    return {
        "tables": {"stores": table},
        "compare_form": COMPARE,
        "compare_url": reverse("analytics:store_compare", args=[choice.place.mall.slug]),
        "compare_fields": QueryDict(form.filters_query().lstrip("?")).items(),
    }


def add_sparks(choice: Choice, rows: Sequence[Row]) -> None:
    """Net sales by step of the period, for the rows of one page."""
    cells, net = days_of_stores(choice, [row["store"] for row in rows], ["net_sales"]), METRICS["net_sales"]
    for row in rows:
        found = (add(cells.get((0, row["store"].pk, day), {}) for day in step) for step in choice.steps())
        row["spark"] = [net.value(sums) for sums in found]


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
        request, place, "analytics/_store.html", content, title=store.name, kinds=("channel", "newness"),
        no_stores=no_stores_in_mall(), crumbs=[(_("Stores"), reverse("analytics:store_list", args=[mall]))],
        about=about(store),
    )  # fmt: skip


def store_content(choice: Choice, form: BoardForm, params) -> board.Content:
    found, (store,) = sales(choice), choice.place.stores
    if not found.now:
        return board.nothing_sold(form)
    (by_stock,) = coupons.coupons(choice, [("stock_id",)])
    rows = coupon_rows(by_stock, AT_STORE, coupons.stock_names(by_stock))
    stocks = coupon_table(choice, rows, params, AT_STORE, of=_("Stock"), prefix="stock_")
    tiles = key_figures(choice, found, OF_STORES)
    people = shoppers_of_days(choice)
    tiles.insert(SHOPPERS_AT, shopper_tile(choice, people))
    return {
        "tiles": tiles,
        "charts": by_day_and_hour(choice, found)
        | {"refunds": by_day(choice, found.days, "refunded"), "shoppers": shoppers_chart(choice, store, people)},
        "facts": facts(choice, store, links.to_category(form)(store.category)),
        "rules": live_rules(store, form.today),
        "rules_url": f"{reverse('coupons:rule_list', args=[store.mall.slug])}?store={store.pk}",
        "tables": {"stocks": stocks},
    }


def shoppers_chart(choice: Choice, store: Store, people: Mapping[date, int]) -> Chart:
    if choice.weekly or choice.mixed:
        return shoppers_by_day(choice, {})
    cells, new = days_of_stores(choice, [store], ["new_shoppers"]), METRICS["new_shoppers"]
    of_new = {day: new.value(sums) for (_side, _store, day), sums in cells.items()}
    return shoppers_by_day(choice, {"shoppers": people, "new_shoppers": of_new})


def facts(choice: Choice, store: Store, category_url: str) -> list[tuple[str, str, str]]:
    """What, its value and where more of it is: the place in the category, when it opened and closed."""
    among = rank(choice, store)
    words = {"place": among.place, "of": among.of, "category": store.category.name}
    found = [(_("Rank by net sales"), _("%(place)s of %(of)s in %(category)s") % words, category_url)]
    days = ((_("Opened on"), store.opened_on), (_("Closed on"), store.closed_on))
    return found + [(label, day.isoformat(), "") for label, day in days if day]


def about(store: Store) -> str:
    """Where the store is and what it sells."""
    parts = [store.category.name, store.floor.name or store.floor.code if store.floor else "", store.unit, store.code]
    return " · ".join(filter(None, parts))
