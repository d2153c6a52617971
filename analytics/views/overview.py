"""The mall at a glance: how it did, what changed, and what to do next."""

from collections.abc import Collection
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.changes import headline, movers
from analytics.charts.mix import mix
from analytics.forms.board import BoardForm
from analytics.queries.choice import Choice
from analytics.queries.sales import Sales, sales
from analytics.queries.todo import todos
from analytics.tables.columns import Row
from analytics.tables.sales import category_rows, store_rows, store_table
from analytics.visitor_tiles import by_day as shoppers_by_day

from . import board, links
from .sections import by_day_and_hour, figures_and_shoppers, keys_of_sales, show_mall

TOP = 10


@login_required
@require_GET
def mall_overview(request: HttpRequest, mall: str) -> HttpResponseBase:
    kinds = ("category", "floor", "store", "channel", "newness")
    return show_mall(request, mall, "_overview", partial(overview, request), title=_("Overview"), kinds=kinds)


def overview(request: HttpRequest, choice: Choice, form: BoardForm) -> board.Content:
    mall = choice.place.mall
    waiting = todos(mall, request.rights, mall.today())
    found = sales(choice)
    if not found.now:
        return board.nothing_sold(form) | {"todos": waiting}
    rows = store_rows(choice, found)
    return {
        "tiles": figures_and_shoppers(choice, found.days, keys_of_sales(choice), shoppers_by_day(choice)),
        "headline": headline(choice, found.total(), found.total(side=1)),
        "movers": changed(choice, form, found, rows),
        "todos": waiting,
        "charts": by_day_and_hour(choice, found) | {"mix": mix(choice, rows)},
        "tables": {"stores": store_table(choice, rows, link=links.to_store(form), top=TOP)},
        "all_stores": links.to_stores(form),
    }


def changed(choice: Choice, form: BoardForm, found: Sales, rows: Collection[Row]) -> tuple:
    """Titles with the stores, and the categories on top of the tree, that moved most."""
    to_store, to_category = links.to_store(form), links.to_category(form)
    linked = [(row, to_store(row["store"])) for row in rows]
    if not choice.category:
        branches = [branch for branch in choice.place.branches() if choice.stores_in(branch)]
        linked += [(row, to_category(row["category"])) for row in category_rows(choice, found, branches)]
    up, down = movers(choice, linked)
    return (_("Up"), up), (_("Down"), down)
