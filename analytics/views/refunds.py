"""What was given back, when, where, and where more often than elsewhere."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import frames
from analytics.charts import slots as hours_chart
from analytics.charts.times import by_day
from analytics.forms.board import BoardForm
from analytics.queries import places
from analytics.queries.places import Choice
from analytics.queries.sales import hours, knows_hours, sales
from analytics.slots import slots
from analytics.tables import refunds as tables
from analytics.tiles import tiles
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board, links
from .sections import no_stores_in_mall

TILES = ("refunded", "refunds", "refund_rate", "average_refund")
COUPONS = ("revoked", "undone")  # what refunds do to coupons; not known by channel and newness
KINDS = ("category", "floor", "store", "channel", "newness")


@login_required
@require_GET
def refunds(request: HttpRequest, mall: str) -> HttpResponseBase:
    place = places.of_mall(open_mall(request, mall, Action.VIEW))

    def content(choice: Choice, form: BoardForm) -> board.Content:
        return refunded(choice, form, request.GET)

    return board.show(
        request, place, "analytics/_refunds.html", content, title=_("Refunds"), kinds=KINDS,
        no_stores=no_stores_in_mall(),
    )  # fmt: skip


def refunded(choice: Choice, form: BoardForm, params) -> board.Content:
    keys = TILES if choice.mixed else TILES + COUPONS
    found = sales(choice, [*keys, "refund_frequency"])
    if not found.now:
        return board.nothing_sold(form)
    stores = tables.store_rows(choice, found)
    categories = tables.category_rows(choice, found, choice.place.categories)
    return {
        "tiles": tiles(choice, keys, found.total(), found.total(side=1), frames.by_step(choice, found.days, keys)),
        "charts": charts(choice, found),
        "tables": {
            "categories": tables.category_table(choice, categories, params, links.to_category(form)),
            "stores": tables.store_table(choice, stores, params, links.to_store(form)),
        },
        "high": [row["name"] for row in stores if row["high"]],
    }


def charts(choice: Choice, found) -> dict:
    made = {"rate": by_day(choice, found.days, "refund_rate"), "amount": by_day(choice, found.days, "refunded")}
    if knows_hours(choice):
        cells = hours(choice, ["refunded"])
        made["hours"] = hours_chart.week(choice, "refunded", slots(cells, choice.period, "refunded"))
    return made
