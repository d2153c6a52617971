"""Groups of parts that several boards show."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics import frames
from analytics.charts.times import busy_hours, by_day
from analytics.queries.places import Choice
from analytics.queries.sales import Sales, hours
from analytics.tiles import OF_MALL, OF_STORES, tiles
from mallops.lib.ui.parts import Empty, Tile


def mall_tiles(choice: Choice) -> Sequence[str]:
    return OF_STORES if choice.within else OF_MALL


def key_figures(choice: Choice, sales: Sales, keys: Sequence[str]) -> list[Tile]:
    days = frames.by_step(choice, sales.days, keys)
    return tiles(choice, keys, sales.total(), sales.total(side=1), days)


def by_day_and_hour(choice: Choice, sales: Sales) -> dict:
    return {"sales": by_day(choice, sales.days), "hours": busy_hours(choice, hours(choice))}


def no_stores_in_mall() -> Empty:
    return Empty(_("No stores yet"), _("Import a list of stores, or enter them in the administration."))
