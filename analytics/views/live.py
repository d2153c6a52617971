"""What happens in the mall just now. The page asks for its board again every few seconds (`static/ui/mall.js`)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from analytics.charts import live as charts
from analytics.forms.board import BoardForm
from analytics.forms.now import LiveForm
from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.live import Day, by_minute, events, so_far
from analytics.tables.live import clock, sentence
from analytics.tiles import tile
from mallops.lib.ui.parts import Tile

from . import board
from .sections import show_mall

MINUTES = 60
MOST_EVENTS = 20
TILES = ("net_sales", "transactions", "average_ticket", "issued", "redeemed")
ICONS = {"payment": "receipt", "refund": "undo", "issued": "ticket", "redeemed": "check"}


@login_required
@require_GET
def live(request: HttpRequest, mall: str) -> HttpResponseBase:
    return show_mall(
        request, mall, "_live", content, title=pgettext("dashboard", "Live"), kinds=("category", "floor", "store"),
        form_class=LiveForm, live=True, push_url="" if board.asks_again(request, "live") else None,
    )  # fmt: skip


def content(choice: Choice, form: BoardForm) -> board.Content:
    now = timezone.now()
    start = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES)
    return _minutes(choice, start) | _today(choice, now) | {"events": _events(choice, start, now)}


def _minutes(choice: Choice, start: datetime) -> board.Content:
    """The minutes that are over: the one under way would look like a collapse."""
    found, zone = by_minute(choice, start, start + timedelta(minutes=MINUTES)), ZoneInfo(choice.place.mall.time_zone)
    minutes = [start.astimezone(UTC) + timedelta(minutes=number) for number in range(MINUTES)]
    local, sums = [minute.astimezone(zone) for minute in minutes], [found.get(minute, {}) for minute in minutes]
    return {
        "charts": {"payments": charts.payments(choice, local, sums), "coupons": charts.coupons(choice, local, sums)}
    }


def _today(choice: Choice, now: datetime) -> board.Content:
    day = so_far(choice, TILES, now)
    tiles = [_tile(choice, key, day) for key in TILES]
    said = [_("%(figure)s %(value)s") % {"figure": one.label, "value": one.value} for one in tiles]
    return {"tiles": tiles, "until": clock(now.astimezone(ZoneInfo(choice.place.mall.time_zone))), "said": said}


def _tile(choice: Choice, key: str, day: Day) -> Tile:
    """With its course over the hours of today."""
    hours = range(min(day.hours, default=0), max(day.hours, default=-1) + 1)
    return tile(choice, key, day.now, day.before, [METRICS[key].value(day.hours.get(hour, {})) for hour in hours])


def _events(choice: Choice, start: datetime, now: datetime) -> list[tuple[str, str, str]]:
    """Time, icon and sentence of the last events."""
    stores = {store.pk: store.name for store in choice.stores}
    zone, currency = ZoneInfo(choice.place.mall.time_zone), choice.place.mall.currency
    return [
        (clock(event.at.astimezone(zone)), ICONS[event.kind], sentence(event, stores, currency))
        for event in events(choice, start, now, MOST_EVENTS)
    ]
