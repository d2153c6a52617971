"""From the JSON of a request to plain values, with an error for each field that does not fit."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from payments.events import PaymentEvent, RefundEvent
from payments.shoppers import digest
from payments.validation import CHANNELS, amount_problem, is_external_id, is_identity, moment_problem

from .authentication import Caller
from .problems import Problem, invalid

PAYMENT_FIELDS = frozenset({"store", "channel", "transaction_id", "amount_fen", "paid_at", "shopper"})
REFUND_FIELDS = frozenset({"channel", "transaction_id", "refund_id", "amount_fen", "refunded_at"})


class BoundedParser(JSONParser):
    """JSON of a size and depth that can be read, its texts whole: halves of surrogate pairs can be neither kept nor
    answered."""

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise Problem(413, "too_large", _("The request is too large; send fewer events at once."))
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except UnicodeEncodeError as error:
            raise ParseError(_("The JSON has half of a surrogate pair.")) from error
        return data


class Fields:
    """Reads the fields of one object and collects what is wrong with them."""

    def __init__(self, data: Any, allowed: frozenset[str]) -> None:
        self.errors: list[dict[str, str]] = []
        self.data = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.wrong("", _("takes an object"))
        for name in sorted(self.data.keys() - allowed):
            self.wrong(name, _("is not a known field"))

    def wrong(self, field: str, message: str) -> None:
        self.errors.append({"field": field, "message": message})

    def refuse(self) -> None:
        """Raise a Problem if anything is wrong."""
        if self.errors:
            raise invalid(self.errors)

    def text(self, name: str, fits: Callable[[str], bool], message: str) -> str | None:
        """The text of a field, or None if it is missing or does not fit, which is noted."""
        if self.data.get(name) is None:
            self.wrong(name, _("is required"))
        return self.optional(name, fits, message)

    def optional(self, name: str, fits: Callable[[str], bool], message: str) -> str | None:
        """As `text`, of a field that may be missing."""
        value = self.data.get(name)
        if value is None or (isinstance(value, str) and fits(value)):
            return value
        self.wrong(name, message)
        return None

    def external_id(self, name: str) -> str | None:
        return self.text(name, is_external_id, _("takes 1 to 64 visible ASCII characters without blanks"))

    def channel(self) -> str | None:
        return self.text("channel", CHANNELS.__contains__, _("takes one of: %s") % ", ".join(sorted(CHANNELS)))

    def fen(self, name: str) -> int:
        value = self.data.get(name)
        if value is None:
            self.wrong(name, _("is required"))
        elif not isinstance(value, int) or isinstance(value, bool):
            self.wrong(name, _("takes a whole number of fen, such as 1250 for 12.50"))
        elif problem := amount_problem(value):
            self.wrong(name, problem)
        return value

    def moment(self, name: str, now: datetime) -> datetime:
        value = self.data.get(name)
        message = _("takes a moment with its offset, such as 2026-11-22T12:30:00+08:00")
        if value is None:
            self.wrong(name, _("is required"))
            return now
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError
            moment = moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            self.wrong(name, message)
            return now
        if problem := moment_problem(moment, now):
            self.wrong(name, problem)
        return moment

    def store(self, caller: Caller) -> int | None:
        found = caller.store(self.data.get("store"))
        if found is None:
            missing = self.data.get("store") is None
            self.wrong("store", _("is required") if missing else _("is not a store of yours"))
        return found.id if found else None


def payment(data: Any, caller: Caller, now: datetime) -> tuple[PaymentEvent | None, list[dict[str, str]]]:
    """The event, or None and what is wrong."""
    fields = Fields(data, PAYMENT_FIELDS)
    shopper = fields.optional("shopper", is_identity, _("takes 1 to 128 characters, or nothing"))
    event = PaymentEvent(
        store_id=fields.store(caller),
        channel=fields.channel(),
        transaction_id=fields.external_id("transaction_id"),
        amount_fen=fields.fen("amount_fen"),
        paid_at=fields.moment("paid_at", now),
        shopper=digest(caller.mall_id, shopper) if shopper else None,
    )
    return (None if fields.errors else event), fields.errors


def refund(data: Any, caller: Caller, now: datetime) -> tuple[RefundEvent | None, list[dict[str, str]]]:
    """The event, or None and what is wrong."""
    fields = Fields(data, REFUND_FIELDS)
    event = RefundEvent(
        channel=fields.channel(),
        transaction_id=fields.external_id("transaction_id"),
        refund_id=fields.external_id("refund_id"),
        amount_fen=fields.fen("amount_fen"),
        refunded_at=fields.moment("refunded_at", now),
    )
    return (None if fields.errors else event), fields.errors
