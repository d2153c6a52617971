"""A dashboard with its figures, apart from how it is shown: on a page, in a file, in a mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from analytics.queries.choice import Choice
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Tile
from mallops.lib.ui.tables import Table
from merchants.models import Mall

Content = dict[str, Any]  # for the template of a page: tiles, charts and tables by name, or `empty`


@dataclass(frozen=True)
class Board:
    """`filters` are the names of what is chosen, `made_at` the moment up to which the figures are complete."""

    title: str
    choice: Choice
    content: Content
    filters: Sequence[str]
    made_at: datetime

    @property
    def mall(self) -> Mall:
        return self.choice.place.mall

    @property
    def tiles(self) -> Sequence[Tile]:
        return self.content.get("tiles", ())

    @property
    def charts(self) -> list[Chart]:
        return list(self.content.get("charts", {}).values())

    @property
    def tables(self) -> dict[str, Table]:
        """By name; those beside charts under the chart's id."""
        return self.content.get("tables", {}) | {chart.id: chart.table for chart in self.charts if chart.table}

    @property
    def range(self) -> str:
        return fmt.date_range(self.choice.period.start, self.choice.period.last)

    @property
    def compared(self) -> str:
        """Empty without a comparison."""
        before = self.choice.before
        return fmt.date_range(before.start, before.last) if before else ""


class BareRequest(HttpRequest):
    """A request for the board itself, made by a task for a reader who is not there (`analytics.mails.opened`)."""

    htmx = None

    def __init__(self) -> None:
        super().__init__()
        self.method = "GET"

    def get_host(self) -> str:
        return urlsplit(settings.SITE_URL).netloc


class BareResponse(HttpResponse):
    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board = board


class BadFilters(Exception):
    """The filters of an address do not fit its page (any more); the message says why."""
