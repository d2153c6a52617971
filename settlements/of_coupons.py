"""What coupons post to the settlement ledger, live and afterwards by the same statements.

- issued: what each payer can be asked for at most, from its commitment to the coupons outstanding;
- redeemed: that back, and the discount from each payer's cost to the merchant that gave it;
- undone: the opposite of both; expired or revoked: the opposite of the issue.

An opposite is read from the entries it undoes, so that it never differs from them; where there are none (yet), it is
nothing, and `backfill` makes up for it. The mall's directory says who keeps a store, rule versions who pays.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, models

from coupons import funding, rulebooks
from coupons.engine.terms import RuleTerms
from coupons.issuing import Issued
from coupons.models import Coupon, CouponClosure, Redemption, Reversal, RuleVersion
from coupons.redeeming import Redeemed, Undone
from mallops.lib.cache import by_revision
from mallops.lib.money import split_fen
from mallops.lib.sql import Writes, is_any
from merchants.queries.directory import Directory

from . import accounts, books, posting
from .accounts import Key, of_payer
from .models import Books, Entry, EntryKind
from .posting import COLUMNS, Line

OUTSTANDING = Key("outstanding")
Award = tuple[int, int, int]  # version, stock, cost of a coupon at most (fen)
Statement = tuple[str, list[Any]]  # SQL and its parameters


class Opposite(NamedTuple):
    """Entries of a kind, from rows of `source`, undo those of another kind, whose source its `column` names."""

    kind: str
    source: type[models.Model]
    undoes: str
    column: str


RELEASE = Opposite(EntryKind.RELEASE, Redemption, EntryKind.ISSUE, "coupon_id")
EXPIRY = Opposite(EntryKind.EXPIRY, CouponClosure, EntryKind.ISSUE, "coupon_id")
REVERSAL = Opposite(EntryKind.REVERSAL, Reversal, EntryKind.REDEMPTION, "redemption_id")
RENEWAL = Opposite(EntryKind.RENEWAL, Reversal, EntryKind.RELEASE, "redemption_id")


def issued(directory: Directory, coupons: Sequence[Issued], writes: Writes, *, now: datetime) -> None:
    """Post coupons that `writes` issues in this transaction."""
    if not coupons:
        return
    book = rulebooks.current(directory)
    awards = {
        (book.rulebook.by_id[coupon.rule_id].version_id, coupon.stock_id, book.specs[coupon.stock_id].cost_fen)
        for coupon in coupons
    }
    which = is_any("c.code", [coupon.code for coupon in coupons])
    writes.run(*issue_statement(directory, awards, which[0], [which[1]], now=now))


def redeemed(directory: Directory, use: Redeemed, writes: Writes, *, now: datetime) -> None:
    """Post a redemption. A coupon closed before its use became known is not outstanding any more."""
    redemption = use.redemption
    coupon = redemption.coupon
    lines = cost_lines(
        directory, redemption.pk, coupon.pk, coupon.rule_id, coupon.rule_version_id, coupon.stock_id,
        redemption.store_id, redemption.discount_fen, redemption.day,
    )  # fmt: skip
    posting.post(directory, lines, now=now)
    if use.closure is None:
        writes.run(*opposite_statement(directory.mall_id, RELEASE, "s.id = %s", [redemption.pk], now=now))


def undone(directory: Directory, reversals: Sequence[Undone], writes: Writes, *, now: datetime) -> None:
    """Post redemptions undone. Where the coupon is closed, there was no release, and so there is no renewal."""
    ids = [undone.reversal.pk for undone in reversals]
    for opposite in (REVERSAL, RENEWAL) if ids else ():
        writes.run(*opposite_statement(directory.mall_id, opposite, *_among("s.id", ids), now=now))


def closed(directory: Directory, coupons: Sequence[Coupon], writes: Writes, *, now: datetime) -> None:
    """Post coupons expired or revoked."""
    if coupons:
        which = _among("s.coupon_id", [coupon.pk for coupon in coupons])
        writes.run(*opposite_statement(directory.mall_id, EXPIRY, *which, now=now))


def cost_lines(
    directory: Directory,
    redemption_id: int,
    coupon_id: int,
    rule_id: int,
    version_id: int,
    stock_id: int,
    store_id: int,
    discount_fen: int,
    day: date,
) -> list[Line]:
    """Who pays how much (fen) of a redemption's discount, to the merchant of the store."""
    to = Key("reimbursement", directory.by_id[store_id].merchant_id)
    because = {"store_id": store_id, "rule_id": rule_id, "coupon_id": coupon_id}
    return [
        Line(EntryKind.REDEMPTION, redemption_id, of_payer("cost", payer), to, fen, day, line, **because)
        for line, (payer, fen) in enumerate(split(directory, version_id, stock_id, discount_fen))
    ]


def split(directory: Directory, version_id: int, stock_id: int, fen: int) -> list[tuple[int, int]]:
    """Payers and what each pays of so many fen, exactly (largest remainder, see `split_fen`)."""
    payers, weights = zip(*shares(directory, version_id, stock_id), strict=True)
    return list(zip(payers, split_fen(fen, weights), strict=True))


def shares(directory: Directory, version_id: int, stock_id: int) -> funding.Shares:
    """`funding.shares` under a rule version, which never changes. Kept until the mall's revision moves on."""
    kept = _kept(directory.mall_id, directory.revision)
    found = kept.get((version_id, stock_id))
    if found is None:
        terms = RuleTerms.from_json(RuleVersion.objects.values_list("terms", flat=True).get(pk=version_id))
        stock = rulebooks.current(directory).stocks[stock_id]
        found = kept[version_id, stock_id] = funding.shares(terms, stock)
    return found


@by_revision
def _kept(mall_id: int, revision: int) -> dict[tuple[int, int], funding.Shares]:
    return {}


def issue_statement(
    directory: Directory, awards: Iterable[Award], which: str, parameters: Sequence[Any], *, now: datetime
) -> Statement:
    """One INSERT of the commitments for coupons `c` of some awards."""
    parts = issue_parts(directory, awards)
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(parts))
    sql = (
        f"INSERT INTO {Entry._meta.db_table} ({', '.join(COLUMNS)})"
        f" WITH part (version, stock, line, debit, amount_fen) AS (VALUES {values})"
        " SELECT c.mall_id, %s, c.id, part.line, part.debit, %s, part.amount_fen, c.day,"
        f" {books.month_sql('c.day')}, c.store_id, c.rule_id, c.id, '', %s"
        f" FROM {Coupon._meta.db_table} c"
        " JOIN part ON part.version = c.rule_version_id AND part.stock = c.stock_id"
        f" JOIN {Books._meta.db_table} b ON b.mall_id = c.mall_id"
        f" WHERE c.mall_id = %s AND part.amount_fen > 0 AND {which} {books.held()} ON CONFLICT DO NOTHING"
    )
    outstanding = accounts.ids(directory, [OUTSTANDING])[OUTSTANDING]
    return sql, [
        *(value for part in parts for value in part), EntryKind.ISSUE.value, outstanding, _written(now),
        directory.mall_id, *parameters,
    ]  # fmt: skip


def issue_parts(directory: Directory, awards: Iterable[Award]) -> list[tuple[int, int, int, int, int]]:
    """Version, stock, line, account of the payer and amount, of what coupons of these awards are posted as."""
    lines = [
        (version, stock, line, of_payer("commitment", payer), fen)
        for version, stock, cost_fen in sorted(awards)
        for line, (payer, fen) in enumerate(split(directory, version, stock, cost_fen))
    ]
    ids: Mapping[Key, int] = accounts.ids(directory, [OUTSTANDING, *(line[3] for line in lines)])
    return [(version, stock, line, ids[key], fen) for version, stock, line, key, fen in lines]


def opposite_statement(
    mall_id: int, opposite: Opposite, which: str, parameters: Sequence[Any], *, now: datetime
) -> Statement:
    """One INSERT of the opposites of entries `e`, because of some rows `s` of the opposite's source."""
    sql = (
        f"INSERT INTO {Entry._meta.db_table} ({', '.join(COLUMNS)})"
        " SELECT s.mall_id, %s, s.id, e.line, e.credit_id, e.debit_id, e.amount_fen, s.day,"
        f" {books.month_sql('s.day')}, e.store_id, e.rule_id, e.coupon_id, '', %s"
        f" FROM {opposite.source._meta.db_table} s"
        f" JOIN {Entry._meta.db_table} e"
        f" ON e.mall_id = s.mall_id AND e.kind = %s AND e.source_id = s.{opposite.column}"
        f" JOIN {Books._meta.db_table} b ON b.mall_id = s.mall_id"
        f" WHERE s.mall_id = %s AND {which} {books.held()} ON CONFLICT DO NOTHING"
    )
    return sql, [str(opposite.kind), _written(now), str(opposite.undoes), mall_id, *parameters]


def _among(column: str, ids: Sequence[int]) -> tuple[str, list[int]]:
    return f"{column} IN ({', '.join(['%s'] * len(ids))})", list(ids)


def _written(now: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(now)
