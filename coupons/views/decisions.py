"""The decision log of a rule, and one decision with its trace."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coupons.filters import DecisionFilter
from coupons.models import Decision
from coupons.queries import rules as queries
from coupons.queries.names import names_of
from coupons.sentences import check_sentence, reason_label
from mallops.lib.format import money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action

from .coupons import shopper_tag
from .rules import open_rule
from .states import at, coupon_state, outcome_state, tail


@login_required
@require_GET
def decision_list(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    form = DecisionFilter(request.GET)

    def detail(decision: Decision) -> str:
        return reverse("coupons:decision_detail", args=[opened.slug, rule.pk, decision.pk])

    columns = [
        Column("decided_at", _("When"), kind="moment", format=at(opened), url=detail),
        Column("outcome", _("Outcome"), kind="state", value=outcome_state, export=False),
        Column("reason", _("Reason"), format=reason_label),
        Column("payment.transaction_id", _("Payment"), kind="mono", hide_on_phone=True),
        Column("payment.amount_fen", _("Amount"), align="end", format=lambda fen: money(fen, opened.currency)),
        Column("payment.store.name", _("Store"), hide_on_phone=True),
        Column("shopper", _("Shopper"), value=lambda decision: shopper_tag(decision.shopper_id), hide_on_phone=True),
        Column("rule_version.number", _("Version"), align="end", hide_on_phone=True),
    ]
    rows = queries.decision_rows(rule, **form.values())
    empty = Empty(_("No decision yet"), _("Each payment that the rule looks at leaves a line here."), icon="list")
    table = Table(columns, rows, request.GET, label=_("Decisions"), target="board", empty=empty)
    context = {"title": _("Decisions"), "mall": opened, "rule": rule, "form": form, "table": table}
    return render_part(request, "coupons/decision_list.html", context, part="board")


@login_required
@require_GET
def decision_detail(request: HttpRequest, mall: str, pk: int, decision: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    log = Decision.objects.for_mall(opened).filter(rule=rule).select_related("payment__store", "rule_version")
    found = get_object_or_404(log, pk=decision)
    names = names_of(opened)
    context = {
        "title": _("Decision"),
        "mall": opened,
        "rule": rule,
        "decision": found,
        "shopper": shopper_tag(found.shopper_id),
        "state": outcome_state(found),
        "reason": found.reason and reason_label(found.reason),
        "trace": [(check[1], check_sentence(check, names)) for check in found.trace],
        "coupons": [(c, tail(c.code), coupon_state(c)) for c in queries.coupons_of(found)],
    }
    return render(request, "coupons/decision_detail.html", context)
