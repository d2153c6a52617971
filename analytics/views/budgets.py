"""What is left of the budgets of the rules that run."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.budgets import Budget
from analytics.forms.now import BudgetForm
from analytics.queries import places
from analytics.queries.budgets import budgets
from analytics.queries.choice import Choice
from analytics.tables.budgets import budget_rows, budget_table
from merchants.choices import Action
from merchants.views.base import open_mall

from . import board
from .sections import no_stores_in_mall


@login_required
@require_GET
def rule_budgets(request: HttpRequest, mall: str) -> HttpResponseBase:
    place = places.of_mall(open_mall(request, mall, Action.VIEW))
    edits = Action.EDIT_RULES in request.rights

    def content(choice: Choice, form: BudgetForm) -> board.Content:
        found = budgets(place.mall, choice.period, form.states, now=timezone.now())
        rows = budget_rows(found)
        table = budget_table(place.mall, rows, request.GET, link=to_rule, change=to_limit if edits else None)
        return {"tables": {"budgets": table}, "pressing": sum(row["rank"] < 2 for row in rows), "limits": len(rows)}

    return board.show(
        request, place, "analytics/_budgets.html", content, title=_("Budgets of rules"), kinds=(),
        form_class=BudgetForm, no_stores=no_stores_in_mall(),
    )  # fmt: skip


def to_rule(budget: Budget) -> str:
    return reverse("coupons:rule_detail", args=[budget.rule.mall.slug, budget.rule.pk])


def to_limit(budget: Budget) -> str:
    """Where the limit is set: at the rule, or at the stock."""
    if budget.stock:
        return reverse("coupons:stock_edit", args=[budget.rule.mall.slug, budget.stock.pk])
    return reverse("coupons:rule_edit", args=[budget.rule.mall.slug, budget.rule.pk])
