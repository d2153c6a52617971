"""What was given back, when, where, and where more often than elsewhere."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts import slots as hours_chart
from analytics.charts.times import by_day
from analytics.forms.board import BoardForm
from analytics.queries.choice import Choice
from analytics.queries.sales import hours, knows_hours, sales
from analytics.slots import slots
from analytics.tables import refunds as tables

from . import board, links
from .sections import key_figures, show_mall

TILES = ("refunded", "refunds", "refund_rate", "average_refund")
COUPONS = ("revoked", "undone")  # what refunds do to coupons; not known by channel and newness
KINDS = ("category", "floor", "store", "channel", "newness")


@login_required
@require_GET
def refunds(request: HttpRequest, mall: str) -> HttpResponseBase:
    return show_mall(request, mall, "_refunds", refunded, title=_("Refunds"), kinds=KINDS)


def refunded(choice: Choice, form: BoardForm) -> board.Content:
    keys = TILES if choice.mixed else TILES + COUPONS
    found = sales(choice, [*keys, "refund_frequency"])
    if not found.now:
        return board.nothing_sold(form)
    stores = tables.store_rows(choice, found)
    categories = tables.category_rows(choice, found, choice.place.categories)
    return {
        "tiles": key_figures(choice, found.days, keys),
        "charts": charts(choice, found),
        "tables": {
            "categories": tables.category_table(choice, categories, form.query, links.to_category(form)),
            "stores": tables.store_table(choice, stores, form.query, links.to_store(form)),
        },
        "high": [row["name"] for row in stores if row["high"]],
    }


def charts(choice: Choice, found) -> dict:
    made = {"rate": by_day(choice, found.days, "refund_rate"), "amount": by_day(choice, found.days, "refunded")}
    if knows_hours(choice):
        cells = hours(choice, ["refunded"])
        made["hours"] = hours_chart.week(choice, "refunded", slots(cells, choice.period, "refunded"))
    return made
