"""Stocks of coupons: list, make, change, close."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from coupons.models import Stock
from coupons.models.stock import Kind, Validity
from coupons.services import stocks as services
from mallops.lib.money import MAX_FEN
from merchants.models import Category, Mall, Merchant, Store

from .base import MallViewSet
from .problems import Problem
from .schema import described

NEEDED = {
    Kind.AMOUNT_OFF: ("value_fen",),
    Kind.PERCENT_OFF: ("percent_bp", "ceiling_fen"),
    Kind.EXCHANGE: ("value_fen", "exchange_price_fen"),
    Validity.FIXED: ("valid_from_day", "valid_until_day"),
    Validity.DAYS: ("valid_for",),
    Validity.HOURS: ("valid_for",),
}


class CodeField(serializers.SlugRelatedField):
    """Something of the caller's mall, named by its code."""

    def __init__(self, model: type, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=model.objects.all(), **kwargs)

    def get_queryset(self):
        return super().get_queryset().filter(mall=self.context["mall_id"])

    def to_internal_value(self, code: Any) -> Any:
        if isinstance(code, str) and not code.isprintable():
            self.fail("does_not_exist", slug_name="code", value=code)
        return super().to_internal_value(code)


class StockSerializer(serializers.ModelSerializer):
    """Money in fen, percentages in basis points (2,000: 20 % off), days local to the mall. Which of the value fields
    are needed follows from `kind` and `validity`. `used` is how many coupons were issued."""

    merchant = CodeField(Merchant)
    stores = CodeField(Store, many=True, required=False)
    categories = CodeField(Category, many=True, required=False)
    value_fen = serializers.IntegerField(min_value=1, max_value=MAX_FEN, required=False, allow_null=True)
    percent_bp = serializers.IntegerField(min_value=1, max_value=10_000, required=False, allow_null=True)
    ceiling_fen = serializers.IntegerField(min_value=1, max_value=MAX_FEN, required=False, allow_null=True)
    exchange_price_fen = serializers.IntegerField(min_value=0, max_value=MAX_FEN, required=False, allow_null=True)
    min_spend_fen = serializers.IntegerField(min_value=0, max_value=MAX_FEN, default=0)
    valid_for = serializers.IntegerField(min_value=1, max_value=3_660, required=False, allow_null=True)
    quantity = serializers.IntegerField(min_value=1, max_value=2_000_000_000)
    budget_fen = serializers.IntegerField(min_value=1, max_value=10**13, required=False, allow_null=True)
    remind_hours = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=720), max_length=5, required=False,
        help_text="Hours before the end of a coupon at which its shopper is reminded.",
    )  # fmt: skip

    class Meta:
        model = Stock
        fields = (
            "id", "code", "name_zh", "name_en", "merchant", "kind", "value_fen", "percent_bp", "ceiling_fen",
            "exchange_price_fen", "min_spend_fen", "validity", "valid_from_day", "valid_until_day", "valid_for",
            "remind_hours", "stores", "categories", "quantity", "budget_fen", "funder", "closed_at",
        )  # fmt: skip
        read_only_fields = ("closed_at",)

    def validate_code(self, code: str) -> str:
        others = Stock.objects.filter(mall=self.context["mall_id"], code=code)
        if others.exclude(pk=self.instance and self.instance.pk).exists():
            raise serializers.ValidationError(_("Another stock has this code."))
        return code

    def validate(self, data: dict) -> dict:
        values = {name: getattr(self.instance, name, None) for name in self.Meta.fields if name != "id"} | data
        wrong = {name: _("is required") for name in self._needed(values) if values.get(name) is None}
        if not wrong:
            wrong = self._contradictions(values)
        if not (values.get("name_zh") or values.get("name_en")):
            wrong["name_en"] = _("Give a name in at least one language.")
        if wrong:
            raise serializers.ValidationError(wrong)
        return data

    @staticmethod
    def _needed(values: dict) -> tuple[str, ...]:
        return NEEDED[values.get("kind") or Kind.AMOUNT_OFF] + NEEDED[values.get("validity") or Validity.DAYS]

    @staticmethod
    def _contradictions(values: dict) -> dict[str, str]:
        wrong = {}
        if values.get("validity") == Validity.FIXED and values["valid_until_day"] < values["valid_from_day"]:
            wrong["valid_until_day"] = _("The end lies before the start.")
        if values.get("kind") == Kind.EXCHANGE and values["exchange_price_fen"] >= values["value_fen"]:
            wrong["exchange_price_fen"] = _("must be below the worth of the goods")
        return wrong


class StockViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, MallViewSet):
    queryset = Stock.objects.select_related("merchant").prefetch_related("stores", "categories").order_by("pk")
    serializer_class = StockSerializer

    def create(self, request: Request) -> Response:
        checked = self.checked(request.data)
        mall = Mall.objects.get(pk=request.user.mall_id)
        stock = services.create(mall=mall, values=checked.validated_data, by=None)
        return Response(self.get_serializer(stock).data, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some fields. Once coupons were issued the terms stay, and quantity and budget may only grow."""
        stock = self.get_object()
        checked = self.checked(request.data, instance=stock, partial=True)
        try:
            services.change(stock=stock, values=checked.validated_data, by=None)
        except services.FrozenTerms as error:
            said = _("Coupons were issued: quantity and budget may only grow, the terms stay.")
            raise Problem(409, "frozen", said, errors=[{"field": f, "message": said} for f in error.fields]) from error
        return Response(self.get_serializer(self.get_object()).data)

    @described(None, done={200: StockSerializer}, problems=(404,), name="stocks_close")
    def close(self, request: Request, pk: str) -> Response:
        """Issue no more of it; coupons already issued stay valid."""
        services.close(stock=self.get_object(), now=timezone.now(), by=None)
        return Response(self.get_serializer(self.get_object()).data)
