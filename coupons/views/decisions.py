"""The decision log of a rule, and one decision with its trace."""

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coupons.filters import DecisionFilter
from coupons.models import Decision
from coupons.queries.decisions import decision_rows
from coupons.queries.explain import Verdict, verdict_on
from coupons.queries.names import names_of
from coupons.sentences import reason_label
from coupons.sentences.names import all_of
from mallops.lib.format import money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action

from .causes import cause_facts, cause_url
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
        Column("cause", _("Payment or claim"), kind="mono", value=cause_name, hide_on_phone=True),
        Column("payment.amount_fen", _("Amount"), align="end", format=lambda fen: money(fen, opened.currency)),
        Column("store", _("Store"), value=lambda row: (row.payment or row.claim).store.name, hide_on_phone=True),
        Column("shopper", _("Shopper"), value=lambda decision: shopper_tag(decision.shopper_id), hide_on_phone=True),
        Column("rule_version.number", _("Version"), align="end", hide_on_phone=True),
    ]
    rows = decision_rows(rule, **form.values())
    empty = Empty(
        _("No decision yet"), _("Each payment or claim that the rule looks at leaves a line here."), icon="list"
    )
    table = Table(columns, rows, request.GET, label=_("Decisions"), target="board", empty=empty)
    context = {"title": _("Decisions"), "mall": opened, "rule": rule, "form": form, "table": table}
    return render_part(request, "coupons/decision_list.html", context, part="board")


def cause_name(decision: Decision) -> str:
    """The transaction id of a payment, the kind of a claim."""
    return decision.payment.transaction_id if decision.payment else decision.claim.get_kind_display()


@login_required
@require_GET
def decision_detail(request: HttpRequest, mall: str, pk: int, decision: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    log = Decision.objects.for_mall(opened).filter(rule=rule)
    related = log.select_related("payment__store", "claim__store", "claim__rule", "rule", "rule_version")
    found = get_object_or_404(related, pk=decision)
    cause = found.payment or found.claim
    context = {
        "title": _("Decision"),
        "mall": opened,
        "rule": rule,
        "decision": found,
        "facts": cause_facts(opened, cause),
        "explain_url": cause_url(opened, cause),
        "shopper": shopper_tag(found.shopper_id),
        "verdict": shown(verdict_on(opened, found, names_of(opened))),
    }
    return render(request, "coupons/decision_detail.html", context)


class Shown(NamedTuple):
    """A verdict as `coupons/explain_verdict.html` draws it."""

    verdict: Verdict
    state: tuple[str, str]
    reason: str
    enough: str
    coupons: list[tuple]


def shown(verdict: Verdict) -> Shown:
    decision = verdict.decision
    return Shown(
        verdict,
        outcome_state(decision),
        reason_label(decision.reason) if decision.reason else "",
        all_of(verdict.enough),
        [(coupon, tail(coupon.code), coupon_state(coupon)) for coupon in verdict.coupons],
    )
