"""The operator's pages of a rule's claim codes: the list, a new one, its poster, taking it out of use."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coupons import posters
from coupons.engine.terms import RuleTerms
from coupons.forms.claims import ClaimCodeForm
from coupons.links import claim_url
from coupons.models import ClaimCode, Rule
from coupons.queries.claims import code_rows, poster_of
from coupons.services import claim_codes
from merchants.choices import Action
from merchants.models import Mall

from .rules import open_rule

# What a poster is asked for as: the content type, and how it is made.
POSTERS = {
    "svg": ("image/svg+xml", posters.svg),
    "pdf": ("application/pdf", posters.pdf),
    "png": ("image/png", lambda poster: posters.png(poster.url)),
}


@login_required
@require_http_methods(["GET", "POST"])
def code_list(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """The claim codes of a rule; a POST makes one."""
    opened, rule = open_rule(request, mall, pk, Action.VIEW if request.method == "GET" else Action.EDIT_RULES)
    terms = claimable(rule)
    form = ClaimCodeForm(request.POST if request.method == "POST" else None, mall=opened, terms=terms)
    if request.method == "POST" and form.is_valid():
        claim_codes.make(rule=rule, store=form.cleaned_data["store"], by=request.user)
        messages.success(request, _("The code is ready to print."))
        return redirect(codes_url(opened, rule))
    context = {
        "title": _("Claim codes"),
        "mall": opened,
        "rule": rule,
        "form": form,
        "codes": [(code, claim_url(code)) for code in code_rows(rule)],
        "is_live": rule.state == "live",
        "edits": Action.EDIT_RULES in request.rights,
    }
    return render(request, "coupons/claim_codes.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def code_poster(request: HttpRequest, mall: str, pk: int, code: int, form: str) -> HttpResponse:
    """The poster to save and print; as PNG the code alone."""
    _opened, rule = open_rule(request, mall, pk, Action.VIEW)
    found = open_code(rule, code)
    if form not in POSTERS:
        raise Http404
    content_type, make = POSTERS[form]
    response = HttpResponse(make(poster_of(found, claimable(rule))), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{rule.pk}-{found.pk}.{form}"'
    return response


@login_required
@require_POST
def code_close(request: HttpRequest, mall: str, pk: int, code: int) -> HttpResponse:
    opened, rule = open_rule(request, mall, pk, Action.EDIT_RULES)
    if claim_codes.close(code=open_code(rule, code), now=timezone.now(), by=request.user):
        messages.success(request, _("The code gives nothing any more."))
    return redirect(codes_url(opened, rule))


def open_code(rule: Rule, pk: int) -> ClaimCode:
    return get_object_or_404(rule.claim_codes.select_related("mall", "store", "rule"), pk=pk)


def claimable(rule: Rule) -> RuleTerms:
    """The terms of a rule that is claimed by code; of any other there is no such page."""
    terms = claim_codes.terms_of(rule)
    if terms is None or terms.trigger not in claim_codes.TRIGGERS:
        raise Http404
    return terms


def codes_url(mall: Mall, rule: Rule) -> str:
    return reverse("coupons:claim_codes", args=[mall.slug, rule.pk])
