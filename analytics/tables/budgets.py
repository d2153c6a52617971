"""Limits of rules, the most pressing first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.budgets import Budget
from coupons.models.rule import RuleState
from coupons.sentences.decisions import limits as limit_names
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Mall

from .columns import Row

RANKS = {"bad": 0, "warn": 1, "good": 2, "off": 3}


def budget_rows(budgets: Sequence[Budget]) -> list[Row]:
    """The most pressing first, then by the day they run out."""
    rows = [
        {
            "budget": budget, "name": budget.rule.name, "outlook": outlook(budget), "share": budget.share,
            "rank": RANKS[outlook(budget)[1]], "runs_out": budget.runs_out, "ends_on": budget.ends_on,
        }
        for budget in budgets
    ]  # fmt: skip
    return sorted(rows, key=_urgency)


def _urgency(row: Row) -> tuple:
    return row["rank"], not row["budget"].is_used_up, row["runs_out"] or date.max, -row["share"], row["name"]


def outlook(budget: Budget) -> tuple[str, str]:
    """What to expect of a limit, and its tone."""
    if budget.is_used_up:
        return (_("Used up today"), "warn") if budget.of_a_day else (_("Used up"), "bad")
    if budget.rule.state == RuleState.PAUSED:
        return _("Paused"), "off"
    if budget.falls_short:
        said = _("Runs out before the end") if budget.ends_on else _("Runs out soon")
        return said, "bad" if budget.is_urgent else "warn"
    return (_("Nearly used up"), "warn") if budget.use.tone else (_("Enough"), "good")


def budget_table(
    mall: Mall, rows: Sequence[Row], params: Mapping[str, str], *, link: Callable[[Budget], str],
    change: Callable[[Budget], str] | None,
) -> Table:  # fmt: skip
    """`link` leads to the rule, `change` to where the limit is set, for those who may."""
    columns = [
        Column("name", _("Rule and limit"), sortable=True, url=lambda row: link(row["budget"]), sub=_limit),
        Column("outlook", _("Outlook"), kind="state", sortable="rank",
               title=_("If awards go on as in the last 7 days.")),
        Column("share", _("Used"), kind="share", sortable=True, sub=lambda row: _used(mall, row["budget"])),
        Column("left", _("Left"), align="end", value=lambda row: amount(mall, row["budget"], row["budget"].left)),
        Column("pace", _("Each day"), align="end", hide_on_phone=True, value=lambda row: _pace(mall, row["budget"]),
               title=_("Mean of the last 7 days, or of the days since the first launch.")),
        Column("runs_out", _("Runs out on"), sortable=True, format=date.isoformat,
               title=_("The day on which nothing is left at this pace.")),
        Column("ends_on", _("Rule ends on"), sortable=True, format=date.isoformat, sub=_days_left,
               hide_on_phone=True),
    ]  # fmt: skip
    if change:
        columns.append(Column("change", _("Limit"), value=lambda _row: _("Change"), export=False,
                              url=lambda row: change(row["budget"])))  # fmt: skip
    return Table(
        columns, rows, params, label=_("Budgets of rules"), target="board", page_size=50,
        empty=Empty(_("No rule is live or paused"), icon="rules"),
    )  # fmt: skip


def _limit(row: Row) -> str:
    budget = row["budget"]
    name = limit_names()[budget.use.name]
    return _("%(limit)s: %(stock)s") % {"limit": name, "stock": budget.stock.name} if budget.stock else name


def _used(mall: Mall, budget: Budget) -> str:
    both = {"used": budget.use.used, "ceiling": budget.use.ceiling}
    return _("%(used)s of %(ceiling)s") % {key: amount(mall, budget, number) for key, number in both.items()}


def amount(mall: Mall, budget: Budget, number: int) -> str:
    return fmt.money(number, mall.currency) if budget.use.is_money else fmt.count(number)


def _pace(mall: Mall, budget: Budget) -> str:
    """Money to the fen, numbers with one decimal."""
    if budget.use.is_money:
        return fmt.money(round(budget.pace), mall.currency)
    return f"{float(budget.pace):,.1f}"


def _days_left(row: Row) -> str:
    days = row["budget"].days_left
    return "" if days is None else ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}
