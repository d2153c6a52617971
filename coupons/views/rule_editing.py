"""The rule builder: one form, its parts exchanged by htmx while it is filled in.

Every change posts the whole form to `rule_preview`, which answers the part that htmx aims at: the panel beside the
form, the tree of conditions, or the award with who pays for it. Saving posts the same form to the page itself.
"""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from coupons import affinity, starting_points
from coupons.backtest import services as backtests
from coupons.backtest.services import BacktestError
from coupons.engine.terms import RuleTerms
from coupons.forms.backtests import PROBLEMS
from coupons.forms.rules import RuleForm
from coupons.models import Rule
from coupons.services import rules as services
from coupons.starting_points import STARTING_POINTS, Start
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .opening import open_rule, rule_url
from .rule_panel import panel
from .rule_steps import show_problems
from .rules import read_terms

# What htmx may aim at, beside the panel.
PARTS = {"conditions": "coupons/builder/_conditions.html", "award": "coupons/builder/_award.html"}


@login_required
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest, mall: str) -> HttpResponse:
    """`?template=` opens it with a starting point, `?from=` with a suggestion."""
    opened = open_mall(request, mall, Action.EDIT_RULES)
    back = reverse("coupons:rule_list", args=[mall])
    key = request.GET.get("template", "")
    shown = {"title": _("New rule"), "back": back, "starts": STARTING_POINTS, "chosen": key}
    return edit(request, opened, None, _opened_with(opened, key, request.GET.get("from", "")), shown)


@login_required
@require_http_methods(["GET", "POST"])
def rule_edit(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    return edit(
        request, opened, rule, start_of(rule), {"title": rule.name, "back": rule_url("rule_detail", opened, rule)}
    )


def edit(request: HttpRequest, mall: Mall, rule: Rule | None, start: Start, shown: dict) -> HttpResponse:
    saves = request.method == "POST" and "do" not in request.POST
    form = RuleForm(request.POST if request.method == "POST" else None, mall=mall, start=start, **_told(request))
    if saves and form.is_valid():
        return _save(request, mall, rule, form, shown["back"])
    context = {"mall": mall, "rule": rule, "form": form, "builder_url": _builder_url(mall, rule)}
    status = 422 if saves and form.errors else 200
    return render(request, "coupons/rule_form.html", context | shown | panel(mall, rule, form), status=status)


def _told(request: HttpRequest) -> dict:
    """What a button says to the tree of conditions; nothing is held to be missing while it says something."""
    do = request.POST.get("do", "")
    return {"do": do, "strict": not do}


def _save(request: HttpRequest, mall: Mall, rule: Rule | None, form: RuleForm, back: str) -> HttpResponse:
    named = {name: form.cleaned_data[name] for name in ("name_zh", "name_en")}
    try:
        saved = services.save_draft(mall=mall, rule=rule, terms=form.terms, by=request.user, **named)
    except services.RuleError as error:
        show_problems(request, mall, error)
        return redirect(back)
    messages.success(request, _("Draft saved. Nothing runs by it until it is launched."))
    if request.POST.get("then") == "try":
        return _try(request, mall, saved, form.terms)
    return redirect(rule_url("rule_detail", mall, saved))


def _try(request: HttpRequest, mall: Mall, rule: Rule, terms: RuleTerms) -> HttpResponse:
    """Start a backtest of what was just saved, on the usual days."""
    try:
        started = backtests.start(mall, rule, terms, by=request.user)
    except BacktestError as error:
        messages.error(request, PROBLEMS[error.code][1])
        return redirect(rule_url("rule_detail", mall, rule))
    return redirect("coupons:backtest_detail", mall.slug, started.pk)


@login_required
@require_POST
def rule_preview(request: HttpRequest, mall: str) -> HttpResponse:
    """The part of the builder that htmx aims at; `?rule=` names the rule being edited, a new one has none."""
    opened = open_mall(request, mall, Action.EDIT_RULES)
    rule = (
        get_object_or_404(opened.rules.select_related("version"), pk=pk)
        if (pk := _number(request.GET.get("rule", "")))
        else None
    )
    start = start_of(rule) if rule else Start()
    form = RuleForm(request.POST, mall=opened, start=start, do=request.POST.get("do", ""), strict=False)
    part = PARTS.get(request.htmx.target or "")
    if part is None:
        return render(request, "coupons/_rule_preview.html", panel(opened, rule, form) | {"swap": True})
    answer = render(request, part, {"mall": opened, "form": form, "builder_url": _builder_url(opened, rule)})
    answer["HX-Trigger-After-Swap"] = "rule-changed"  # the panel asks anew
    return answer


def _builder_url(mall: Mall, rule: Rule | None) -> str:
    url = reverse("coupons:rule_preview", args=[mall.slug])
    return f"{url}?rule={rule.pk}" if rule else url


def _number(text: str) -> int:
    """A number of a URL; 0 for anything else, which names nothing."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def start_of(rule: Rule) -> Start:
    """A rule's draft; empty terms where it cannot be read."""
    return Start(rule.name_zh, rule.name_en, read_terms(rule.draft) or RuleTerms())


def _opened_with(mall: Mall, template: str, suggestion: str) -> Start:
    """What a new rule opens with; nothing for keys that are not known."""
    if suggestion:
        return _suggested(affinity.terms_of(mall, suggestion))
    return starting_points.open_with(mall, template, today=mall.today())


def _suggested(stored: dict) -> Start:
    """Suggested terms may lack an award, which is left to the person."""
    if not stored:
        return Start()
    terms = RuleTerms.from_json(stored | {"award": stored["award"] or [[1, 1]]})
    return Start(terms=terms if stored["award"] else replace(terms, award=()))
