"""What stands around the figures of a board: saved views, notes on its charts, what the figures mean."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from analytics import saved
from analytics.boards import Board
from analytics.forms.board import BoardForm
from merchants.choices import Action

MOST_VIEWS = 12  # in the menu; their page has them all


def tools(request: HttpRequest, form: BoardForm, board: Board) -> dict[str, Any]:
    """For the template of boards."""
    place = form.place
    notes = Action.EDIT_RULES in request.rights and not place.partner
    return {
        "address": form.address(),
        "mail_url": saved.list_address(request.body_opened, "mail_reports"),
        "filtered": form.address() != form.reset_url,
        "definitions": definitions(board),
        "last_day": form.choice.period.last,
        "notes_url": reverse("analytics:annotation_add", args=[place.mall.slug]) if notes else "",
    }


def saved_views(request: HttpRequest) -> dict[str, Any]:
    """The menu of views, which only whole pages ask for."""
    body = request.body_opened
    return {
        "views": lambda: list(saved.views_at(request.user, body)[:MOST_VIEWS]),
        "views_url": saved.list_address(body),
    }


def definitions(board: Board) -> dict[str, str]:
    """What each figure on the board means, by its name, in the order of the page."""
    tiles = {str(tile.label): tile.definition for tile in board.tiles}
    columns = {str(column.label): column.title for table in board.tables.values() for column in table.columns}
    return {label: str(text) for label, text in (tiles | columns).items() if text}
