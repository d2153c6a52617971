"""Statements, their lines, and the entries that each line is the sum of."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import BigIntegerField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from coupons.models import Redemption, Reversal
from merchants.models import AuditEntry, Mall, Merchant, ServiceProvider
from merchants.services.members import kind_of
from settlements.models import Account, Accrual, Entry, EntryKind, LineMessage, Statement, StatementLine
from settlements.models.statements import StatementState

Party = Merchant | ServiceProvider
OF_ACCRUALS = (EntryKind.ACCRUAL, EntryKind.MATURITY, EntryKind.CLAWBACK)
AT_ONCE = 2_000


def statement_rows(mall: Mall | int) -> QuerySet[Statement]:
    rows = Statement.objects.for_mall(mall).select_related("mall", "merchant", "provider", "closed_by", "paid_by")
    return rows.order_by("-month", "merchant__code", "provider__code")


def mall_statements(
    mall: Mall, *, month: date | None = None, state: str = "", party: str = "", search: str = ""
) -> QuerySet[Statement]:
    """All statements of a mall, the newest first: of a month (its first day), in a state, of merchants or providers
    (`party` is "merchant" or "provider"), of those with a name or a code like `search`."""
    rows = statement_rows(mall)
    if month:
        rows = rows.filter(month=month)
    if state:
        rows = rows.filter(state=state)
    if party:
        rows = rows.filter(**{f"{party}__isnull": False})
    if search:
        names = [f"{kind}__{name}__icontains" for kind in ("merchant", "provider")
                 for name in ("code", "name_zh", "name_en")]  # fmt: skip
        rows = rows.filter(Q(*((name, search) for name in names), _connector=Q.OR))
    return rows


def own_statements(party: Party) -> QuerySet[Statement]:
    """Those that a party may read: its own, once they are issued."""
    return statement_rows(party.mall).filter(**of_party(party)).exclude(state=StatementState.DRAFT)


def of_party(party: Party) -> dict[str, Party]:
    return {kind_of(party): party}


def asked(party: Party) -> QuerySet[Statement]:
    """What waits for the answer of a party: statements issued to it."""
    return Statement.objects.for_mall(party.mall_id).filter(state=StatementState.ISSUED, **of_party(party))


def disputed_lines(mall: Mall) -> QuerySet[StatementLine]:
    """What waits for the answer of the mall: lines that a party finds wrong."""
    disputed = Statement.objects.for_mall(mall).filter(state=StatementState.DISPUTED)
    lines = StatementLine.objects.for_mall(mall).filter(statement__in=disputed.values("pk"))
    return lines.filter(disputed_at__isnull=False, settled_at=None)


def months_with(rows: QuerySet[Statement]) -> list[date]:
    """The first days of the months of statements, the newest first."""
    return list(rows.order_by("-month").values_list("month", flat=True).distinct())


class Totals(NamedTuple):
    """How many statements, what the mall owes on them and what is owed to it (fen, both 0 or more); how many of them
    are drafts, disputed, and agreed but not paid."""

    count: int
    owed_fen: int
    due_fen: int
    drafts: int
    disputed: int
    agreed: int


def totals(rows: QuerySet[Statement]) -> Totals:
    states = {"drafts": StatementState.DRAFT, "disputed": StatementState.DISPUTED, "agreed": StatementState.CLOSED}
    sums = rows.order_by().aggregate(
        count=Count("pk"),
        owed_fen=Coalesce(Sum("total_fen", filter=Q(total_fen__gt=0)), 0),
        due_fen=-Coalesce(Sum("total_fen", filter=Q(total_fen__lt=0)), 0),
        **{name: Count("pk", filter=Q(state=state)) for name, state in states.items()},
    )
    return Totals(**sums)


def line_rows(statement: Statement) -> QuerySet[StatementLine]:
    """Its lines in their order, each with its account, store and rule."""
    rows = StatementLine.objects.for_mall(statement.mall_id).filter(statement=statement)
    return rows.select_related("account", "store", "rule").order_by("position")


def messages_of(line: StatementLine) -> QuerySet[LineMessage]:
    rows = LineMessage.objects.for_mall(line.mall_id).filter(line=line)
    return rows.select_related("by").order_by("at", "pk")


def history_of(statement: Statement) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(object_type=Statement._meta.label, object_id=str(statement.pk))
    return entries.filter(mall=statement.mall_id).select_related("actor").order_by("-at", "-pk")


def entries_behind(
    mall: Mall | int, month: date, account: Account, kind: str, store_id: int | None, rule_id: int | None
) -> QuerySet[Entry]:
    """The entries that a line is the sum of, in the order of days. Each has `signed_fen`, what it adds to the line;
    `redemption_id`, what it came of, if that is a redemption; `undone`; and `order_fen`, the order it was used on."""
    entries = Entry.objects.for_mall(mall).filter(
        Q(debit=account) | Q(credit=account), month=month, kind=kind, store=store_id, rule=rule_id
    )
    evidence = Redemption.objects.filter(mall=OuterRef("mall"), pk=OuterRef("redemption_id"))
    undone = Reversal.objects.filter(mall=OuterRef("mall"), redemption=OuterRef("redemption_id"))
    return (
        entries.annotate(
            signed_fen=Case(When(credit=account, then=F("amount_fen")), default=-F("amount_fen")),
            redemption_id=_redemption_id(),
        )
        .annotate(order_fen=Subquery(evidence.values("order_fen")), undone=Exists(undone))
        .select_related("store", "rule", "coupon")
        .order_by("day", "pk")
    )


def _redemption_id() -> Case:
    """Which redemption an entry came of: its source, or what its source is about."""
    source = {"mall": OuterRef("mall"), "pk": OuterRef("source_id")}
    return Case(
        When(kind=EntryKind.REDEMPTION, then=F("source_id")),
        When(kind=EntryKind.REVERSAL, then=Subquery(Reversal.objects.filter(**source).values("redemption"))),
        When(kind__in=OF_ACCRUALS, then=Subquery(Accrual.objects.filter(**source).values("redemption"))),
        output_field=BigIntegerField(),
    )


def entries_of(line: StatementLine, statement: Statement) -> QuerySet[Entry]:
    where = (line.account, line.kind, line.store_id, line.rule_id)
    return entries_behind(statement.mall_id, statement.month, *where)


def entries_of_all(statement: Statement, lines: Iterable[StatementLine]) -> Iterator[tuple[StatementLine, Entry]]:
    """Every entry of every line, some in memory at a time."""
    for line in lines:
        for entry in entries_of(line, statement).iterator(AT_ONCE):
            yield line, entry


class EveryEntry:
    """The entries of lines, one line after the other, of which a part is read without those before it."""

    def __init__(self, statement: Statement, lines: Sequence[StatementLine]) -> None:
        self.statement, self.lines = statement, lines

    def __len__(self) -> int:
        return sum(line.count for line in self.lines)

    def __getitem__(self, part: slice) -> list[tuple[StatementLine, Entry]]:
        found: list[tuple[StatementLine, Entry]] = []
        start, stop = part.start, part.stop
        for line in self.lines:
            if start < line.count and stop > 0:
                entries = entries_of(line, self.statement)[max(start, 0) : stop]
                found += [(line, entry) for entry in entries]
            start, stop = start - line.count, stop - line.count
        return found
