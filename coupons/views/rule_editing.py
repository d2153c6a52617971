"""Editing a rule, and the steps of its life."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from coupons.engine.terms import RuleTerms
from coupons.forms.rules import RuleForm, initial_of
from coupons.models import Rule
from coupons.queries.names import names_of
from coupons.sentences import problem_sentences, refund_examples, rule_sentence
from coupons.services import rules as services
from merchants.choices import Action
from merchants.models import Mall, User
from merchants.views.base import open_mall

from .rules import open_rule, read_terms, rule_url


@login_required
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    return edit(request, opened, None, _("New rule"), reverse("coupons:rule_list", args=[mall]))


@login_required
@require_http_methods(["GET", "POST"])
def rule_edit(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    return edit(request, opened, rule, rule.name, rule_url("rule_detail", opened, rule))


def edit(request: HttpRequest, mall: Mall, rule: Rule | None, title: str, back: str) -> HttpResponse:
    terms = read_terms(rule.draft) if rule else None
    initial = initial_of(rule.name_zh, rule.name_en, terms) if terms else None
    form = RuleForm(request.POST if request.method == "POST" else None, mall=mall, initial=initial)
    if request.method == "POST" and form.is_valid():
        named = {name: form.cleaned_data[name] for name in ("name_zh", "name_en")}
        try:
            saved = services.save_draft(mall=mall, rule=rule, terms=form.terms, by=request.user, **named)
        except services.RuleError as error:
            show_problems(request, mall, error)
            return redirect(back)
        messages.success(request, _("Draft saved. Nothing runs by it until it is published."))
        return redirect(rule_url("rule_detail", mall, saved))
    shown = form.terms or (terms if request.method == "GET" else None)
    context = {"title": title, "mall": mall, "rule": rule, "form": form, "back": back, **preview(mall, form, shown)}
    return render(request, "coupons/rule_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def rule_preview(request: HttpRequest, mall: str) -> HttpResponse:
    """What the rule being edited says, for the panel beside the form."""
    opened = open_mall(request, mall, Action.EDIT_RULES)
    form = RuleForm(request.POST, mall=opened)
    form.is_valid()
    return render(request, "coupons/_rule_preview.html", preview(opened, form, form.terms))


def preview(mall: Mall, form: RuleForm, terms: RuleTerms | None) -> dict:
    """The sentence and examples of terms; without terms, what the form still lacks."""
    names = names_of(mall)
    if terms:
        return {"sentence": rule_sentence(terms, names), "examples": refund_examples(terms, names)}
    missing = [(form[name].label, errors) for name, errors in form.errors.items() if name in form.fields]
    return {"sentence": "", "missing": missing}


@login_required
@require_POST
def rule_step(request: HttpRequest, mall: str, pk: int, step: str) -> HttpResponse:
    """Publish, pause, resume or end."""
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    try:
        say = take(step, rule, request.user)
    except services.RuleError as error:
        show_problems(request, opened, error)
    else:
        messages.success(request, say)
    return redirect(rule_url("rule_detail", opened, rule))


def take(step: str, rule: Rule, user: User) -> str:
    """Take a step and say what it means. Raises RuleError."""
    if step == "publish":
        version = services.publish(rule=rule, now=timezone.now(), by=user)
        return _("Version %(number)s is live.") % {"number": version.number}
    {"pause": services.pause, "resume": services.resume, "end": services.end}[step](rule=rule, by=user)
    return {
        "pause": _("Paused: nothing is awarded until it is resumed."),
        "resume": _("Live again."),
        "end": _("Ended. Issued coupons stay valid."),
    }[step]


def show_problems(request: HttpRequest, mall: Mall, error: services.RuleError) -> None:
    for sentence in problem_sentences(error.problems, names_of(mall)):
        messages.error(request, sentence)
