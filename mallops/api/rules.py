"""Rules: list, make, change the draft, take the steps of their life."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Consent, Rule, RuleVersion
from coupons.services import rules as services
from merchants.models import Mall

from . import terms as wording
from .base import MallViewSet
from .problems import Problem
from .schema import described

STEPS = ("propose", "launch", "pause", "resume", "end")


class VersionSerializer(serializers.ModelSerializer):
    class Meta:
        model = RuleVersion
        fields = ("number", "published_at", "launched_at", "terms")


class ConsentSerializer(serializers.ModelSerializer):
    """Of a merchant or of a service provider: the other of the two is null."""

    merchant = serializers.SlugRelatedField("code", read_only=True)
    provider = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Consent
        fields = ("merchant", "provider", "state", "share_bp", "cost_fen", "reason", "answered_at")


@extend_schema_field(wording.SCHEMA)
class TermsField(serializers.JSONField):
    """The terms of a rule; all of them are checked at once."""

    def to_internal_value(self, data: Any) -> RuleTerms:
        try:
            return RuleTerms.from_json(data)
        except BadTerms as error:
            raise serializers.ValidationError(wording.problems(error)) from error


class RuleSerializer(serializers.ModelSerializer):
    """`draft` are the terms being edited, `version` what runs, `proposed` what waits for consent."""

    draft = TermsField()
    version = VersionSerializer(read_only=True)
    proposed = VersionSerializer(read_only=True)
    consents = serializers.SerializerMethodField()

    class Meta:
        model = Rule
        fields = ("id", "name_zh", "name_en", "state", "draft", "version", "proposed", "consents")
        read_only_fields = ("state",)

    @extend_schema_field(ConsentSerializer(many=True))
    def get_consents(self, rule: Rule) -> list[dict]:
        version = rule.proposed or rule.version
        return ConsentSerializer(version.consents.all() if version else (), many=True).data

    def validate(self, data: dict) -> dict:
        names = {name: data.get(name, getattr(self.instance, name, "")) for name in ("name_zh", "name_en")}
        if not any(names.values()):
            raise serializers.ValidationError({"name_en": _("Give a name in at least one language.")})
        return data | names


class RuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, MallViewSet):
    queryset = (
        Rule.objects.select_related("version", "proposed")
        .prefetch_related(
            *(f"{at}__consents__{of}" for at in ("version", "proposed") for of in ("merchant", "provider"))
        )
        .order_by("pk")
    )
    serializer_class = RuleSerializer

    def create(self, request: Request) -> Response:
        return Response(self._save(None, self.checked(request.data)), status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the draft; what runs stays as it is until the draft is proposed and launched."""
        rule = self.get_object()
        return Response(self._save(rule, self.checked(request.data, instance=rule, partial=True)))

    @described(None, done={200: RuleSerializer}, problems=(404, 409), name="rules_step")
    def step(self, request: Request, pk: str, step: str) -> Response:
        """Take a step: `propose` the draft to all concerned, `launch` it once they agree, `pause`, `resume`,
        `end`."""
        if step not in STEPS:
            raise Http404
        rule = self.get_object()
        timed = {"now": timezone.now()} if step in ("propose", "launch") else {}
        with refusals():
            getattr(services, step)(rule=rule, by=None, **timed)
        return Response(self.get_serializer(self.get_object()).data)

    def _save(self, rule: Rule | None, checked: RuleSerializer) -> dict:
        values = checked.validated_data
        terms = values.get("draft") or RuleTerms.from_json(rule.draft)
        names = {name: values[name] for name in ("name_zh", "name_en")}
        with refusals():
            mall = Mall.objects.get(pk=self.request.user.mall_id)
            kept = services.save_draft(mall=mall, rule=rule, terms=terms, by=None, **names)
        return self.get_serializer(self.get_queryset().get(pk=kept.pk)).data


@contextmanager
def refusals() -> Iterator[None]:
    """Steps that cannot be taken become a 409 that names each reason."""
    try:
        yield
    except services.RuleError as error:
        errors = [{"field": code, "message": ", ".join(map(str, about))} for code, about in error.problems]
        raise Problem(409, error.problems[0][0], _("The rule cannot take this step."), errors=errors) from error
