"""What coupons post to the settlement ledger.

- issued: what each payer can be asked for at most, from its commitment to the coupons outstanding;
- redeemed: that back, and the discount from each payer's cost to the merchant that gave it;
- undone: the opposite of both; expired or revoked: the opposite of the issue.

Who pays is what the rule version says that issued the coupon, who is paid the merchant of the store.
"""

from collections.abc import Sequence
from datetime import date, datetime

from coupons import funding, rulebooks
from coupons.engine.terms import RuleTerms
from coupons.issuing import Issued
from coupons.models import Coupon, RuleVersion
from coupons.redeeming import Redeemed, Undone
from mallops.lib.cache import by_revision
from mallops.lib.money import split_fen
from mallops.lib.sql import Writes
from merchants.queries.directory import Directory

from . import opposites, posting
from .accounts import Key, of_payer
from .models import EntryKind
from .opposites import EXPIRY, RELEASE, RENEWAL, REVERSAL
from .posting import Line

OUTSTANDING = Key("outstanding")


def issued(directory: Directory, coupons: Sequence[Issued], writes: Writes, *, now: datetime) -> None:
    """Post coupons that `writes` issues in this transaction, on the day of `now`."""
    if not coupons:
        return
    book, day = rulebooks.current(directory), directory.clock.day_hour(now)[0]
    lines = [
        line
        for coupon in coupons
        for line in issue_lines(
            directory, coupon.id, coupon.rule_id, book.rulebook.by_id[coupon.rule_id].version_id, coupon.stock_id,
            coupon.store_id, book.specs[coupon.stock_id].cost_fen, day,
        )
    ]  # fmt: skip
    posting.add(directory, lines, writes, now=now)


def redeemed(directory: Directory, use: Redeemed, writes: Writes, *, now: datetime) -> None:
    """Post a redemption. A coupon closed before its use became known is not outstanding any more."""
    redemption = use.redemption
    coupon = redemption.coupon
    lines = cost_lines(
        directory, redemption.pk, coupon.pk, coupon.rule_id, coupon.rule_version_id, coupon.stock_id,
        redemption.store_id, redemption.discount_fen, redemption.day,
    )  # fmt: skip
    posting.add(directory, lines, writes, now=now)
    if use.closure is None:
        writes.run(*opposites.among(directory.mall_id, RELEASE, "id", [redemption.pk], now=now))


def undone(directory: Directory, reversals: Sequence[Undone], writes: Writes, *, now: datetime) -> None:
    """Post redemptions undone. Where the coupon is closed, there was no release, and so there is no renewal."""
    ids = [undone.reversal.pk for undone in reversals]
    for opposite in (REVERSAL, RENEWAL) if ids else ():
        writes.run(*opposites.among(directory.mall_id, opposite, "id", ids, now=now))


def closed(directory: Directory, coupons: Sequence[Coupon], writes: Writes, *, now: datetime) -> None:
    """Post coupons expired or revoked."""
    if coupons:
        ids = [coupon.pk for coupon in coupons]
        writes.run(*opposites.among(directory.mall_id, EXPIRY, "coupon_id", ids, now=now))


def issue_lines(
    directory: Directory,
    coupon_id: int,
    rule_id: int,
    version_id: int,
    stock_id: int,
    store_id: int,
    cost_fen: int,
    day: date,
) -> list[Line]:
    """What a coupon can cost each payer at most (fen)."""
    return [
        Line(EntryKind.ISSUE.value, coupon_id, of_payer("commitment", payer), OUTSTANDING, fen, day, line, store_id,
             rule_id, coupon_id)
        for line, (payer, fen) in enumerate(split(directory, version_id, stock_id, cost_fen))
    ]  # fmt: skip


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
    return [
        Line(EntryKind.REDEMPTION.value, redemption_id, of_payer("cost", payer), to, fen, day, line, store_id, rule_id,
             coupon_id)
        for line, (payer, fen) in enumerate(split(directory, version_id, stock_id, discount_fen))
    ]  # fmt: skip


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
