"""GET /statements, /statements/<id> and /statements/<id>/entries."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.choices import Scope
from merchants.models import ServiceProvider
from settlements.models import Statement, StatementLine
from settlements.models.statements import StatementState
from settlements.queries import statements as queries
from settlements.tables.statements import coupon_tail, order_of

from .base import Door, Pages, Scoped
from .problems import invalid
from .schema import ProblemDetails


class OfParty(Scoped):
    """The mall's key for all its stores, or a provider's key: a statement is about all stores of its party."""

    message = _("This needs a key of the mall for all its stores, or of a service provider, with this scope.")

    def has_permission(self, request, view) -> bool:
        caller = request.user
        return super().has_permission(request, view) and (caller.provider_id is not None or caller.reach is None)


class LineSerializer(serializers.ModelSerializer):
    """Entries of one kind, by store and rule. Above zero in favour of the party."""

    group = serializers.CharField(source="account.kind", help_text="reimbursement, cost, rebate or adjustment.")
    store = serializers.CharField(source="store.code", default=None, help_text="Code of the store.")

    class Meta:
        model = StatementLine
        fields = ("position", "group", "kind", "store", "rule", "count", "amount_fen", "disputed_at", "settled_at")


class StatementSerializer(serializers.ModelSerializer):
    """`total_fen` above zero is owed by the mall to the party, below zero by the party to the mall."""

    month = serializers.DateField(format="%Y-%m", help_text="YYYY-MM.")
    party = serializers.ChoiceField(["merchant", "provider"], source="side")
    code = serializers.CharField(source="party.code", help_text="Code of the merchant or provider.")
    name = serializers.CharField(source="party.name")
    state = serializers.CharField(help_text="draft, issued, disputed, closed (agreed) or paid.")
    agreed_at = serializers.DateTimeField(source="closed_at")

    class Meta:
        model = Statement
        fields = (
            "id", "month", "party", "code", "name", "state", "total_fen", "made_at", "issued_at", "agreed_at",
            "paid_at", "payment_reference",
        )  # fmt: skip


class StatementWithLines(StatementSerializer):
    lines = serializers.SerializerMethodField()

    class Meta(StatementSerializer.Meta):
        fields = (*StatementSerializer.Meta.fields, "lines")

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, statement: Statement) -> list[dict[str, Any]]:
        return LineSerializer(queries.line_rows(statement), many=True).data


class EntrySerializer(serializers.Serializer):
    """`line` is the position of the line it belongs to; `order_fen` is told of the party's own stores."""

    id = serializers.IntegerField()
    line = serializers.IntegerField()
    day = serializers.DateField()
    coupon = serializers.CharField(allow_null=True, help_text="The end of its code.")
    order_fen = serializers.IntegerField(allow_null=True)
    amount_fen = serializers.IntegerField(help_text="What it adds to the line.")
    note = serializers.CharField()


class Paged(serializers.Serializer):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class StatementPage(Paged):
    results = StatementSerializer(many=True)


class EntryPage(Paged):
    results = EntrySerializer(many=True)


REFUSED = dict.fromkeys((400, 401, 403), ProblemDetails)
PAGED = [OpenApiParameter("limit", int), OpenApiParameter("offset", int)]


class Statements(Door):
    """What a key may read: a mall's all statements, a provider's those issued to the provider."""

    scope = Scope.STATEMENTS
    permission_classes = [OfParty]

    def rows(self) -> QuerySet[Statement]:
        caller = self.request.user
        if caller.provider_id is None:
            return queries.statement_rows(caller.mall_id)
        return queries.own_statements(ServiceProvider.objects.select_related("mall").get(pk=caller.provider_id))

    def statement(self, pk: int) -> Statement:
        return get_object_or_404(self.rows(), pk=pk)

    def paged(self, rows: Any, write) -> Response:
        pages = Pages()
        return pages.get_paginated_response(write(pages.paginate_queryset(rows, self.request, self)))


class StatementList(Statements):
    """Statements, the newest month first; `month` and `state` narrow them down."""

    @extend_schema(
        operation_id="statements_list",
        parameters=[OpenApiParameter("month", str, description="YYYY-MM."), OpenApiParameter("state", str), *PAGED],
        responses={200: StatementPage, **REFUSED},
    )
    def get(self, request: Request) -> Response:
        rows = self.rows().filter(**narrowed(request.query_params))
        return self.paged(rows, lambda page: StatementSerializer(page, many=True).data)


class StatementView(Statements):
    """One statement with its lines."""

    @extend_schema(responses={200: StatementWithLines, **REFUSED, 404: ProblemDetails})
    def get(self, request: Request, pk: int) -> Response:
        return Response(StatementWithLines(self.statement(pk)).data)


class EntryList(Statements):
    """The entries that the lines are the sums of, line by line; `line` asks for those of one."""

    @extend_schema(
        operation_id="statement_entries_list",
        parameters=[OpenApiParameter("line", int), *PAGED],
        responses={200: EntryPage, **REFUSED, 404: ProblemDetails},
    )
    def get(self, request: Request, pk: int) -> Response:
        statement = self.statement(pk)
        lines = list(queries.line_rows(statement))
        if "line" in request.query_params:
            asked = request.query_params["line"]
            lines = [line for line in lines if str(line.position) == asked]
            if not lines:
                raise invalid([{"field": "line", "message": _("The statement has no such line.")}])
        return self.paged(queries.EveryEntry(statement, lines), lambda page: written(statement, page))


def narrowed(asked) -> dict[str, Any]:
    """Conditions from the address. Raises Problem naming what cannot be read."""
    found: dict[str, Any] = {}
    if month := asked.get("month"):
        found["month"] = first_day(month)
    if state := asked.get("state"):
        if state not in StatementState:
            message = _("takes one of %(states)s") % {"states": ", ".join(StatementState.values)}
            raise invalid([{"field": "state", "message": message}])
        found["state"] = state
    return found


def first_day(month: str) -> date:
    try:
        return datetime.strptime(month, "%Y-%m").date()
    except ValueError as error:
        raise invalid([{"field": "month", "message": _("takes a month such as 2026-03")}]) from error


def written(statement: Statement, page) -> list[dict[str, Any]]:
    order = order_of(statement.party)
    return [
        {
            "id": entry.pk,
            "line": line.position,
            "day": entry.day,
            "coupon": coupon_tail(entry),
            "order_fen": order(entry),
            "amount_fen": entry.signed_fen,
            "note": entry.note,
        }
        for line, entry in page
    ]
