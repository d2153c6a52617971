"""The claim page that a QR code opens, and the shopper's page of a coupon. Both for phones, without signing in."""

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from coupons import links
from coupons.claiming import ClaimError, ClaimReceipt
from coupons.models import Claim, ClaimCode
from mallops import pipeline

from . import offers, phones, sentences, throttle
from .coupons import coupon_context
from .forms import ClaimForm
from .public import allow_position, busy, public, unknown


@public
@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """What there is to get and on what terms; a POST asks for it."""
    code = ClaimCode.objects.select_related("mall", "rule__version", "store").by_token(token)
    if code is None or code.rule.version is None:
        return unknown(request, "unknown claim code")
    try:
        introduced = phones.introduced(request, code.mall)
    except BadSignature:
        return unknown(request, "forged or old link to a claim page")
    phone = introduced or phones.digest_of(request, code.mall) or phones.stranger(code.mall)
    if introduced:  # the address must not go on naming the shopper
        response = redirect(links.claim_path(code))
    else:
        response = (ask if request.method == "POST" else page)(request, code, phone)
    phones.remember(response, code.mall, phone)
    return response


def ask(request: HttpRequest, code: ClaimCode, phone: str) -> HttpResponse:
    """Put the claim to the rule, and go back to the page, which then shows the coupons; or say why not."""
    form, now = ClaimForm(request.POST), timezone.now()
    if not form.is_valid():
        return page(request, code, phone, said=_("Please try again."), status=422)
    if not throttle.allows(request, phone):
        return busy(request)
    try:
        receipt = pipeline.claim(
            mall_id=code.mall_id, rule_id=code.rule_id, kind=offers.terms_of(code).trigger, shopper=phone,
            request_id=f"page-{form.cleaned_data['request_id']}", now=now, code=code, here=form.here(),
        )  # fmt: skip
    except ClaimError as error:
        throttle.logger.warning("claim by code %s refused: %s", code.pk, error.code)
        return page(request, code, phone, said=offers.refusal(code, error.code, now), status=409)
    if receipt.coupons:
        return redirect(links.claim_path(code))
    return page(request, code, phone, said=said_of(code, receipt, now), status=409)


def said_of(code: ClaimCode, receipt: ClaimReceipt, now) -> str:
    if receipt.reason == "distance":
        throttle.logger.info("claim %s refused: %s m away", receipt.id, receipt.distance_m)
        return sentences.too_far(receipt.distance_m, offers.radius_m(code))
    return offers.refusal(code, receipt.reason, now)


def page(request: HttpRequest, code: ClaimCode, phone: str, *, said: str = "", status: int = 200) -> HttpResponse:
    """The claim page; `said` is what became of a claim just made."""
    context = offers.context(code, phone, now=timezone.now()) | {"form": ClaimForm()}
    if said:
        context |= {"said": said, "again": status == 422 or context["again"]}
    closed = code.closed_at is not None and status == 200
    response = render(request, "claim/offer.html", context, status=410 if closed else status)
    return allow_position(response) if context["kind"] == Claim.Kind.NEARBY else response


@public
@require_GET
def coupon(request: HttpRequest, token: str) -> HttpResponse:
    """One coupon of a shopper, to be shown at the store."""
    found = links.coupon_of(token)
    if found is None:
        return unknown(request, "forged coupon address")
    now = timezone.now()
    pipeline.show(found, now=now)
    return render(request, "claim/coupon.html", coupon_context(found, now=now))
