"""The mall at a glance."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import charts
from analytics.forms import BoardForm
from analytics.queries import places
from analytics.queries.places import Choice
from analytics.queries.sales import sales
from analytics.tables import store_rows, store_table
from analytics.tiles import OF_MALL
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board
from .sections import by_day_and_hour, key_figures

TOP = 10


@login_required
@require_GET
def mall_overview(request: HttpRequest, mall: str) -> HttpResponseBase:
    place = places.of_mall(open_mall(request, mall, Action.VIEW))
    return board.show(request, place, "analytics/_overview.html", content, title=_("Overview"))


def content(choice: Choice, form: BoardForm) -> board.Content:
    found = sales(choice)
    if not any(found.stores.values()):
        return board.nothing_sold(form)
    rows = store_rows(choice, found)
    return {
        "tiles": key_figures(choice, found, OF_MALL),
        "charts": by_day_and_hour(choice, found) | {"mix": charts.mix(choice, rows)},
        "tables": {"top-stores": store_table(choice, rows, query=form.days_query(), top=TOP)},
        "all_stores": reverse("analytics:store_list", args=[choice.place.mall.slug]) + form.address(store=None),
    }
