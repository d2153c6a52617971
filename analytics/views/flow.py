"""From where to where shoppers move, organically or by coupons."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import flow_reports
from analytics.boards import BareRequest
from analytics.charts.flow import MATRIX, STREAMS, Click, matrix, streams
from analytics.forms.flow import FlowChoice, FlowForm, said
from analytics.metrics import METRICS, Sums
from analytics.models import FlowReport
from analytics.queries.flow import Moves, between, pairs_frame
from analytics.tables.columns import Row
from analytics.tables.flow import MOST, Spot, flow_rows, pair_table
from analytics.tiles import tile
from coupons.affinity.report import LEAST
from coupons.models.work import WorkState
from mallops.lib import format as fmt
from mallops.lib.dates import Period
from mallops.lib.ui.parts import Tile
from merchants.choices import Action
from merchants.models import Store

from . import board, links
from .sections import show_mall

TILES = ("moves", "move_sales", "driven_moves", "driven_share", "driven_sales")
WAITING = "flow-waiting"  # id of the element that asks again until the count is done


@login_required
@require_GET
def flow(request: HttpRequest, mall: str) -> HttpResponseBase:
    return show_mall(
        request, mall, "_flow", partial(content, request), title=_("Flow between stores"), kinds=(),
        form_class=FlowForm, push_url="false" if board.asks_again(request, WAITING) else None,
    )  # fmt: skip


def content(request: HttpRequest, choice: FlowChoice, form: FlowForm) -> board.Content:
    report = report_shown(request, form, choice.period)
    before = report_shown(request, form, choice.before) if choice.before else None
    shown = {"state": state(form, report, before), "waiting": WAITING, "again": form.address()}
    edits = Action.EDIT_RULES in request.rights
    return shown | (figures(form, report, before, edits=edits) if report.result else {})


def report_shown(request: HttpRequest, form: FlowForm, period: Period) -> FlowReport:
    """The report of the days shown or of those compared with; counted at once for a mail, which cannot wait."""
    now, again = timezone.now(), not board.asks_again(request, WAITING)
    report = flow_reports.report_of(form.place.mall, period, form.within_hours, now=now, again=again)
    if isinstance(request, BareRequest) and report.result is None:
        flow_reports.make_now(report, now=now)
    return report


def state(form: FlowForm, report: FlowReport, before: FlowReport | None) -> dict:
    """How far the counts are, and of when the figures are."""
    result, zone = report.result or {}, form.place.mall.time_zone
    counts = [report, before] if before else [report]
    return {
        "pending": any(map(flow_reports.is_pending, counts)),
        "failed": any(count.state == WorkState.FAILED for count in counts),
        "made": fmt.moment(report.made_at, zone) if report.made_at else "",
        "purchases": fmt.count(result.get("purchases", 0)),
        "shoppers": fmt.count(result.get("shoppers", 0)),
        "within": said(form.within_hours),
        "least": LEAST,
    }


def figures(form: FlowForm, report: FlowReport, before: FlowReport | None, *, edits: bool) -> board.Content:
    """Nothing is compared until the days before are counted too."""
    counted = before is not None and before.result is not None
    choice, frame = form.choice if counted else replace(form.choice, before=None), pairs_frame(report.result)
    stores = {store.pk: store for store in choice.place.stores}
    ends = [{store.pk: store.pk for store in end} for end in (choice.sources, choice.targets)]
    moves = between(frame, *ends)
    earlier = between(pairs_frame(before.result), *ends) if counted else None
    pairs = flow_rows(moves.largest(MOST), stores, earlier)
    drawn = (moves, stores) if choice.source or choice.target else by_category(form, frame)
    table = pair_table(choice, pairs, form.query, link=links.to_store(form), rule=builder(form) if edits else None)
    return {
        "tiles": tiles(choice, moves.total(), earlier.total() if counted else {}),
        "charts": pictures(form, drawn, edits),
        "tables": {"pairs": table},
        "cut": cut(len(moves)),
    }


def pictures(form: FlowForm, drawn: tuple[Moves, Mapping[int, Spot]], edits: bool) -> dict:
    (moves, spots), choice, click = drawn, form.choice, clicks(form, edits)
    return {
        "streams": streams(choice, flow_rows(moves.largest(STREAMS), spots), click),
        "matrix": matrix(choice, flow_rows(moves.square(MATRIX), spots), click),
    }


def cut(number: int) -> str:
    """What is said where there are more pairs than the table holds."""
    if number <= MOST:
        return ""
    return _("The %(shown)s of %(all)s with most moves") % {"shown": fmt.count(MOST), "all": fmt.count(number)}


def by_category(form: FlowForm, frame) -> tuple[Moves, Mapping[int, Spot]]:
    """Moves between the tops of the tree, those within one included, and the tops by id."""
    branch_of = form.place.branch_of()
    branches = {store.pk: branch_of[store.category_id] for store in form.place.stores}
    keys = {store: branch.pk for store, branch in branches.items()}
    return between(frame, keys, keys), {branch.pk: branch for branch in branches.values()}


def tiles(choice: FlowChoice, sums: Sums, before: Sums) -> list[Tile]:
    return [tile(choice, key, told(key, sums), told(key, before), ()) for key in TILES]


def told(key: str, sums: Sums) -> Sums:
    """Rates of few moves are not told."""
    return {} if METRICS[key].per and sums.get("moves", 0) < LEAST else sums


def builder(form: FlowForm) -> Callable[[Row], str]:
    """The rule builder, opened with a pair."""
    new = reverse("coupons:rule_new", args=[form.place.mall.slug])
    return lambda row: f"{new}?from={row['key']}"


def clicks(form: FlowForm, edits: bool) -> Click:
    """A click on a category sets it as a filter; one on a store leads there, on a pair of stores to the rule builder
    for who may use it."""
    link, rule = links.to_store(form), builder(form)

    def click(source: Spot | None, target: Spot | None) -> dict | None:
        ends = {name: end for name, end in (("source", source), ("target", target)) if end}
        of_stores = isinstance(source or target, Store)
        if of_stores and len(ends) == 1:
            return {"url": link(source or target)}
        if of_stores and edits:
            return {"url": rule({"key": f"s{source.pk}-s{target.pk}"})}
        letter = "s" if of_stores else "c"
        return {"filter": {name: f"{letter}:{end.code}" for name, end in ends.items()}}

    return click
