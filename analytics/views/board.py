"""What all dashboards share: filters from the URL, one answer for the page, its part and its files."""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.boards import BadFilters, BareRequest, BareResponse, Board, Content
from analytics.files import answers
from analytics.forms.board import BoardForm, name_of
from analytics.queries.choice import Choice
from analytics.queries.places import Place
from mallops.lib import dates
from mallops.lib import format as fmt
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Chip, Empty

from .tools import saved_views, tools

TEMPLATE = "analytics/board.html"


def show(
    request: HttpRequest,
    place: Place,
    body: str,
    content: Callable[[Choice, BoardForm], Content],
    *,
    title: str,
    no_stores: Empty,
    kinds: Collection[str] = ("category", "store"),
    form_class: type[BoardForm] = BoardForm,
    push_url: str | None = None,
    **context: Any,
) -> HttpResponseBase:
    """The board of a place: `content` makes what the template `body` draws of a choice.

    `?export=name` answers one of its tables as a file, `?export=page` the whole of it (`analytics.files`);
    `?table=name` opens the table beside a chart. Where the filters do not fit, the board says why.

    `push_url` goes to the browser's history instead of the address of what is shown.
    """
    now, zone = timezone.now(), place.mall.time_zone
    today = dates.today(zone, now)
    form = form_class(request.GET, path=escape_uri_path(request.path), place=place, today=today, kinds=kinds)
    context |= {"title": title, "form": form, "body_part": body, "zone": zone, "fresh": fmt.moment(now, zone)}
    if not form.is_valid():
        return refused(request, form, context)
    made = content(form.choice, form) if place.stores else {"empty": no_stores}
    board = Board(title, form.choice, made, [chip.label for chip in chips(form)], now)
    if piece := asked_for(request, board):
        return piece
    context |= made | heading(board) | tools(request, form, board) | saved_views(request) | {
        "chips": chips(form),
        "files": answers.menu(board, form.address),
        "tables_on_demand": True,
        "filters": QueryDict(urlsplit(form.address()).query),
    }  # fmt: skip
    push_url = form.address() if push_url is None else push_url
    return render_part(request, TEMPLATE, context, part="board", push_url=push_url)


def refused(request: HttpRequest, form: BoardForm, context: dict[str, Any]) -> HttpResponse:
    """What is wrong with the filters, in the place of the figures."""
    if isinstance(request, BareRequest):
        raise BadFilters(" ".join(form.problems))
    context |= saved_views(request) | {"problems": form.problems}
    return render_part(request, TEMPLATE, context, part="board")


def asked_for(request: HttpRequest, board: Board) -> HttpResponseBase | None:
    """A piece of the board, if not the page itself is asked for: its figures for a mail, a file, one table."""
    if isinstance(request, BareRequest):
        return BareResponse(board)
    if "export" in request.GET:
        return answers.file_of(board, request.GET["export"], request.GET.get("as", "csv"))
    if request.htmx and request.htmx.target == f"{request.GET.get('table')}-table":
        return opened(request, board)
    return None


def opened(request: HttpRequest, board: Board) -> HttpResponse:
    """The table beside a chart, asked for when it is opened: with all of them a page weighs a quarter more."""
    table = board.tables.get(request.GET["table"])
    if table is None:
        raise Http404
    response = render(request, "ui/table.html", {"table": table, "small": True})
    patch_cache_control(response, private=True, no_store=True)
    return response


def asks_again(request: HttpRequest, element: str) -> bool:
    """Whether the element of that id asks for the board by itself: nobody goes anywhere, and Back must not lead through
    every look."""
    return bool(request.htmx) and request.htmx.trigger == element


def heading(board: Board) -> Content:
    """The days that are shown, and those compared with."""
    days = board.choice.period.days
    return {
        "range": board.range,
        "days": ngettext("%(count)s day", "%(count)s days", days) % {"count": days},
        "compared": _("compared with %(range)s") % {"range": board.compared} if board.compared else "",
    }


def chips(form: BoardForm) -> list[Chip]:
    """The filters in force, each with the address without it."""
    picked = {kind: options.get(form.cleaned_data[kind]) for kind, options in form.options.items()}
    return [Chip(name_of(one), form.address(**{kind: None, "page": None})) for kind, one in picked.items() if one]


def nothing_sold(form: BoardForm) -> Content:
    why = _("The filters fit no payment, or the payments have not been recorded yet.")
    return {"empty": Empty(_("No sales in this period"), why, form.reset_url, _("Reset filters"))}


def no_coupons(form: BoardForm, why: str) -> Content:
    title = _("No coupon was issued or used in this period")
    return {"empty": Empty(title, why, form.reset_url, _("Reset filters"))}
