"""GET /statements, /statements/<id> and /statements/<id>/entries."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.choices import Scope
from merchants.models import ServiceProvider
from settlements.models import Statement
from settlements.models.statements import StatementState
from settlements.queries import statements as queries
from settlements.tables.statements import coupon_tail, order_of

from .base import Door, Pages, Scoped
from .problems import invalid
from .schema import ProblemDetails
from .statement_schema import EntryPage, StatementPage, StatementSerializer, StatementWithLines


class OfParty(Scoped):
    """The mall's key for all its stores, or a provider's key: a statement is about all stores of its party."""

    message = _("This needs a key of the mall for all its stores, or of a service provider, with this scope.")

    def has_permission(self, request, view) -> bool:
        caller = request.user
        return super().has_permission(request, view) and (caller.provider_id is not None or caller.reach is None)


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
