"""Payments and refunds, on their way to the pipeline."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mallops import pipeline
from mallops.imports import cells
from mallops.lib.csvcolumns import Column
from merchants.queries import directory
from payments.events import PaymentEvent, Reason, Receipt, RefundEvent, Status
from payments.models import Channel
from payments.shoppers import digest

from .base import Door, Posted, Problem, Reader

CHANNELS = {
    Channel.WECHAT: ("wechat pay", "weixin", "微信", "微信支付"),
    Channel.ALIPAY: ("支付宝",),
    Channel.UNIONPAY: ("union pay", "银联", "云闪付"),
    Channel.CARD: ("bank card", "银行卡", "刷卡"),
    Channel.CASH: ("现金",),
    Channel.OTHER: ("其他",),
}
CHANNEL_NAMES = {name: channel.value for channel, names in CHANNELS.items() for name in (channel.value, *names)}

MOMENT = gettext_lazy("The mall's time, or with an offset such as +08:00.")
REFUND = gettext_lazy("The channel's number of the refund; a number counts once.")
STORE = Column("store", "门店编号", gettext_lazy("Code of the store."), "hotpot")
CHANNEL = Column(
    "channel",
    "支付渠道",
    gettext_lazy("wechat, alipay, unionpay, card, cash or other."),
    Channel.WECHAT.value,
)
TRANSACTION = Column(
    "transaction_id",
    "交易单号",
    gettext_lazy("The channel's number of the payment; a number counts once."),
    "4200002026033101",
)
AMOUNT = Column("amount", "金额", gettext_lazy("In yuan, at most two decimals, above zero."), "128.50")

# The column to blame and why, for what the ledger did not take.
REASONS = {
    Reason.OTHER_AMOUNT: ("amount", gettext_lazy("differs from an earlier delivery of the same number")),
    Reason.OTHER_STORE: ("store", gettext_lazy("differs from an earlier delivery of the same number")),
    Reason.OTHER_PAYMENT: (
        "transaction_id",
        gettext_lazy("differs from an earlier delivery of the same number"),
    ),
    Reason.UNKNOWN_PAYMENT: ("transaction_id", gettext_lazy("is not a payment of this mall")),
    Reason.ABOVE_PAYMENT: ("amount", gettext_lazy("is above what is left of the payment")),
    Reason.BEFORE_PAYMENT: ("refunded_at", gettext_lazy("lies before the payment")),
}

EARLIER = gettext_lazy(
    "Some shoppers paid before the day noted as their first; “manage.py rebuild_rollups --first-days” puts it right."
)


def read_channel() -> Reader:
    look_up = cells.one_of(CHANNEL_NAMES, _("is not a channel such as wechat, alipay or cash"))
    return cells.remember(lambda text: look_up(text.lower()))


def read_store(mall_id: int) -> Reader:
    """A reader of store codes that gives the store's id."""
    ids = {code: store.id for code, store in directory.current(mall_id).by_code.items()}
    return cells.remember(cells.one_of(ids, _("is not the code of a store of this mall")))


class LedgerDoor(Door):
    def sum_up(self, receipts: Sequence[Receipt]) -> Posted:
        posted = Posted(advice=str(EARLIER) if any(receipt.earlier for receipt in receipts) else "")
        for place, receipt in enumerate(receipts):
            if receipt.status == Status.CREATED:
                posted.added += 1
            elif receipt.status == Status.KNOWN:
                posted.known += 1
            else:
                column, reason = REASONS[receipt.reason]
                posted.refused.append(Problem(place, self.title(column), str(reason)))
        return posted


class PaymentDoor(LedgerDoor):
    event = PaymentEvent
    columns = (
        STORE,
        CHANNEL,
        TRANSACTION,
        AMOUNT,
        Column("paid_at", "支付时间", MOMENT, "2026-03-31 18:05:00"),
        Column(
            "shopper", "顾客标识",
            gettext_lazy("Who paid, as the channel knows them; kept as a keyed digest only."),
            "openid-example", required=False,
        ),
    )  # fmt: skip

    def readers(self) -> Sequence[Reader]:
        moment = cells.MomentReader(self.run.mall.time_zone, self.now)
        return (
            read_store(self.run.mall_id), read_channel(), cells.identifier, cells.remember(cells.amount), moment,
            cells.remember(self._shopper),
        )  # fmt: skip

    def _shopper(self, text: str) -> str | None:
        return digest(self.run.mall_id, cells.plain(text, 200)) if text else None

    def post(self, events: Sequence[Any]) -> Posted:
        return self.sum_up(
            pipeline.record_payments(self.run.mall_id, events, source=self.source, now=self.now, award=self.run.award)
        )


class RefundDoor(LedgerDoor):
    event = RefundEvent
    chunk_rows = 2_000
    columns = (
        CHANNEL,
        TRANSACTION,
        Column("refund_id", "退款单号", REFUND, "5030002026040101"),
        AMOUNT,
        Column("refunded_at", "退款时间", MOMENT, "2026-04-01 10:30:00"),
    )  # fmt: skip

    def readers(self) -> Sequence[Reader]:
        moment = cells.MomentReader(self.run.mall.time_zone, self.now)
        return read_channel(), cells.identifier, cells.identifier, cells.remember(cells.amount), moment

    def post(self, events: Sequence[Any]) -> Posted:
        return self.sum_up(pipeline.record_refunds(self.run.mall_id, events, source=self.source, now=self.now))
