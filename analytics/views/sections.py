"""What several boards have in common: their place, and groups of their parts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from analytics import frames
from analytics.charts.slots import busy_hours
from analytics.charts.times import by_day
from analytics.forms.board import BoardForm
from analytics.metrics import METRICS, add
from analytics.queries import places
from analytics.queries.choice import Choice
from analytics.queries.sales import Sales, hours
from analytics.queries.stores import steps_of_stores
from analytics.queries.sums import Cells, of_side
from analytics.tiles import OF_MALL, OF_STORES, tiles
from analytics.visitor_tiles import SHOPPERS_AT, shopper_tile
from mallops.lib.ui.parts import Empty, Tile
from mallops.lib.ui.tables import Table
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board


def show_mall(
    request: HttpRequest, mall: str, body: str, content: Callable[[Choice, BoardForm], board.Content], *, title: str,
    **context: Any,
) -> HttpResponseBase:  # fmt: skip
    """A board of all stores of a mall (`board.show`)."""
    place = places.of_mall(open_mall(request, mall, Action.VIEW))
    return board.show(
        request, place, f"analytics/{body}.html", content, title=title, no_stores=no_stores_in_mall(), **context
    )


def no_stores_in_mall() -> Empty:
    return Empty(_("No stores yet"), _("Import a list of stores, or enter them in the administration."))


def keys_of_sales(choice: Choice) -> Sequence[str]:
    return OF_STORES if choice.within else OF_MALL


def key_figures(choice: Choice, days: Cells, keys: Sequence[str]) -> list[Tile]:
    """Of cells by (side, day)."""
    now, before = (add(of_side(days, side).values()) for side in (0, 1))
    return tiles(choice, keys, now, before, frames.by_step(choice, days, keys))


def figures_and_shoppers(choice: Choice, days: Cells, keys: Sequence[str], people: Mapping[date, int]) -> list[Tile]:
    """Key figures, different shoppers among them; `people` are these by day."""
    found = key_figures(choice, days, keys)
    found.insert(SHOPPERS_AT, shopper_tile(choice, people))
    return found


def by_day_and_hour(choice: Choice, sales: Sales) -> dict:
    return {"sales": by_day(choice, sales.days), "hours": busy_hours(choice, hours(choice))}


def add_sparks(choice: Choice, table: Table) -> None:
    """Net sales by step of the period, for the stores on the page of a table."""
    rows = table.page.object_list
    cells, net = steps_of_stores(choice, [row["store"] for row in rows], ["net_sales"]), METRICS["net_sales"]
    for row in rows:
        row["spark"] = [net.value(cells.get((0, row["store"].pk, step.last), {})) for step in choice.steps()]
