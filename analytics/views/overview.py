"""The mall at a glance."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.mix import mix
from analytics.forms import BoardForm
from analytics.queries import places
from analytics.queries.places import Choice
from analytics.queries.sales import sales
from analytics.tables.sales import store_rows, store_table
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board, links
from .sections import by_day_and_hour, key_figures, mall_tiles, no_stores_in_mall

TOP = 10


@login_required
@require_GET
def mall_overview(request: HttpRequest, mall: str) -> HttpResponseBase:
    place = places.of_mall(open_mall(request, mall, Action.VIEW))
    return board.show(
        request, place, "analytics/_overview.html", content, title=_("Overview"), no_stores=no_stores_in_mall()
    )


def content(choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice)
    if not found.now:
        return board.nothing_sold(form)
    rows = store_rows(choice, found)
    return {
        "tiles": key_figures(choice, found, mall_tiles(choice)),
        "charts": by_day_and_hour(choice, found) | {"mix": mix(choice, rows)},
        "tables": {"stores": store_table(choice, rows, link=links.to_store(form), top=TOP)},
        "all_stores": links.to_stores(form),
    }
