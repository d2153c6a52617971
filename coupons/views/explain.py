"""Why somebody got a coupon, or did not: one search box, and the page of a payment, a claim or a shopper.

For the people of the mall. A merchant sees none of it: a decision names the shopper and other merchants' rules.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from coupons.forms.explain import ExplainForm
from coupons.models import Block, Claim, GuardFlag
from coupons.models.coupon import Outcome
from coupons.queries import explain as queries
from coupons.queries.search import Hit, search
from coupons.queries.shoppers import Seen, seen
from coupons.sentences.names import series
from mallops.lib.format import moment
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall
from payments.models import Payment, Shopper

from .blocks import block_state
from .causes import cause_facts, cause_title, cause_url
from .coupons import shopper_tag
from .decisions import shown
from .guards import flag_state
from .states import at


@login_required
@require_http_methods(["GET", "POST"])
def explain(request: HttpRequest, mall: str) -> HttpResponse:
    """By POST, so that what is typed (a code, an identity) stays out of addresses and logs."""
    opened = open_mall(request, mall, Action.VIEW)
    form = ExplainForm(request.POST or None)
    hits = search(opened, form.cleaned_data["search"]) if form.is_valid() else []
    if len(hits) == 1:
        return redirect(hit_url(opened, hits[0]))
    if form.is_valid() and not hits:
        form.add_error("search", _("Nothing of this mall has this number, code or identity."))
    context = {
        "title": _("Explain"),
        "mall": opened,
        "form": form,
        "hits": [(hit_url(opened, hit), hit_title(opened, hit)) for hit in hits],
    }
    return render(request, "coupons/explain.html", context, status=200 if hits or request.method == "GET" else 422)


def hit_url(mall: Mall, hit: Hit) -> str:
    return reverse(f"coupons:explain_{hit.kind}", args=[mall.slug, hit.row.pk])


def hit_title(mall: Mall, hit: Hit) -> str:
    if hit.kind == "shopper":
        return _("Shopper %(shopper)s") % {"shopper": shopper_tag(hit.row.pk)}
    when = hit.row.paid_at if hit.kind == "payment" else hit.row.claimed_at
    said = {"cause": cause_title(mall, hit.row), "moment": moment(when, mall.time_zone)}
    return _("%(cause)s, %(moment)s") % said


@login_required
@require_GET
def explain_payment(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    payments = Payment.objects.for_mall(opened).select_related("store")
    return explain_cause(request, opened, get_object_or_404(payments, pk=pk))


@login_required
@require_GET
def explain_claim(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    claims = Claim.objects.for_mall(opened).select_related("store", "rule")
    return explain_cause(request, opened, get_object_or_404(claims, pk=pk))


def explain_cause(request: HttpRequest, mall: Mall, cause: Payment | Claim) -> HttpResponse:
    asked, others = queries.explanation(mall, cause, timezone.now())
    context = {
        "title": cause_title(mall, cause),
        "mall": mall,
        "cause": cause,
        "facts": cause_facts(mall, cause),
        "shopper": shopper_tag(cause.shopper_id),
        "verdicts": [shown(verdict) for verdict in asked],
        "others": others,
        "is_payment": isinstance(cause, Payment),
    }
    return render(request, "coupons/explain_cause.html", context)


@login_required
@require_GET
def explain_shopper(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    shopper = get_object_or_404(Shopper.objects.for_mall(opened), pk=pk)
    context = {
        "title": _("Shopper %(shopper)s") % {"shopper": shopper_tag(shopper.pk)},
        "mall": opened,
        "shopper": shopper,
        "table": seen_table(opened, seen(opened, shopper)),
        **(suspicions(opened, shopper) if Action.EDIT_RULES in request.rights else {}),
    }
    return render(request, "coupons/explain_shopper.html", context)


def suspicions(mall: Mall, shopper: Shopper) -> dict:
    """Findings and blocks, for who may review them."""
    flags = GuardFlag.objects.for_mall(mall).filter(shopper=shopper).order_by("-raised_at")
    blocks = Block.objects.for_mall(mall).filter(shopper=shopper).order_by("-blocked_at")
    return {
        "guarded": True,
        "flags": [(flag, flag_state(flag)) for flag in flags],
        "blocks": [(block, block_state(block)) for block in blocks],
    }


def seen_table(mall: Mall, rows: list[Seen]) -> Table:
    columns = [
        Column("at", _("When"), kind="moment", format=at(mall), url=lambda seen: cause_url(mall, seen.row)),
        Column("row", _("What"), format=lambda row: cause_title(mall, row)),
        Column("outcomes", _("Rules said"), value=said),
    ]
    empty = Empty(_("Nothing seen of this shopper"), icon="history")
    return Table(columns, rows, label=_("Payments and claims"), page_size=None, empty=empty)


def said(seen: Seen) -> str:
    """``1 × Awarded, 3 × Refused``."""
    number = _("%(number)s × %(outcome)s")
    return series(
        [number % {"number": seen.outcomes[each], "outcome": each.label} for each in Outcome if each in seen.outcomes]
    )
