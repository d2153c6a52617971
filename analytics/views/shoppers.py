"""Who pays in the mall: new and returning, how often, in which segments, and who comes back."""

from collections.abc import Mapping
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import frames, shopper_reports
from analytics.boards import BareRequest
from analytics.charts import shoppers as charts
from analytics.forms.board import BoardForm
from analytics.metrics import METRICS
from analytics.models import Newness, ShopperReport
from analytics.queries import visitors
from analytics.queries.choice import Choice
from analytics.queries.sales import Sales, by_newness, sales
from analytics.queries.segments import cohorts
from analytics.queries.sums import Cells
from analytics.tables import shoppers as tables
from analytics.tables.columns import Row
from analytics.tiles import tile
from coupons.affinity.report import LEAST
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Tile
from merchants.choices import Action
from merchants.models import Mall

from . import board
from .sections import show_mall

TILES = (
    "shoppers", "new_shoppers", "returning_shoppers", "returning_share", "payments_per_shopper", "spend_per_shopper",
    "known_share",
)  # fmt: skip
WAITING = "shoppers-waiting"  # id of the element that asks again until the report is made


@login_required
@require_GET
def shoppers(request: HttpRequest, mall: str) -> HttpResponseBase:
    return show_mall(
        request, mall, "_shoppers", partial(content, request), title=_("Shoppers"),
        kinds=("category", "floor", "store"), push_url="false" if board.asks_again(request, WAITING) else None,
    )  # fmt: skip


def content(request: HttpRequest, choice: Choice, form: BoardForm) -> board.Content:
    mall = choice.place.mall
    report, made = report_shown(request, mall), figures(choice)
    made["charts"]["retention"] = charts.retention(tables.cohort_rows(cohorts(mall, form.today)))
    if report:
        made["charts"] |= of_year(choice, report, builder(request, mall))
    return made | {"state": state(form, report), "waiting": WAITING, "again": form.address()}


def report_shown(request: HttpRequest, mall: Mall) -> ShopperReport | None:
    """The latest report, if there is one yet; made at once for a mail, which cannot wait."""
    now = timezone.now()
    report = shopper_reports.latest(mall, now=now, again=not board.asks_again(request, WAITING))
    if isinstance(request, BareRequest) and report is None:
        report = shopper_reports.make(mall, now=now)
    return report


def figures(choice: Choice) -> board.Content:
    """What the filters are for: key figures, and the shoppers of each day."""
    found = sales(choice, ["new_shoppers"])
    new = frames.by_step(choice, found.days, ["new_shoppers"])["new_shoppers"]
    rows = tables.day_rows(choice, visitors.by_step(choice), list(new))
    paid = by_newness(choice, ("gross_sales", "transactions"))
    sides = [sums(choice, found, paid, side) for side in range(len(choice.periods))]
    return {"tiles": tiles(choice, sides, rows), "charts": {"days": charts.by_day(choice, rows)}}


def sums(choice: Choice, found: Sales, paid: Cells, side: int) -> dict[str, int | None]:
    """The measures of the key figures; `paid` is by newness. Known are payments whose shopper is."""
    kinds = {newness: row for (of, newness), row in paid.items() if of == side}
    known = [row for newness, row in kinds.items() if newness != Newness.UNKNOWN]
    return {
        "shoppers": visitors.shoppers(choice, side),
        "new_shoppers": found.total(side).get("new_shoppers", 0),
        "payments": sum(row["payments"] for row in kinds.values()),
        "known_payments": sum(row["payments"] for row in known),
        "known_fen": sum(row["gross_fen"] for row in known),
    }


def tiles(choice: Choice, sides: list[dict], rows: list[Row]) -> list[Tile]:
    """Rates and means of few shoppers are not told."""
    made = []
    for key in TILES:
        now, before = (told(key, sums) for sums in [*sides, {}][:2])
        spark = [row[key] for row in rows] if key in tables.OF_DAY else []
        made.append(tile(choice, key, now, before, spark))
    return made


def told(key: str, sums: Mapping[str, int | None]) -> Mapping[str, int | None]:
    few = (sums.get("shoppers") or 0) < LEAST
    return {} if few and "shoppers" in METRICS[key].divisor else sums


def of_year(choice: Choice, report: ShopperReport, rule: tables.Rule | None) -> dict:
    result = report.result
    segments, days = (tables.group_rows(result[part], result["shoppers"]) for part in ("segments", "days"))
    year = _("365 days up to %(day)s") % {"day": report.last_day.isoformat()}
    return {
        "segments": charts.segments(choice, segments, year, rule),
        "frequency": charts.frequency(choice, days, year),
    }


def builder(request: HttpRequest, mall: Mall) -> tables.Rule | None:
    """The address at which a hand-out to shoppers who stay away begins, for who may edit rules."""
    if Action.EDIT_RULES not in request.rights:
        return None
    url = reverse("coupons:rule_new", args=[mall.slug]) + "?template=win-back"
    return lambda row: url if row["key"] in tables.WINNABLE else None


def state(form: BoardForm, report: ShopperReport | None) -> dict:
    """How far the report is, and of when."""
    zone = form.place.mall.time_zone
    return {
        "pending": shopper_reports.is_pending(form.place.mall),
        "made": fmt.moment(report.made_at, zone) if report else "",
        "shoppers": fmt.count(report.result["shoppers"]) if report else "",
        "part": bool(form.choice.within),
        "least": LEAST,
    }
