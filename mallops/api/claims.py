"""POST /claims: a shopper asks for the coupons of a rule, as from a mini-program. POST /claim-links: the claim page of
a code, opened for a known shopper."""

from django.conf import settings
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from coupons import links
from coupons.claiming import ClaimError, ClaimReceipt
from coupons.geo import BadPosition, Position, position
from coupons.models import ClaimCode, Coupon, Rule
from mallops import pipeline
from mallops.claim import phones
from merchants.choices import Scope
from merchants.queries.directory import Directory
from payments.devices import device_digest
from payments.validation import is_identity

from .authentication import Caller
from .base import Door, OfMall
from .claim_schema import ClaimAnswer, ClaimLink, ClaimLinkRequest, ClaimRequest
from .events import coupon_answer
from .problems import Problem
from .schema import described
from .shoppers import ShopperFields

FIELDS = frozenset({"code", "rule", "store", "shopper", "request_id", "position", "device"})


def reasons() -> dict[str, str]:
    """Why there is no coupon. Of who is in a control group, or blocked, no more is said than `not_this_time`."""
    gone, not_now = _("All coupons of this offer are gone."), _("The rule does not run at this time.")
    return {
        "distance": _("The shopper is too far away."),
        "conditions": _("The shopper does not meet the conditions of the rule."),
        "per_shopper": _("The shopper has had the coupons of this rule."),
        "per_shopper_per_day": _("The shopper has had the coupons of today."),
        "per_shopper_in_days": _("The shopper has had the coupons of these days."),
        "quantity_per_day": _("All coupons of today are gone."),
        "budget_per_day_fen": _("All coupons of today are gone."),
        **dict.fromkeys(("quantity", "budget_fen", "quantity_per_store"), gone),
        **dict.fromkeys(("stock_quantity", "stock_budget_fen", "stock_open"), gone),
        **dict.fromkeys(("dates", "weekdays", "hours", "payer"), not_now),
        "not_live": _("The rule is not live."),
        "other_trigger": _("The rule is not claimed this way."),
        "closed_code": _("The claim code is out of use."),
        "not_here": _("The rule is not offered at this store."),
        "no_store": _("No open store takes the coupons."),
        "no_position": _("The claim needs a position, and the mall one of its own."),
        "request_reused": _("This request id was used for something else."),
        "not_this_time": _("No coupon this time."),
    }


class ClaimFields(ShopperFields):
    def rule(self, caller: Caller) -> tuple[Rule | None, ClaimCode | None]:
        """The rule that the request names by its id or by the token of a claim code."""
        token, pk = self.data.get("code"), self.data.get("rule")
        if (token is None) == (pk is None):
            self.wrong("rule", _("is required, or a code in its place"))
        elif token is not None:
            code = claim_code(caller, token)
            if code:
                return code.rule, code
            self.wrong("code", _("is not a claim code of this mall"))
        else:
            rules = Rule.objects.filter(mall=caller.mall_id).select_related("version")
            rule = rules.filter(pk=pk).first() if type(pk) is int and 0 < pk < 2**63 else None
            if rule:
                return rule, None
            self.wrong("rule", _("is not a rule of this mall"))
        return None, None

    def position(self) -> Position | None:
        data = self.data.get("position")
        if data is None:
            return None
        try:
            return position(data["latitude"], data["longitude"])
        except (BadPosition, KeyError, TypeError):
            self.wrong("position", _("takes latitude (-90 to 90) and longitude (-180 to 180) in degrees"))
            return None

    def device(self, caller: Caller) -> str | None:
        """The digest of the device the request names, if it does."""
        found = self.optional("device", is_identity, _("takes 1 to 128 characters"))
        return found and device_digest(caller.mall_id, found)

    def optional_store(self, caller: Caller) -> int | None:
        return None if self.data.get("store") is None else self.store(caller)


class ClaimView(Door):
    """Ask for the coupons of a rule. The same request id gets the same answer."""

    scope = Scope.CLAIM
    permission_classes = [OfMall]

    @described(ClaimRequest, done={200: ClaimAnswer, 201: ClaimAnswer}, problems=(409,))
    def post(self, request: Request) -> Response:
        caller, now = request.user, timezone.now()
        fields = ClaimFields(request.data, FIELDS)
        rule, code = fields.rule(caller)
        values = {
            "shopper": fields.shopper(caller), "request_id": fields.external_id("request_id"),
            "store_id": fields.optional_store(caller), "here": fields.position(), "device": fields.device(caller),
        }  # fmt: skip
        fields.refuse()
        kind = rule.version.terms["trigger"] if rule.version else ""
        if kind not in ("qr", "nearby"):
            raise refused("other_trigger")
        try:
            receipt = pipeline.claim(mall_id=caller.mall_id, rule_id=rule.pk, kind=kind, code=code, now=now, **values)
        except ClaimError as error:
            raise refused(error.code) from error
        if not receipt.coupons:
            raise refused_by_rule(receipt)
        return Response(answer(receipt, caller.directory), status=201 if receipt.is_new else 200)


class ClaimLinkView(Door):
    """The address of a code's claim page that knows the shopper, good for a quarter of an hour."""

    scope = Scope.CLAIM
    permission_classes = [OfMall]

    @described(ClaimLinkRequest, done={201: ClaimLink})
    def post(self, request: Request) -> Response:
        fields = ShopperFields(request.data, frozenset({"code", "shopper"}))
        shopper, code = fields.shopper(request.user), claim_code(request.user, fields.data.get("code"))
        if code is None:
            fields.wrong("code", _("is not a claim code of this mall"))
        fields.refuse()
        query = urlencode({phones.PARAMETER: phones.link_parameter(request.user.mall_id, shopper)})
        return Response({"url": f"{links.claim_url(code)}?{query}", "seconds": phones.LINK_LASTS}, status=201)


def claim_code(caller: Caller, token: object) -> ClaimCode | None:
    codes = ClaimCode.objects.filter(mall=caller.mall_id).select_related("rule__version")
    return codes.by_token(token) if isinstance(token, str) else None


def refused(code: str, **more) -> Problem:
    return Problem(409, code, reasons()[code], **more)


def refused_by_rule(receipt: ClaimReceipt) -> Problem:
    code = receipt.reason if receipt.reason in reasons() else "not_this_time"
    more = {} if receipt.distance_m is None else {"distance_m": receipt.distance_m}
    return refused(code, id=receipt.id, **more)


def answer(receipt: ClaimReceipt, directory: Directory) -> dict:
    """The coupons, each with the address of its page for the shopper."""
    pages = {
        coupon.code: links.coupon_path(coupon)
        for coupon in Coupon.objects.for_mall(directory.mall_id).filter(claim=receipt.id)
    }
    site = settings.SITE_URL.rstrip("/")
    coupons = [coupon_answer(coupon, directory) | {"url": site + pages[coupon.code]} for coupon in receipt.coupons]
    return {"status": "created" if receipt.is_new else "known", "id": receipt.id, "coupons": coupons}
