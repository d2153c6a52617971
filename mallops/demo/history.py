"""Feeds a generated past to the pipeline, in the order of time.

Most of it goes in large batches without awards. Over the last weeks each hour is a batch of its own with awards
on, and the coupons that come out are used, given back, refunded and left to expire: so every coupon, decision and
limit is the engine's own work.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics import rollups
from coupons import rulebooks
from coupons.models import Coupon, Rule, Stock
from coupons.models.coupon import CouponState
from coupons.tasks import send_receipts
from mallops import pipeline
from mallops.lib.dates import day_start, today
from mallops.lib.tasks.models import TaskRun
from merchants.models import Mall, Store, User
from merchants.queries import directory as directories
from payments.events import PaymentEvent, RefundEvent
from payments.shoppers import digest

from . import offers, plan, rhythm
from .uses import Habit, Use, plan_use

SOURCE = "demo"
BATCH = 4_000
HOUR = 3600
GIVEN_BACK = 0.03  # of redemptions are undone at the till
REASONS = ("Rung up twice", "Shopper changed the order", "Wrong coupon scanned")


@dataclass
class History:
    """The past of one mall: generated rows, and what is on its way (uses and reversals by hour since the epoch)."""

    mall: Mall
    mall_plan: plan.MallPlan
    payments: pd.DataFrame
    refunds: pd.DataFrame
    until: datetime
    rng: np.random.Generator
    tills: dict[int, User] = field(default_factory=dict)  # who redeems, by store id
    uses: dict[int, list[Use]] = field(default_factory=lambda: defaultdict(list))
    returns: dict[int, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))
    used: int = 0

    def __post_init__(self) -> None:
        codes = dict(Store.objects.filter(mall=self.mall).values_list("code", "pk"))
        stores = [codes[store.code] for store in plan.stores(self.mall.slug)]
        self.prefix = self.mall.slug[:2].upper()
        self.zone = ZoneInfo(self.mall.time_zone)
        people = self.payments["shopper"].max() + 1 if len(self.payments) else 0
        digests = [digest(self.mall.pk, f"demo:{n}") for n in range(people)]
        self.at = self.payments["at"].to_numpy()
        self.refunded_at = self.refunds["at"].to_numpy()
        self.columns = (
            [stores[n] for n in self.payments["store"]],
            self.payments["channel"].tolist(),
            self.payments["amount_fen"].tolist(),
            self.at.tolist(),
            [digests[n] if n >= 0 else None for n in self.payments["shopper"]],
        )

    def events(self, first: int, last: int) -> list[PaymentEvent]:
        columns = (column[first:last] for column in self.columns)
        return [
            PaymentEvent(store, channel, self._transaction(row), amount, _moment(at), shopper)
            for row, (store, channel, amount, at, shopper) in enumerate(zip(*columns, strict=True), start=first)
        ]

    def refund_events(self, first: int, last: int) -> list[RefundEvent]:
        channels = self.columns[1]
        part = self.refunds.iloc[first:last]
        return [
            RefundEvent(channels[row], self._transaction(row), f"{self.prefix}R{row:08d}", amount, _moment(at))
            for row, at, amount in zip(
                part["payment"].tolist(), part["at"].tolist(), part["amount_fen"].tolist(), strict=True
            )
        ]

    def _transaction(self, row: int) -> str:
        return f"{self.prefix}{row:08d}"

    # --- Long ago: large batches, no awards ---

    def record_past(self, before: datetime) -> None:
        """Payments and refunds before a moment; a refund follows its payment, whenever that is."""
        for first, last in _batches(int(np.searchsorted(self.at, before.timestamp()))):
            events = self.events(first, last)
            pipeline.record_payments(
                self.mall.pk, events, source=SOURCE, now=events[-1].paid_at, award=False
            )  # fmt: skip
        for first, last in _batches(int(np.searchsorted(self.refunded_at, before.timestamp()))):
            events = self.refund_events(first, last)
            pipeline.record_refunds(self.mall.pk, events, source=SOURCE, now=events[-1].refunded_at)

    # --- The last weeks: hour by hour, with awards ---

    def record_lately(self, since: datetime, habits: dict[int, Habit], ahead: list[tuple[date, Rule, str]]) -> None:
        """Everything from a moment to the end. `ahead` are changes of rules by day."""
        day = None
        for start in range(int(since.timestamp()) // HOUR, int(self.until.timestamp()) // HOUR + 1):
            now = min(_moment((start + 1) * HOUR - 1), self.until)
            if (here := today(self.mall.time_zone, now)) != day:
                day = here
                self._begin_day(day, ahead)
            self._record_hour(start, now, habits)

    def _begin_day(self, day: date, ahead: list[tuple[date, Rule, str]]) -> None:
        for _day, rule, state in [change for change in ahead if change[0] == day]:
            offers.change_state(rule, state)
        pipeline.expire(mall_id=self.mall.pk, now=day_start(day, self.mall.time_zone))

    def _record_hour(self, start: int, now: datetime, habits: dict[int, Habit]) -> None:
        first, last = np.searchsorted(self.at, [start * HOUR, (start + 1) * HOUR])
        uses = self._uses_in(start, now)
        events = self.events(int(first), int(last))
        used_on = [
            PaymentEvent(
                use.store_id, use.channel, f"{self.prefix}C{self.used + n:07d}", use.paid_fen, use.at, use.shopper
            )
            for n, use in enumerate(uses)
        ]
        self.used += len(uses)
        if events or used_on:
            receipts = pipeline.record_payments(self.mall.pk, events + used_on, source=SOURCE, now=now)
            self._hand_out(events + used_on, receipts, habits)
            for use, receipt in zip(uses, receipts[len(events) :], strict=True):
                self._redeem(use, receipt.id)
        for at, redemption_id in self.returns.pop(start, ()):
            self._give_back(at, redemption_id)
        first, last = np.searchsorted(self.refunded_at, [start * HOUR, (start + 1) * HOUR])
        if last > first:
            refunds = self.refund_events(int(first), int(last))
            pipeline.record_refunds(self.mall.pk, refunds, source=SOURCE, now=now)

    def _uses_in(self, start: int, now: datetime) -> list[Use]:
        """The uses planned for an hour, by time, without those of coupons revoked meanwhile."""
        planned = [use for use in self.uses.pop(start, ()) if use.at <= now]
        if not planned:
            return []
        codes = [use.code for use in planned]
        live = set(
            Coupon.objects.for_mall(self.mall)
            .filter(code__in=codes, state=CouponState.ISSUED)
            .values_list("code", flat=True)
        )
        return sorted((use for use in planned if use.code in live), key=lambda use: use.at)

    def _hand_out(self, events: list[PaymentEvent], receipts: list, habits: dict[int, Habit]) -> None:
        book = rulebooks.current(directories.current(self.mall.pk))
        for event, receipt in zip(events, receipts, strict=True):
            for coupon in sorted(receipt.coupons, key=lambda coupon: coupon.stock_id):
                use = plan_use(
                    coupon, habits[coupon.stock_id], book, zone=self.zone, channel=event.channel,
                    shopper=event.shopper, rng=self.rng,
                )  # fmt: skip
                if use:
                    self.uses[int(use.at.timestamp()) // HOUR].append(use)

    def _redeem(self, use: Use, payment_id: int) -> None:
        redemption = pipeline.redeem(
            mall_id=self.mall.pk, code=use.code, store_id=use.store_id, order_fen=use.order_fen,
            request_id=f"demo-{use.code}", source=SOURCE, now=use.at, payment_id=payment_id,
            by=self.tills.get(use.store_id),
        )  # fmt: skip
        if self.rng.random() < GIVEN_BACK:
            at = use.at + timedelta(minutes=int(self.rng.integers(2, 30)))
            if at <= self.until:
                self.returns[int(at.timestamp()) // HOUR].append((at, redemption.pk))

    def _give_back(self, at: datetime, redemption_id: int) -> None:
        pipeline.reverse(
            mall_id=self.mall.pk, redemption_id=redemption_id, request_id=f"demo-back-{redemption_id}",
            reason=str(self.rng.choice(REASONS)), source=SOURCE, now=at,
        )  # fmt: skip

    # --- The end ---

    def finish(self) -> None:
        """Expire, contradict two old payments for a person to see, fold the roll-ups, tell nobody of the past."""
        pipeline.expire(mall_id=self.mall.pk, now=self.until)
        twice = [
            event._replace(amount_fen=event.amount_fen + 1_000) for event in self.events(0, len(self.at))[-400::300]
        ]
        pipeline.record_payments(self.mall.pk, twice, source=SOURCE, now=self.until, award=False)
        while rollups.fold(self.mall.pk):
            pass
        TaskRun.objects.filter(path=send_receipts.module_path, args__0=self.mall.pk).delete()


def habits_of(mall: Mall, mall_plan: plan.MallPlan, stocks: dict[str, Stock]) -> dict[int, Habit]:
    """How the coupons of each stock, by its id, are used."""
    book = rulebooks.current(directories.current(mall.pk))
    trades = {trade.code: trade for trade in plan.trades()}
    prices = {store.code: store.price for store in plan.stores(mall.slug)}
    habits = {}
    for terms in offers.STOCKS:
        stock, trade = stocks[terms.code], trades[terms.trade]
        usable = Store.objects.filter(pk__in=book.specs[stock.pk].usable, closed_on=None).order_by("code")
        hours = np.array(rhythm.HOURS[trade.rhythm], dtype=float)
        habits[stock.pk] = Habit(
            share=terms.used,
            stores=tuple(store.pk for store in usable),
            ticket_fen=round(trade.ticket * prices[usable[0].code] * mall_plan.price_level * 100),
            spread=trade.spread,
            hours=hours / hours.sum(),
        )
    return habits


def _batches(count: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + BATCH, count)) for first in range(0, count, BATCH))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
