"""A mall in which things happen as the months go by."""

from datetime import UTC, date, datetime, timedelta

from coupons.models import Coupon, Redemption
from coupons.models.coupon import CouponState
from coupons.redeeming import RedeemError
from mallops import pipeline
from mallops.lib.dates import next_month, today
from settlements import months
from settlements.models import Account, Entry
from tests import factories

START = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)
COLUMNS = ("pk", "kind", "source_id", "line", "debit", "credit", "amount_fen", "day", "month", "note")


class World:
    """`closed` remembers what each month said when it was closed."""

    def __init__(self, mall, stores) -> None:
        self.mall, self.stores, self.now = mall, stores, START
        self.events: list = []
        self.closed: dict[date, list[tuple]] = {}
        self.count = 0

    @property
    def day(self) -> date:
        return today(self.mall.time_zone, self.now)

    def wait(self, time: timedelta) -> None:
        self.now += time

    def pay(self, store: int = 0, fen: int = 10_000, shopper: str = "anna") -> list[Coupon]:
        event = factories.payment_event(
            self.stores[store % len(self.stores)], paid_at=self.now, amount_fen=fen, shopper=shopper
        )
        (receipt,) = pipeline.record_payments(self.mall.pk, [event], source="test", now=self.now)
        self.events.append((event, receipt.id))
        return list(Coupon.objects.filter(payment=receipt.id).order_by("pk"))

    def refund(self, number: int, fen: int | None = None) -> None:
        if self.events:
            event, _pk = self.events[number % len(self.events)]
            refund = factories.refund_event(event, amount_fen=fen or event.amount_fen, refunded_at=self.now)
            pipeline.record_refunds(self.mall.pk, [refund], source="test", now=self.now)

    def redeem(self, number: int, order_fen: int, back: timedelta = timedelta(0)) -> Redemption | None:
        """Use a coupon, perhaps at a till without connection a while ago, and on the payment made last."""
        coupons = list(Coupon.objects.exclude(state=CouponState.REVOKED).order_by("pk"))
        if not coupons:
            return None
        coupon = coupons[number % len(coupons)]
        store = next(s for s in self.stores if s.merchant_id == coupon.stock.merchant_id)
        self.count += 1
        try:
            return pipeline.redeem(
                mall_id=self.mall.pk, code=coupon.code, order_fen=order_fen, store_id=store.pk, source="test",
                request_id=f"r{self.count}", now=self.now - back, payment_id=self.events[-1][1],
            )  # fmt: skip
        except RedeemError:
            return None

    def reverse(self, number: int) -> None:
        used = list(Redemption.objects.filter(reversals=None).order_by("pk"))
        if used:
            self.count += 1
            pipeline.reverse(
                mall_id=self.mall.pk, redemption_id=used[number % len(used)].pk, request_id=f"u{self.count}",
                reason="", source="test", now=self.now,
            )  # fmt: skip

    def expire(self) -> None:
        pipeline.expire(mall_id=self.mall.pk, now=self.now)

    def close(self) -> None:
        month = months.to_close(self.mall)
        if month and self.day >= next_month(month):
            months.close(mall=self.mall, month=month, by=None, now=self.now)
            self.closed[month] = self.entries(month)

    def entries(self, month: date) -> list[tuple]:
        return list(Entry.objects.for_mall(self.mall).filter(month=month).order_by("pk").values_list(*COLUMNS))

    def balances(self) -> dict[tuple, int]:
        """By kind and party, those that are not 0, from plain rows."""
        found: dict[tuple, int] = {}
        for entry in Entry.objects.for_mall(self.mall).select_related("debit", "credit"):
            for account, sign in ((entry.debit, -1), (entry.credit, 1)):
                key = name_of(account)
                found[key] = found.get(key, 0) + sign * entry.amount_fen
        return {key: fen for key, fen in found.items() if fen}


def name_of(account: Account) -> tuple:
    return account.kind, account.merchant_id, account.provider_id
