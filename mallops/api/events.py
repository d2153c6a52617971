"""POST /payments and /refunds: one event, or {"payments": [...]} with up to 1,000 of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from coupons.issuing import Issued
from mallops import pipeline
from merchants.choices import Scope
from merchants.queries.directory import Directory
from payments.events import Reason, Receipt, Status

from . import parsing, schema
from .authentication import Caller
from .base import Door
from .problems import Problem, invalid
from .schema import described, either

AT_MOST = 1_000
ANSWERS = {200: either("OneOrManyReceipts", schema.Receipt, schema.Receipts), 201: schema.Receipt}
STATUS_CODES = {Status.CREATED: 201, Status.KNOWN: 200, Status.CONFLICT: 409, Status.REFUSED: 422}


def reasons() -> dict[str, str]:
    return {
        Reason.OTHER_AMOUNT: _("This id is known with another amount."),
        Reason.OTHER_STORE: _("This transaction id is known at another store."),
        Reason.OTHER_PAYMENT: _("This refund id is known for another payment."),
        Reason.UNKNOWN_PAYMENT: _("There is no payment with this channel and transaction id."),
        Reason.ABOVE_PAYMENT: _("The refunds would exceed the payment."),
        Reason.BEFORE_PAYMENT: _("The refund lies before the payment."),
    }


class EventView(Door):
    """What both doors share. Each event is answered by itself: a bad one in a batch leaves the others recorded."""

    plural: str
    parse: Callable

    def record(self, caller: Caller, events: list, now: datetime) -> list[Receipt]:
        raise NotImplementedError

    def take(self, request: Request) -> Response:
        data = request.data
        if isinstance(data, dict) and self.plural in data:
            return Response({"results": self.batch(request.user, data)})
        return self.single(request.user, data)

    def single(self, caller: Caller, data: Any) -> Response:
        now = timezone.now()
        event, errors = type(self).parse(data, caller, now)
        if errors:
            raise invalid(errors)
        (receipt,) = self.record(caller, [event], now)
        if receipt.status in (Status.CONFLICT, Status.REFUSED):
            raise Problem(STATUS_CODES[receipt.status], receipt.reason, reasons()[receipt.reason], id=receipt.id)
        return Response(answer(receipt, caller.directory), status=STATUS_CODES[receipt.status])

    def batch(self, caller: Caller, data: dict) -> list[dict]:
        items = data[self.plural]
        if not isinstance(items, list) or not 0 < len(items) <= AT_MOST or len(data) > 1:
            raise Problem(400, "invalid", _("“%(name)s” takes a list of 1 to 1,000 objects.") % {"name": self.plural})
        now = timezone.now()
        parsed = [type(self).parse(item, caller, now) for item in items]
        receipts = iter(self.record(caller, [event for event, _errors in parsed if event], now))
        return [
            answer(next(receipts), caller.directory) if event else {"status": "invalid", "errors": errors}
            for event, errors in parsed
        ]


class PaymentView(EventView):
    scope = Scope.PAYMENTS
    plural = "payments"
    parse = staticmethod(parsing.payment)

    @described(either("OneOrManyPayments", schema.Payment, schema.Payments), done=ANSWERS, problems=(409, 413))
    def post(self, request: Request) -> Response:
        return self.take(request)

    def record(self, caller: Caller, events: list, now: datetime) -> list[Receipt]:
        return pipeline.record_payments(
            caller.mall_id, events, source=caller.source, now=now, directory=caller.directory
        )


class RefundView(EventView):
    scope = Scope.REFUNDS
    plural = "refunds"
    parse = staticmethod(parsing.refund)

    @described(either("OneOrManyRefunds", schema.Refund, schema.Refunds), done=ANSWERS, problems=(409, 413, 422))
    def post(self, request: Request) -> Response:
        return self.take(request)

    def record(self, caller: Caller, events: list, now: datetime) -> list[Receipt]:
        return pipeline.record_refunds(caller.mall_id, events, source=caller.source, now=now, stores=caller.reach)


def answer(receipt: Receipt, directory: Directory) -> dict:
    """The JSON of a receipt."""
    body: dict[str, Any] = {"status": receipt.status, "id": receipt.id}
    if receipt.reason:
        body |= {"code": receipt.reason, "detail": reasons()[receipt.reason]}
    if receipt.coupons:
        body["coupons"] = [coupon_answer(coupon, directory) for coupon in receipt.coupons]
    return body


def coupon_answer(coupon: Issued, directory: Directory) -> dict:
    zone = directory.clock.zone
    return {
        "code": coupon.code,
        "stock": coupon.stock_id,
        "valid_from": coupon.valid_from.astimezone(zone).isoformat(),
        "expires_at": coupon.expires_at.astimezone(zone).isoformat(),
    }
