"""The stores of a mall ranked, and one of them."""

from collections.abc import Mapping
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
from analytics.metrics import METRICS
from analytics.queries import coupons, places, visitors
from analytics.queries.choice import Choice
from analytics.queries.peers import live_rules, rank
from analytics.queries.sales import sales
from analytics.queries.stores import steps_of_stores
from analytics.tables.columns import spark_column
from analytics.tables.compare import FORM as COMPARE
from analytics.tables.compare import box_column
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tables.sales import IN_STORE_TABLE, store_rows, store_table
from analytics.tiles import OF_STORES
from analytics.visitor_tiles import by_day as people_by_day
from mallops.lib.ui.parts import Chart
from merchants.choices import Action
from merchants.models import Store
from merchants.views.base import open_mall

from . import board, links
from .sections import add_sparks, by_day_and_hour, figures_and_shoppers, no_stores_in_mall, show_mall

AT_STORE = ("issued", "redeemed", "expired", "revoked", "discount", "coupon_sales")


@login_required
@require_GET
def store_list(request: HttpRequest, mall: str) -> HttpResponseBase:
    return show_mall(
        request, mall, "_store_list", list_content, title=_("Stores"), form_class=StoresForm,
        kinds=("category", "floor", "channel", "newness"),
    )  # fmt: skip


def list_content(choice: Choice, form: StoresForm) -> board.Content:
    stores = [store for store in choice.stores if form.fits(store)]
    rows = store_rows(choice, sales(choice), stores, visitors.by_store(choice, stores))
    table = store_table(
        choice, rows, form.query, link=links.to_store(form), extra=[box_column(), spark_column()],
        keys=(*IN_STORE_TABLE, "shoppers"),
    )  # fmt: skip
    add_sparks(choice, table)
    return {
        "tables": {"stores": table},
        "compare_form": COMPARE,
        "compare_url": reverse("analytics:store_compare", args=[choice.place.mall.slug]),
        "compare_fields": QueryDict(form.filters_query().lstrip("?")).items(),
    }


@login_required
@require_GET
def store_detail(request: HttpRequest, mall: str, code: str) -> HttpResponseBase:
    place = places.of_store(open_mall(request, mall, Action.VIEW), code)
    if place is None:
        raise Http404
    (store,) = place.stores
    return board.show(
        request, place, "analytics/_store.html", store_content, title=store.name, kinds=("channel", "newness"),
        no_stores=no_stores_in_mall(), crumbs=[(_("Stores"), reverse("analytics:store_list", args=[mall]))],
        about=about(store),
    )  # fmt: skip


def store_content(choice: Choice, form: BoardForm) -> board.Content:
    found, (store,) = sales(choice), choice.place.stores
    if not found.now:
        return board.nothing_sold(form)
    (by_stock,) = coupons.coupons(choice, [("stock_id",)])
    rows = coupon_rows(by_stock, AT_STORE, coupons.stock_names(by_stock))
    stocks = coupon_table(choice, rows, form.query, AT_STORE, of=_("Stock"), prefix="stock_")
    people = people_by_day(choice)
    return {
        "tiles": figures_and_shoppers(choice, found.days, OF_STORES, people),
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
    cells, new = steps_of_stores(choice, [store], ["new_shoppers"]), METRICS["new_shoppers"]
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
