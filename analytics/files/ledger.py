"""The ledger itself as CSV, line by line as the database gives it: memory does not grow with the number of lines.

Columns that a door for files takes (mallops/imports) have the door's names, so that such a file can be imported again.
Amounts in yuan; moments by the mall's clock, with their offset. Never in the file: who a shopper is, and the code of a
coupon that could still be used.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from coupons.models import Coupon, Redemption
from coupons.models.coupon import CouponState
from mallops.lib.csvio import csv_lines
from mallops.lib.dates import Period, day_start
from mallops.lib.facts import Fact
from mallops.lib.money import yuan
from merchants.models import Mall, Store
from payments.models import Payment, Refund

AT_ONCE = 2_000  # lines fetched at a time


@dataclass(frozen=True, slots=True)
class LedgerColumn:
    """`source` is the field; `kind` how its values are written."""

    name: str
    help: Any
    source: str
    kind: str = "text"  # text, money, moment, store, or code (with the coupon's state after it)


@dataclass(frozen=True, slots=True)
class Ledger:
    """One kind of line: where it is kept, by which moment it is counted, and its columns. Those of `inside` are for
    the mall alone."""

    label: Any
    model: type[Fact]
    moment: str
    columns: Sequence[LedgerColumn]
    inside: frozenset[str] = field(default_factory=frozenset)
    by_store: bool = True  # has an index by store and moment: read store by store, in the order of time

    def shown(self, whole: bool) -> list[LedgerColumn]:
        return [column for column in self.columns if whole or column.name not in self.inside]


STORE = LedgerColumn("store", _("Code of the store."), "store_id", "store")
CHANNEL = LedgerColumn("channel", _("wechat, alipay, unionpay, card, cash or other."), "channel")
AMOUNT = LedgerColumn("amount", _("In the mall's currency, two decimals."), "amount_fen", "money")
SHOPPER = LedgerColumn(
    "shopper_number", _("A number for each shopper; it says nothing about the person."), "shopper_id"
)
CODE = LedgerColumn("coupon", _("The code of a coupon that is used or over; of others the end alone."), "", "code")

LEDGERS: dict[str, Ledger] = {
    "payments": Ledger(_("Payments"), Payment, "paid_at", (
        STORE, CHANNEL,
        LedgerColumn("transaction_id", _("The channel's number of the payment."), "transaction_id"),
        AMOUNT,
        LedgerColumn("paid_at", _("When it was paid."), "paid_at", "moment"),
        LedgerColumn("refunded", _("How much of it was given back."), "refunded_fen", "money"),
        SHOPPER,
        LedgerColumn("source", _("The door it came through."), "source"),
    ), frozenset({"shopper_number", "source"})),
    "refunds": Ledger(_("Refunds"), Refund, "refunded_at", (
        CHANNEL,
        LedgerColumn("transaction_id", _("The channel's number of the payment."), "payment__transaction_id"),
        LedgerColumn("refund_id", _("The channel's number of the refund."), "refund_id"),
        AMOUNT,
        LedgerColumn("refunded_at", _("When it was given back."), "refunded_at", "moment"),
        STORE,
        LedgerColumn("source", _("The door it came through."), "source"),
    ), frozenset({"source"})),
    "redemptions": Ledger(_("Redemptions"), Redemption, "redeemed_at", (
        LedgerColumn(CODE.name, CODE.help, "coupon__code", "code"),
        STORE,
        LedgerColumn("amount", _("The whole order, before the coupon."), "order_fen", "money"),
        LedgerColumn("redeemed_at", _("When it was redeemed."), "redeemed_at", "moment"),
        LedgerColumn("request_id", _("The till's number of the redemption."), "request_id"),
        LedgerColumn("discount", _("What the shopper did not pay."), "discount_fen", "money"),
        LedgerColumn("stock", _("Code of the coupon's stock."), "coupon__stock__code"),
        LedgerColumn("undone_at", _("When it was undone; empty if it stands."), "reversals__reversed_at", "moment"),
    )),
    "coupons": Ledger(_("Coupons"), Coupon, "issued_at", (
        LedgerColumn(CODE.name, CODE.help, "code", "code"),
        LedgerColumn("store", _("Code of the store where it was earned."), "store_id", "store"),
        LedgerColumn("stock", _("Code of the coupon's stock."), "stock__code"),
        LedgerColumn("rule_number", _("Number of the rule that gave it."), "rule_id"),
        LedgerColumn("issued_at", _("When it was given."), "issued_at", "moment"),
        LedgerColumn("valid_from", _("From when it can be used."), "valid_from", "moment"),
        LedgerColumn("expires_at", _("When it ends."), "expires_at", "moment"),
        LedgerColumn("state", _("issued, redeemed, expired or revoked."), "state"),
        LedgerColumn("transaction_id", _("Of the payment that earned it."), "payment__transaction_id"),
        SHOPPER,
    ), frozenset({"shopper_number"}), by_store=False),
}  # fmt: skip


def lines(kind: str, *, mall: Mall, stores: Sequence[Store], period: Period, whole: bool) -> Iterator[str]:
    """CSV of the lines of some stores in a period of local days; `whole` with the columns for the mall alone."""
    ledger = LEDGERS[kind]
    columns = ledger.shown(whole)
    return csv_lines(_rows(ledger, columns, mall, stores, period))


def _rows(ledger: Ledger, columns: Sequence[LedgerColumn], mall: Mall, stores: Sequence[Store], period: Period):
    yield [column.name for column in columns]
    codes = {store.pk: store.code for store in stores}
    sources = [column.source for column in columns]
    writers = [_writer(column, mall, codes) for column in columns]
    state = _state_of(ledger)
    with transaction.atomic() if connection.vendor == "postgresql" else nullcontext():  # its cursors need one
        for query in _queries(ledger, mall, stores, period):
            for values in query.values_list(*sources, *state).iterator(AT_ONCE):
                yield [write(value, values[-1]) for write, value in zip(writers, values, strict=False)]


def _state_of(ledger: Ledger) -> list[str]:
    """The coupon's state, where there is a code that may or may not be told."""
    path = next((column.source for column in ledger.columns if column.kind == "code"), None)
    return [path.replace("code", "state")] if path else []


def _queries(ledger: Ledger, mall: Mall, stores: Sequence[Store], period: Period) -> Iterator[QuerySet]:
    """One for each store, so that each follows its index and the first line comes at once."""
    zone = mall.time_zone
    span = Q(
        **{f"{ledger.moment}__gte": day_start(period.start, zone), f"{ledger.moment}__lt": day_start(period.end, zone)}
    )
    rows = ledger.model.objects.for_mall(mall).filter(span)
    if not ledger.by_store:
        yield rows.filter(store__in=stores).order_by("pk")
        return
    for store in stores:
        yield rows.filter(store=store).order_by(ledger.moment, "pk")


def _writer(column: LedgerColumn, mall: Mall, codes: dict[int, str]) -> Callable[[Any, Any], Any]:
    """Writes a value of a column; the second argument is the coupon's state, where there is one."""
    zone = ZoneInfo(mall.time_zone)

    def moment(value: datetime | None, _state: Any) -> str:
        return value.astimezone(zone).isoformat(sep=" ") if value else ""

    return {
        "money": lambda value, _state: yuan(value),
        "moment": moment,
        "store": lambda value, _state: codes[value],
        "code": lambda value, state: value if state != CouponState.ISSUED else f"…{value[-4:]}",
    }.get(column.kind, lambda value, _state: "" if value is None else value)
