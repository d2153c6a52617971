"""How the API is described in OpenAPI where its views do not say it themselves."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers

from payments.models import Channel


class KeyScheme(OpenApiAuthenticationExtension):
    target_class = "mallops.api.authentication.CredentialAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "mk_<key id>_<secret>"}


class FieldProblem(serializers.Serializer):
    field = serializers.CharField()
    message = serializers.CharField()


class ProblemDetails(serializers.Serializer):
    """RFC 9457, sent as application/problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldProblem(many=True, required=False)


class Payment(serializers.Serializer):
    store = serializers.CharField(help_text="Code of the store.")
    channel = serializers.ChoiceField(Channel.choices)
    transaction_id = serializers.CharField(max_length=64)
    amount_fen = serializers.IntegerField(min_value=1)
    paid_at = serializers.DateTimeField()
    shopper = serializers.CharField(max_length=128, required=False, help_text="Kept only as a keyed digest.")


class Payments(serializers.Serializer):
    payments = Payment(many=True, help_text="1 to 1,000 of them.")


class Refund(serializers.Serializer):
    channel = serializers.ChoiceField(Channel.choices)
    transaction_id = serializers.CharField(max_length=64, help_text="Of the payment.")
    refund_id = serializers.CharField(max_length=64)
    amount_fen = serializers.IntegerField(min_value=1)
    refunded_at = serializers.DateTimeField()


class Refunds(serializers.Serializer):
    refunds = Refund(many=True, help_text="1 to 1,000 of them.")


class GivenCoupon(serializers.Serializer):
    code = serializers.CharField()
    stock = serializers.IntegerField()
    valid_from = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="Excluded.")


class Receipt(serializers.Serializer):
    status = serializers.ChoiceField(["created", "known", "conflict", "refused", "invalid"])
    id = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    coupons = GivenCoupon(many=True, required=False)
    errors = FieldProblem(many=True, required=False)


class Receipts(serializers.Serializer):
    results = Receipt(many=True, help_text="One for each, in order.")


class Tags(serializers.Serializer):
    shopper = serializers.CharField(max_length=128, write_only=True)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=50)


class Stay(serializers.Serializer):
    shopper = serializers.CharField(max_length=128, write_only=True)
    stay_id = serializers.CharField(max_length=64)
    entered_at = serializers.DateTimeField(write_only=True)


class StayLeft(serializers.Serializer):
    stay_id = serializers.CharField(max_length=64, read_only=True)
    left_at = serializers.DateTimeField()


def described(
    request: Any, *, done: dict[int, Any], problems: tuple[int, ...] = (), name: str | None = None
) -> Callable:
    """Describes a view's method: what it takes, what it answers, which problems it may answer besides 400, 401, 403."""
    refused = dict.fromkeys((400, 401, 403, *problems), ProblemDetails)
    return extend_schema(request=request, responses={**done, **refused}, operation_id=name)


def either(name: str, *kinds: type[serializers.Serializer]) -> PolymorphicProxySerializer:
    """One of several shapes."""
    return PolymorphicProxySerializer(name, list(kinds), resource_type_field_name=None)
