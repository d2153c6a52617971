"""The operator's pages of a rule's claim codes: the list, a new one, its poster, taking it out of use."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons import posters
from coupons.engine.terms import RuleTerms
from coupons.forms.claims import ClaimCodeForm
from coupons.links import claim_url
from coupons.models import ClaimCode, Rule
from coupons.queries.claims import code_rows, poster_of
from coupons.services import claim_codes
from mallops.lib.files.answers import attachment
from merchants.choices import Action
from merchants.models import Mall

from .rules import open_rule

# What a poster is asked for as, and how it is made.
POSTERS = {
    "svg": posters.svg,
    "pdf": posters.pdf,
    "png": lambda poster: posters.png(poster.url),
}


@login_required
@require_GET
def code_list(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.VIEW)
    return codes_page(request, opened, rule, ClaimCodeForm(mall=opened, terms=claimable(rule)))


@login_required
@require_POST
def code_new(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    form = ClaimCodeForm(request.POST, mall=opened, terms=claimable(rule))
    if not form.is_valid():
        return codes_page(request, opened, rule, form)
    claim_codes.make(rule=rule, store=form.cleaned_data["store"], by=request.user)
    messages.success(request, _("The code is ready to print."))
    return redirect("coupons:claim_codes", opened.slug, rule.pk)


def codes_page(request: HttpRequest, mall: Mall, rule: Rule, form: ClaimCodeForm) -> HttpResponse:
    context = {
        "title": _("Claim codes"),
        "mall": mall,
        "rule": rule,
        "form": form,
        "new_url": reverse("coupons:claim_code_new", args=[mall.slug, rule.pk]),
        "codes": [(code, claim_url(code)) for code in code_rows(rule)],
        "is_live": rule.state == "live",
        "edits": Action.EDIT_RULES in request.rights,
    }
    return render(request, "coupons/claim_codes.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def code_poster(request: HttpRequest, mall: str, pk: int, code: int, form: str) -> HttpResponseBase:
    """The poster to save and print; as PNG the code alone."""
    _opened, rule = open_rule(request, mall, pk, Action.VIEW)
    found = open_code(rule, code)
    if form not in POSTERS:
        raise Http404
    made = POSTERS[form](poster_of(found, claimable(rule)))
    return attachment(made, f"{rule.pk}-{found.pk}.{form}", form)


@login_required
@require_POST
def code_close(request: HttpRequest, mall: str, pk: int, code: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    if claim_codes.close(code=open_code(rule, code), now=timezone.now(), by=request.user):
        messages.success(request, _("The code gives nothing any more."))
    return redirect("coupons:claim_codes", opened.slug, rule.pk)


def open_code(rule: Rule, pk: int) -> ClaimCode:
    return get_object_or_404(rule.claim_codes.select_related("mall", "store", "rule"), pk=pk)


def claimable(rule: Rule) -> RuleTerms:
    """The terms of a rule that is claimed by code; of any other there is no such page."""
    terms = claim_codes.terms_of(rule)
    if terms is None or terms.trigger not in claim_codes.TRIGGERS:
        raise Http404
    return terms
