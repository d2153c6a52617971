"""A plan tried on past months, before it is offered."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mallops.lib.dates import Period, first_of_month, months_back
from mallops.lib.format import count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Tile
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from settlements import trials
from settlements.forms.plans import TrialForm
from settlements.plans import PlanTerms

from .plan_parts import said
from .plans import open_plan, rebates_url


@login_required
@require_GET
def plan_try(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    plan = open_plan(request, mall, pk, Action.VIEW)
    form = TrialForm(request.GET, plan=plan)
    values = form.values()
    version = values.get("version") or plan.versions.first()
    months = past_months(plan.mall.today(), values.get("months", 3))
    rows = trials.try_plan(plan.mall, PlanTerms.from_json(version.terms), months)
    context = {
        "title": _("Try on past months"), "mall": plan.mall, "plan": plan, "version": version, "form": form,
        "said": said(version.terms, plan.mall), "table": trial_table(request, plan.mall, rows),
        "tiles": tiles(plan.mall, rows),
    }  # fmt: skip
    return render_part(request, "settlements/plan_try.html", context, part="board")


def past_months(today: date, number: int) -> Period:
    """So many whole calendar months before the running one."""
    return Period(months_back(today, number + 1)[-1], first_of_month(today))


def tiles(mall: Mall, rows: list[trials.Month]) -> list[Tile]:
    given, earned = sum(row.amount_fen for row in rows), sum(row.earned_fen for row in rows)
    return [
        Tile(_("This plan gives"), money(given, mall.currency)),
        Tile(_("Earned in fact"), money(earned, mall.currency),
             definition=_("By the plans of that time, less what was taken back.")),
        Tile(_("Difference"), money(given - earned, mall.currency)),
        Tile(_("Traffic credits"), count(sum(row.credits for row in rows))),
    ]  # fmt: skip


def trial_table(request: HttpRequest, mall: Mall, rows: list[trials.Month]) -> Table:
    def yuan(fen: int) -> str:
        return money(fen, mall.currency)

    columns = [
        Column("month", _("Month"), format=lambda month: f"{month:%Y-%m}", sortable=True),
        Column("provider.name", _("Service provider"), url=lambda row: rebates_url(mall, row.provider.pk)),
        Column("redemptions", _("Redemptions"), align="end", format=count, sortable=True, hide_on_phone=True),
        Column("base_fen", _("Base"), align="end", format=yuan, sortable=True, hide_on_phone=True),
        Column("openings", _("Openings"), align="end", format=count, hide_on_phone=True),
        Column("amount_fen", _("This plan gives"), align="end", format=yuan, sortable=True),
        Column("earned_fen", _("Earned in fact"), align="end", format=yuan, sortable=True, hide_on_phone=True),
        Column("change_fen", _("Difference"), align="end", format=yuan, sortable=True),
        Column("credits", _("Traffic credits"), align="end", format=count, hide_on_phone=True),
    ]  # fmt: skip
    empty = Empty(_("Nothing happened in these months"), _("No coupon was used at a store that a provider operates."))
    return Table(columns, rows, request.GET, label=_("By month and service provider"), empty=empty, target="board")
