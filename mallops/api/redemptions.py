"""POST /redemptions and /redemptions/<id>/reversal, GET /coupon-key."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from coupons import disputes, offline
from coupons.models import Dispute, Redemption
from coupons.redeeming import RedeemError
from coupons.sentences.refusals import refusal, refusals
from mallops import pipeline
from mallops.redeem import throttle
from mallops.redeem.late import redeem_late
from merchants.choices import Scope
from merchants.models import Mall
from payments.models import Payment
from payments.validation import CHANNELS, is_external_id

from .authentication import Caller
from .base import Door
from .parsing import Fields
from .problems import Problem
from .schema import described

FIELDS = frozenset({"store", "code", "order_fen", "request_id", "channel", "transaction_id", "redeemed_at"})


class RedemptionRequest(serializers.Serializer):
    store = serializers.CharField(help_text="Code of the store.")
    code = serializers.CharField(help_text="The code as typed, or the whole text of the QR code.")
    order_fen = serializers.IntegerField(min_value=1)
    request_id = serializers.CharField(max_length=64)
    channel = serializers.CharField(required=False)
    transaction_id = serializers.CharField(required=False)
    redeemed_at = serializers.DateTimeField(
        required=False, help_text="Of a redemption made without connection: when, by the store's clock."
    )


class RedemptionAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    discount_fen = serializers.IntegerField()
    order_fen = serializers.IntegerField()
    redeemed_at = serializers.DateTimeField()


class ReversalRequest(serializers.Serializer):
    request_id = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=200, required=False)


class ReversalAnswer(serializers.Serializer):
    id = serializers.IntegerField()
    redemption = serializers.IntegerField()


class CouponKey(serializers.Serializer):
    """A JSON Web Key (RFC 7517)."""

    kty = serializers.CharField()
    crv = serializers.CharField()
    x = serializers.CharField()
    y = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()


class RedemptionView(Door):
    """Redeem a coupon on an order, optionally tied to its payment. The same request id gets the same answer.

    With `redeemed_at` the coupon was taken without connection: a refusal that needs a person becomes a dispute.
    """

    scope = Scope.REDEEM

    @described(RedemptionRequest, done={201: RedemptionAnswer}, problems=(404, 409, 429))
    def post(self, request: Request) -> Response:
        caller: Caller = request.user
        fields = Fields(request.data, FIELDS)
        store_id = fields.store(caller)
        code = fields.text("code", lambda text: len(text) <= offline.LONGEST, _("takes a coupon code"))
        order_fen, request_id = fields.fen("order_fen"), fields.external_id("request_id")
        now = timezone.now()
        redeemed_at = used_at(fields, now)
        fields.refuse()
        who = f"{caller.source}@{store_id}"  # one careless till does not stop those of other stores
        if throttle.is_over(who, store_id):
            raise Problem(429, "too_many_wrong_codes", _("Too many wrong codes. Wait ten minutes."))
        try:
            made = redeem(
                caller, fields.data, now, redeemed_at, code=code, store_id=store_id, order_fen=order_fen,
                request_id=request_id,
            )  # fmt: skip
        except RedeemError as error:
            if error.code in throttle.WRONG:
                throttle.note_wrong(who, store_id, error.code)
            raise refused(error, caller) from error
        if isinstance(made, Dispute):
            raise Problem(409, made.reason, refusals()[made.reason], dispute=made.pk)
        return Response(answer(made), status=201)


class ReversalView(Door):
    """Undo a redemption."""

    scope = Scope.REDEEM

    @described(ReversalRequest, done={201: ReversalAnswer}, problems=(404, 409))
    def post(self, request: Request, pk: int) -> Response:
        caller: Caller = request.user
        redemption = Redemption.objects.for_mall(caller.mall_id).filter(pk=pk).first()
        if redemption is None or (caller.reach is not None and redemption.store_id not in caller.reach):
            raise Http404
        fields = Fields(request.data, frozenset({"request_id", "reason"}))
        request_id = fields.external_id("request_id")
        reason = fields.optional("reason", lambda text: "\x00" not in text, _("takes a text"))
        fields.refuse()
        try:
            undone = pipeline.reverse(
                mall_id=caller.mall_id, redemption_id=pk, request_id=request_id,
                reason=reason or "", source=caller.source, now=timezone.now(),
            )  # fmt: skip
        except RedeemError as error:
            raise refused(error, caller) from error
        return Response({"id": undone.reversal.pk, "redemption": pk}, status=201)


class CouponKeyView(Door):
    """The public key that the signatures in QR codes are checked with, as a JSON Web Key."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @described(None, done={200: CouponKey})
    def get(self, request: Request) -> Response:
        return Response(offline.public_jwk())


def used_at(fields: Fields, now: datetime) -> datetime | None:
    """When a coupon was taken without connection, if the request says that it was."""
    if fields.data.get("redeemed_at") is None:
        return None
    moment = fields.moment("redeemed_at", now)
    if moment > now + disputes.AHEAD_AT_MOST:
        fields.wrong("redeemed_at", _("lies in the future"))
    return moment


def redeem(
    caller: Caller, data: dict[str, Any], now: datetime, redeemed_at: datetime | None, **wanted: Any
) -> Redemption | Dispute:
    """Raises RedeemError."""
    wanted |= {
        "mall_id": caller.mall_id, "source": caller.source, "payment_id": paid_with(caller, data, wanted["store_id"]),
    }  # fmt: skip
    if redeemed_at:
        return redeem_late(**wanted, redeemed_at=redeemed_at, now=now)
    return pipeline.redeem(**wanted, now=now)


def paid_with(caller: Caller, data: dict[str, Any], store_id: int | None) -> int | None:
    """The id of the payment the coupon was used on, if the request names one. Raises RedeemError."""
    if not data.get("transaction_id"):
        return None
    channel, transaction_id = str(data.get("channel")), str(data["transaction_id"])
    if channel not in CHANNELS or not is_external_id(transaction_id):
        raise RedeemError("unknown_payment")
    payments = Payment.objects.for_mall(caller.mall_id).filter(
        channel=channel, transaction_id=transaction_id, store=store_id
    )
    pk = payments.values_list("pk", flat=True).first()
    if pk is None:
        raise RedeemError("unknown_payment")
    return pk


def refused(error: RedeemError, caller: Caller) -> Problem:
    status = 404 if error.code.startswith("unknown") else 409
    return Problem(status, error.code, refusal(error, Mall.objects.get(pk=caller.mall_id)))


def answer(redemption: Redemption) -> dict:
    return {
        "id": redemption.pk,
        "discount_fen": redemption.discount_fen,
        "order_fen": redemption.order_fen,
        "redeemed_at": redemption.redeemed_at.isoformat(),
    }
