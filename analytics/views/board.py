"""What all dashboards share: filters from the URL, one answer for the page, its part and its files."""

from collections.abc import Callable, Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics import exports
from analytics.forms import BoardForm
from analytics.queries.places import Choice, Place
from mallops.lib import dates
from mallops.lib import format as fmt
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Chip, Empty

TEMPLATE = "analytics/board.html"
Content = dict[str, Any]  # for the template `body`; its charts and tables may be exported


def show(
    request: HttpRequest,
    place: Place,
    body: str,
    content: Callable[[Choice, BoardForm], Content],
    *,
    title: str,
    no_stores: Empty,
    kinds: Collection[str] = ("category", "store"),
    **context: Any,
) -> HttpResponseBase:
    """The board of a place: `content` makes what the template `body` draws of a choice.

    `?export=name` answers one of its tables as CSV. Where the filters do not fit, the board says why.
    """
    now, zone = timezone.now(), place.mall.time_zone
    today = dates.today(zone, now)
    form = BoardForm(request.GET, path=request.path, place=place, today=today, kinds=kinds)
    context |= {"title": title, "form": form, "body_part": body, "zone": zone, "fresh": fmt.moment(now, zone)}
    if not form.is_valid():
        return render_part(request, TEMPLATE, context | {"problems": form.problems}, part="board")
    made = content(form.choice, form) if place.stores else {"empty": no_stores}
    files = tables_of(made)
    if wanted := request.GET.get("export"):
        if wanted not in files:
            raise Http404
        return exports.csv_response(files[wanted], form.choice, wanted)
    context |= made | heading(form) | {
        "chips": chips(form),
        "files": [(table.label, form.address(export=name)) for name, table in files.items()],
    }  # fmt: skip
    return render_part(request, TEMPLATE, context, part="board", push_url=form.address())


def tables_of(content: Content) -> dict:
    """The tables of a board by name, those beside charts under the chart's id."""
    charts = [chart for chart in content.get("charts", {}).values() if chart.table]
    return content.get("tables", {}) | {chart.id: chart.table for chart in charts}


def heading(form: BoardForm) -> Content:
    """The days that are shown, and those compared with."""
    choice = form.choice
    days = ngettext("%(count)s day", "%(count)s days", choice.period.days) % {"count": choice.period.days}
    before = choice.before
    compared = fmt.date_range(before.start, before.last) if before else ""
    return {
        "range": fmt.date_range(choice.period.start, choice.period.last),
        "days": days,
        "compared": _("compared with %(range)s") % {"range": compared} if before else "",
    }


def chips(form: BoardForm) -> list[Chip]:
    """The filters in force, each with the address without it."""
    picked = {kind: getattr(form.choice, kind) for kind in form.options}
    return [Chip(one.name, form.address(**{kind: None, "page": None})) for kind, one in picked.items() if one]


def nothing_sold(form: BoardForm) -> Content:
    why = _("The filters fit no payment, or the payments have not been recorded yet.")
    return {"empty": Empty(_("No sales in this period"), why, form.path, _("Reset filters"))}
