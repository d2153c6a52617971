"""Generated rows as the events that doors hand to the pipeline."""

from datetime import UTC, datetime

import numpy as np

from merchants.models import Mall, Store
from payments.events import PaymentEvent, RefundEvent
from payments.shoppers import digest

from . import plan
from .places import Rows


class Replay:
    """The payments and refunds of one mall, by time. Rows are named by their place, times by epoch seconds."""

    def __init__(self, mall: Mall, payments: Rows, refunds: Rows) -> None:
        ids = dict(Store.objects.filter(mall=mall).values_list("code", "pk"))
        stores = [ids[store.code] for store in plan.stores(mall.slug)]
        digests = [digest(mall.pk, f"demo:{n}") for n in range(payments["shopper"].max(initial=-1) + 1)]
        self.prefix = mall.slug[:2].upper()
        self.at, self.refunded_at = payments["at"], refunds["at"]
        self.payments = (
            [stores[n] for n in payments["store"]],
            payments["channel"].tolist(),
            payments["amount_fen"].tolist(),
            payments["at"].tolist(),
            [digests[n] if n >= 0 else None for n in payments["shopper"]],
        )
        self.refunds = (refunds["payment"].tolist(), refunds["amount_fen"].tolist(), refunds["at"].tolist())

    def payment_events(self, first: int, last: int) -> list[PaymentEvent]:
        rows = zip(*(column[first:last] for column in self.payments), strict=True)
        return [
            PaymentEvent(store, channel, self.transaction_id(row), amount, moment(at), shopper)
            for row, (store, channel, amount, at, shopper) in enumerate(rows, start=first)
        ]

    def refund_events(self, first: int, last: int) -> list[RefundEvent]:
        channels = self.payments[1]
        rows = zip(*(column[first:last] for column in self.refunds), strict=True)
        return [
            RefundEvent(channels[row], self.transaction_id(row), f"{self.prefix}R{row:08d}", amount, moment(at))
            for row, amount, at in rows
        ]

    def payments_between(self, start: int, end: int) -> list[PaymentEvent]:
        first, last = np.searchsorted(self.at, [start, end])
        return self.payment_events(int(first), int(last))

    def refunds_between(self, start: int, end: int) -> list[RefundEvent]:
        first, last = np.searchsorted(self.refunded_at, [start, end])
        return self.refund_events(int(first), int(last))

    def transaction_id(self, row: int) -> str:
        return f"{self.prefix}{row:08d}"


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
