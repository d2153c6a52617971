"""POST /redemptions and /redemptions/<id>/reversal."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from coupons.models import Redemption
from coupons.redeeming import RedeemError
from mallops import pipeline
from payments.models import Payment

from .authentication import Caller
from .parsing import Fields
from .problems import Problem

FIELDS = frozenset({"store", "code", "order_fen", "request_id", "channel", "transaction_id"})


def reasons() -> dict[str, str]:
    return {
        "mistyped": _("The code is mistyped."),
        "unknown_code": _("There is no coupon with this code."),
        "not_yet_valid": _("The coupon is not valid yet."),
        "expired": _("The coupon has expired."),
        "already_redeemed": _("The coupon has been redeemed."),
        "revoked": _("The coupon has been revoked."),
        "store_not_usable": _("The coupon cannot be used at this store."),
        "below_minimum": _("The order is below the coupon's minimum."),
        "request_reused": _("This request id was used for something else."),
        "unknown_payment": _("There is no payment with this channel and transaction id at this store."),
        "unknown_redemption": _("There is no such redemption."),
        "already_reversed": _("The redemption has been reversed."),
    }


class RedemptionView(APIView):
    """Redeem a coupon on an order, optionally tied to its payment. The same request id gets the same answer."""

    def post(self, request: Request) -> Response:
        caller: Caller = request.user
        fields = Fields(request.data, FIELDS)
        store_id = fields.store(caller)
        code = fields.text("code", lambda text: len(text) <= 40, _("takes a coupon code"))
        order_fen, request_id = fields.fen("order_fen"), fields.external_id("request_id")
        if fields.errors:
            raise Problem(400, "invalid", _("Some fields cannot be accepted."), errors=fields.errors)
        try:
            redemption = pipeline.redeem(
                mall_id=caller.mall_id, code=code, store_id=store_id, order_fen=order_fen, request_id=request_id,
                source=caller.source, now=timezone.now(), payment_id=paid_with(caller, fields.data, store_id),
            )  # fmt: skip
        except RedeemError as error:
            raise refused(error) from error
        return Response(answer(redemption), status=201)


class ReversalView(APIView):
    """Undo a redemption."""

    def post(self, request: Request, pk: int) -> Response:
        caller: Caller = request.user
        redemption = Redemption.objects.for_mall(caller.mall_id).filter(pk=pk).first()
        if redemption is None or (caller.reach is not None and redemption.store_id not in caller.reach):
            raise Http404
        fields = Fields(request.data, frozenset({"request_id", "reason"}))
        request_id = fields.external_id("request_id")
        if fields.errors:
            raise Problem(400, "invalid", _("Some fields cannot be accepted."), errors=fields.errors)
        try:
            undone = pipeline.reverse(
                mall_id=caller.mall_id, redemption_id=pk, request_id=request_id,
                reason=str(fields.data.get("reason") or ""), source=caller.source, now=timezone.now(),
            )  # fmt: skip
        except RedeemError as error:
            raise refused(error) from error
        return Response({"id": undone.reversal.pk, "redemption": pk}, status=201)


def paid_with(caller: Caller, data: dict[str, Any], store_id: int | None) -> int | None:
    """The id of the payment the coupon was used on, if the request names one. Raises RedeemError."""
    if not data.get("transaction_id"):
        return None
    payments = Payment.objects.for_mall(caller.mall_id).filter(
        channel=str(data.get("channel")), transaction_id=str(data["transaction_id"]), store=store_id
    )
    pk = payments.values_list("pk", flat=True).first()
    if pk is None:
        raise RedeemError("unknown_payment")
    return pk


def refused(error: RedeemError) -> Problem:
    status = 404 if error.code.startswith("unknown") else 409
    return Problem(status, error.code, reasons()[error.code])


def answer(redemption: Redemption) -> dict:
    return {
        "id": redemption.pk,
        "discount_fen": redemption.discount_fen,
        "order_fen": redemption.order_fen,
        "redeemed_at": redemption.redeemed_at.isoformat(),
    }
