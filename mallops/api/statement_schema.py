"""How statements, their lines and entries are written by API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from settlements.models import Statement, StatementLine
from settlements.queries.statements import line_rows


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
        return LineSerializer(line_rows(statement), many=True).data


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
