"""Why a decision fell as it did, what became of a coupon, and what a rule would have done."""

from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from coupons.backtest import services as backtests
from coupons.codes import is_well_formed, normalise
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.explain import Line
from coupons.models import Backtest, Coupon, Rule
from coupons.queries.explain import Verdict, explanation
from coupons.queries.search import search
from merchants.choices import Scope
from merchants.models import Mall
from payments.validation import is_identity

from . import terms as wording
from .base import Door, MallViewSet, OfMall
from .problems import Problem
from .schema import ProblemDetails, described


class Told(serializers.Serializer):
    ok = serializers.BooleanField()
    said = serializers.CharField()
    below = serializers.ListField(child=serializers.DictField())


class VerdictOfRule(serializers.Serializer):
    rule = serializers.IntegerField()
    version = serializers.IntegerField()
    outcome = serializers.ChoiceField(["awarded", "held_out", "refused"])
    reason = serializers.CharField()
    lines = Told(many=True)
    enough = serializers.ListField(child=serializers.CharField(), help_text="What would have been enough.")
    coupons = serializers.ListField(child=serializers.CharField())


class RuleNotAsked(serializers.Serializer):
    rule = serializers.IntegerField()
    said = serializers.CharField()


class Explanation(serializers.Serializer):
    kind = serializers.ChoiceField(["payment", "claim"])
    id = serializers.IntegerField()
    asked = VerdictOfRule(many=True)
    not_asked = RuleNotAsked(many=True)


class Explanations(serializers.Serializer):
    results = Explanation(many=True)


class ExplainView(Door):
    """Every rule asked on a payment or a claim, in ranking order, with its checks as sentences in the language asked
    for (Accept-Language), and the rules not asked. `q`: a transaction id, a coupon code, or a claim's request id."""

    scope = Scope.COUPONS
    permission_classes = [OfMall]

    @extend_schema(
        parameters=[OpenApiParameter("q", str, required=True)],
        responses={200: Explanations, **dict.fromkeys((400, 401, 403, 404), ProblemDetails)},
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params.get("q", "").strip()
        if not is_identity(asked):
            raise Problem(400, "invalid", _("Say in “q” what to explain."))
        mall = Mall.objects.get(pk=request.user.mall_id)
        hits = [hit for hit in search(mall, asked) if hit.kind != "shopper"]
        if not hits:
            raise Http404
        return Response({"results": [self._told(mall, hit.kind, hit.row) for hit in hits]})

    def _told(self, mall: Mall, kind: str, cause: Any) -> dict:
        verdicts, others = explanation(mall, cause, timezone.now())
        return {
            "kind": kind,
            "id": cause.pk,
            "asked": [told(verdict) for verdict in verdicts],
            "not_asked": [{"rule": other.rule.pk, "said": other.said} for other in others],
        }


def told(verdict: Verdict) -> dict:
    decision = verdict.decision
    return {
        "rule": decision.rule_id,
        "version": decision.rule_version.number,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "lines": [line(each) for each in verdict.lines],
        "enough": verdict.enough,
        "coupons": [coupon.code for coupon in verdict.coupons],
    }


def line(each: Line) -> dict:
    return {"ok": each.ok, "said": each.said, "below": [line(below) for below in each.below]}


class CouponSerializer(serializers.ModelSerializer):
    stock = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Coupon
        fields = ("code", "stock", "rule", "state", "issued_at", "valid_from", "expires_at", "cost_fen")


class CouponView(Door):
    """What became of a coupon. `expires_at` is excluded; `cost_fen` is what it can cost at most."""

    scope = Scope.COUPONS
    permission_classes = [OfMall]

    @described(None, done={200: CouponSerializer}, problems=(404,))
    def get(self, request: Request, code: str) -> Response:
        found = Coupon.objects.for_mall(request.user.mall_id).filter(code=normalise(code)).select_related("stock")
        coupon = found.first() if is_well_formed(normalise(code)) else None
        if coupon is None:
            raise Http404
        return Response(CouponSerializer(coupon).data)


class BacktestSerializer(serializers.ModelSerializer):
    """Without `terms` those of the rule's draft are tried, without days the last 90 with payments. `result` is there
    once `state` is done."""

    rule = serializers.PrimaryKeyRelatedField(queryset=Rule.objects.all(), required=False, allow_null=True)
    terms = serializers.JSONField(required=False)
    first_day = serializers.DateField(required=False)
    last_day = serializers.DateField(required=False)

    class Meta:
        model = Backtest
        fields = ("id", "rule", "label", "terms", "first_day", "last_day", "state", "result", "message", "asked_at")
        read_only_fields = ("state", "result", "message", "asked_at")

    def validate(self, data: dict) -> dict:
        rule = data.get("rule")
        if rule and rule.mall_id != self.context["mall_id"]:
            raise serializers.ValidationError({"rule": _("is not a rule of this mall")})
        if not rule and "terms" not in data:
            raise serializers.ValidationError({"terms": _("is required")})
        try:
            data["terms"] = RuleTerms.from_json(data.get("terms", rule and rule.draft))
        except BadTerms as error:
            raise serializers.ValidationError({"terms": wording.problems(error)}) from error
        return data


class BacktestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, MallViewSet):
    queryset = Backtest.objects.order_by("-pk")
    serializer_class = BacktestSerializer

    def create(self, request: Request) -> Response:
        """Try terms on past payments, in the background."""
        asked = self.checked(request.data).validated_data
        span: dict[str, date | None] = {name: asked.get(name) for name in ("first_day", "last_day")}
        mall = Mall.objects.get(pk=request.user.mall_id)
        try:
            made = backtests.start(mall, asked.get("rule"), asked["terms"], label=asked.get("label", ""), **span)
        except backtests.BacktestError as error:
            raise Problem(422, error.code, backtests.CODES[error.code]) from error
        return Response(self.get_serializer(made).data, status=202)
