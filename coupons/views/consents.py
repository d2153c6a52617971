"""A merchant or a provider reads what a rule asks of it and answers; the mall notes answers given on paper.

`side` of an address says which of the two it is.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coupons.engine.terms import RuleTerms
from coupons.forms.consents import AnswerForm, PaperForm, possible
from coupons.models import Consent
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.queries import consents as queries
from coupons.queries.consents import Party
from coupons.queries.names import names_of
from coupons.sentences import Names, problem_sentences, refund_examples, rule_sentence, terms_lines
from coupons.services import consents as services
from coupons.services.checks import RuleError
from mallops.lib.format import basis_points, money
from mallops.lib.money import share_bp
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.services.members import kind_of
from merchants.views.base import open_party

from .opening import open_rule, rule_url
from .states import at, consent_state

RATES_BP = (1_000, 2_000, 4_000)  # shares of the coupons that are used, for which the cost is shown


@login_required
@require_GET
def consent_list(request: HttpRequest, pk: int, side: str) -> HttpResponse:
    party = open_party(request, side, pk, Action.VIEW)
    table = consent_table(request, party, names_of(party.mall))
    context = {"title": _("Rules that need my consent"), "party": party, "table": table}
    return render(request, "coupons/consent_list.html", context)


def consent_table(request: HttpRequest, party: Party, names: Names) -> Table:
    mall = party.mall
    columns = [
        Column("version.rule.name", _("Rule"), url=lambda row: row.url, sub=lambda row: said(row, names)),
        Column("state", _("My answer"), kind="state", value=consent_state, export=False),
        Column("share_bp", _("My share"), align="end", format=basis_points, hide_on_phone=True),
        Column("cost_fen", _("Costs me at most"), align="end", value=lambda row: at_most(row.cost_fen, mall)),
        Column("asked_at", _("Asked"), align="end", format=at(mall), hide_on_phone=True),
    ]  # fmt: skip
    empty = Empty(
        _("Nothing asked yet"), _("The mall asks before a rule gives away your coupons or spends your money.")
    )
    return Table(columns, queries.own_consents(party), request.GET, label=_("Consents"), empty=empty)


def at_most(fen: int | None, mall: Mall) -> str:
    return _("without limit") if fen is None else money(fen, mall.currency)


def said(consent: Consent, names: Names) -> str:
    """The rule as who is asked reads it."""
    return rule_sentence(RuleTerms.from_json(_own(consent.version.terms)), names)


def _own(terms: dict[str, Any]) -> dict[str, Any]:
    """Stored terms without the shares: what others pay is between them and the mall."""
    return terms | {"shares": []}


@login_required
@require_GET
def consent_detail(request: HttpRequest, pk: int, consent: int, side: str) -> HttpResponse:
    party = open_party(request, side, pk, Action.VIEW)
    asked = get_object_or_404(queries.own_consents(party), pk=consent)
    return show(request, asked, AnswerForm(answers=possible(asked)))


@login_required
@require_POST
def consent_answer(request: HttpRequest, pk: int, consent: int, side: str) -> HttpResponse:
    party = open_party(request, side, pk, Action.CONSENT)
    asked = get_object_or_404(queries.own_consents(party), pk=consent)
    form = AnswerForm(request.POST, answers=possible(asked))
    if not form.is_valid():
        return show(request, asked, form)
    take = {"accepted": services.accept, "declined": services.decline, "withdrawn": services.withdraw}
    return _taken(request, asked, asked.url, take[form.cleaned_data["answer"]], reason=form.cleaned_data["reason"])


def show(request: HttpRequest, consent: Consent, form: AnswerForm) -> HttpResponse:
    party = consent.party
    context = {
        "title": consent.version.rule.name,
        "list_url": reverse(f"coupons:{kind_of(party)}_consents", args=[party.pk]),
        "answer_url": reverse(f"coupons:{kind_of(party)}_consent_answer", args=[party.pk, consent.pk]),
        "form": form,
        "may_answer": Action.CONSENT in request.rights and is_current(consent),
        **about(consent),
    }
    return render(request, "coupons/consent_detail.html", context, status=422 if form.errors else 200)


def is_current(consent: Consent) -> bool:
    """Whether an answer still means something: the version runs or is proposed."""
    rule = consent.version.rule
    return rule.state != RuleState.ENDED and consent.version_id in (rule.version_id, rule.proposed_id)


def about(consent: Consent) -> dict[str, Any]:
    """What the party reads before it answers."""
    names, terms = names_of(consent.mall), RuleTerms.from_json(consent.version.terms)
    burden, before = services.burdens_of(consent.version)[consent.payer], queries.agreed_before(consent)
    backtest = queries.backtest_of(consent.version, consent.party)
    return {
        "mall": consent.mall,
        "consent": consent,
        "rule": consent.version.rule,
        "state": consent_state(consent),
        "is_current": is_current(consent),
        "sentence": said(consent, names),
        "examples": refund_examples(terms, names),
        "burden": burden,
        "gives": [(names.stock(stock), count) for stock, count in burden.gives.items()],
        "before": before,
        "lines": terms_lines(_own(before.terms), _own(consent.version.terms), names) if before else [],
        "backtest": backtest and backtest[0],
        "own": backtest and backtest[1],
        "own_costs": [(bp, share_bp(backtest[1]["cost_fen"], bp)) for bp in RATES_BP] if backtest else [],
        "answers": possible(consent),
    }


@login_required
@require_http_methods(["GET", "POST"])
def rule_consent(request: HttpRequest, mall: str, pk: int, consent: int) -> HttpResponse:
    """The mall notes an answer given outside the system."""
    opened, rule = open_rule(request, mall, pk, Action.LAUNCH_RULES)
    asked = get_object_or_404(queries.consents_of(rule), pk=consent)
    form = PaperForm(request.POST if request.method == "POST" else None, answers=possible(asked))
    back = rule_url("rule_detail", opened, rule)
    if request.method == "POST" and form.is_valid():
        values = {"state": form.cleaned_data["answer"], "reason": form.cleaned_data["reason"]}
        return _taken(request, asked, back, services.note_on_paper, **values)
    names = names_of(opened)
    context = {"title": _("Answer given on paper"), "mall": opened, "rule": rule, "consent": asked, "form": form,
               "back": back, "sentence": rule_sentence(RuleTerms.from_json(asked.version.terms), names)}  # fmt: skip
    return render(request, "coupons/rule_consent.html", context, status=422 if form.errors else 200)


def _taken(request: HttpRequest, consent: Consent, then: str, answer, **values: str) -> HttpResponse:
    """Take an answer, say what it means, and go on."""
    try:
        answer(consent=consent, now=timezone.now(), by=request.user, **values)
    except RuleError as error:
        for sentence in problem_sentences(error.problems, names_of(consent.mall)):
            messages.error(request, sentence)
    else:
        consent.refresh_from_db()
        messages.success(request, _meaning(consent))
    return redirect(then)


def _meaning(consent: Consent) -> str:
    return {
        ConsentState.ACCEPTED: _("Agreed. The mall may run the rule now; the consent can be withdrawn at any time."),
        ConsentState.DECLINED: _("Declined. The rule does not run like this."),
        ConsentState.WITHDRAWN: _("Withdrawn: the rule awards nothing any more. Coupons already issued stay valid."),
    }[ConsentState(consent.state)]
