"""The mall at a glance: how it did, what changed, and what to do next."""

from collections.abc import Collection

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.changes import headline, movers
from analytics.charts.mix import mix
from analytics.forms.board import BoardForm
from analytics.queries import places
from analytics.queries.places import Choice
from analytics.queries.sales import Sales, sales
from analytics.queries.todo import todos
from analytics.tables.columns import Row
from analytics.tables.sales import category_rows, store_rows, store_table
from analytics.visitor_tiles import SHOPPERS_AT, by_day, shopper_tile
from mallops.lib import dates
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board, links
from .sections import by_day_and_hour, key_figures, mall_tiles, no_stores_in_mall

TOP = 10


@login_required
@require_GET
def mall_overview(request: HttpRequest, mall: str) -> HttpResponseBase:
    opened = open_mall(request, mall, Action.VIEW)

    def content(choice: Choice, form: BoardForm) -> board.Content:
        return overview(choice, form, request.rights)

    return board.show(
        request, places.of_mall(opened), "analytics/_overview.html", content, title=_("Overview"),
        kinds=("category", "floor", "store", "channel", "newness"), no_stores=no_stores_in_mall(),
    )  # fmt: skip


def overview(choice: Choice, form: BoardForm, rights: Collection[str]) -> board.Content:
    mall = choice.place.mall
    waiting = todos(mall, rights, dates.today(mall.time_zone, timezone.now()))
    found = sales(choice)
    if not found.now:
        return board.nothing_sold(form) | {"todos": waiting}
    rows, tiles = store_rows(choice, found), key_figures(choice, found, mall_tiles(choice))
    tiles.insert(SHOPPERS_AT, shopper_tile(choice, by_day(choice)))
    return {
        "tiles": tiles,
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
