"""Proof of statements: each is the sum of the entries of its month, line by line. Lines of `manage.py check_ledger`."""

from collections.abc import Iterator
from datetime import date

from merchants.models import Mall

from .figures import Figure, by_party
from .models import ClosedMonth, Statement, StatementLine


def problems(mall: Mall) -> Iterator[str]:
    """One line for each disagreement between statements and the entries of closed months; none if all is well."""
    for month in ClosedMonth.objects.filter(mall=mall).order_by("month").values_list("month", flat=True):
        yield from _of_month(mall, month)


def _of_month(mall: Mall, month: date) -> Iterator[str]:
    wanted = by_party(mall, month)
    found = {(row.merchant_id, row.provider_id): row for row in Statement.objects.for_mall(mall).filter(month=month)}
    lines = _lines(mall, month)
    for party in sorted(wanted.keys() | found.keys(), key=str):
        name = f"statement {month:%Y-%m} of {'merchant' if party[0] else 'provider'} {party[0] or party[1]}"
        if party not in found:
            yield f"{name}: is missing"
            continue
        should = [_row(figure) for figure in wanted.get(party, [])]
        said = lines.get(found[party].pk, [])
        if said != should:
            yield f"{name}: its lines are not the sums of the entries"
        if found[party].total_fen != sum(row[-1] for row in should):
            yield f"{name}: says {found[party].total_fen} fen, its entries {sum(row[-1] for row in should)}"


def _row(figure: Figure) -> tuple:
    return figure.account.pk, figure.kind, figure.store_id, figure.rule_id, figure.count, figure.amount_fen


def _lines(mall: Mall, month: date) -> dict[int, list[tuple]]:
    """By statement, in their order."""
    rows = StatementLine.objects.for_mall(mall).filter(statement__month=month).order_by("position")
    found: dict[int, list[tuple]] = {}
    columns = ("account", "kind", "store", "rule", "count", "amount_fen")
    for statement, *row in rows.values_list("statement", *columns).iterator(2_000):
        found.setdefault(statement, []).append(tuple(row))
    return found
