"""Feeds a generated past to the pipeline, in the order of time.

Most of it goes in large batches without awards. In the last months each day is a batch of its own with awards on, in
the last weeks each hour, and the coupons that come out are used, given back, refunded and left to expire: so every
coupon, decision and limit is the engine's own work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction

from analytics import rollups
from coupons import rulebooks
from coupons.models import Coupon
from coupons.models.coupon import CouponState
from mallops import pipeline
from mallops.lib.dates import day_start, today
from mallops.lib.sql import chunks
from merchants.models import Mall, User
from merchants.queries import directory as directories
from payments.events import PaymentEvent, Receipt

from . import notices
from .replay import Replay, moment
from .swift import analyze
from .uses import Habit, Use, plan_use

SOURCE = "demo"
BATCH = 10_000
HOUR = 3600
REFUND_HOURS = 3
GIVEN_BACK = 0.03  # of redemptions are undone at the till
LOOKED_AT_OF = 6  # one coupon in so many is looked at though it is never used
REASONS = ("Rung up twice", "Shopper changed the order", "Wrong coupon scanned")


@dataclass
class History:
    """The past of one mall. `uses` and `returns` wait for their hour since the epoch; `tills`: who redeems where.

    `morning` is called at the beginning of each of the last days, before its payments, `hour_ended` after each batch.
    """

    mall: Mall
    replay: Replay
    until: datetime
    habits: dict[int, Habit]
    tills: dict[int, User]
    rng: np.random.Generator
    morning: Callable[[date], None] = lambda day: None
    hour_ended: Callable[[datetime], None] = lambda now: None
    uses: dict[int, list[Use]] = field(default_factory=lambda: defaultdict(list))
    returns: dict[int, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))
    used: int = 0

    def record_past(self, before: datetime) -> None:
        """Payments and refunds before a moment: all payments first, so that each refund finds its own."""
        count, refunds = (
            int(np.searchsorted(at, before.timestamp())) for at in (self.replay.at, self.replay.refunded_at)
        )
        for batch in _batches(count):
            events = self.replay.payment_events(*batch)
            pipeline.record_payments(self.mall.pk, events, source=SOURCE, now=events[-1].paid_at, award=False)
        analyze()
        for batch in _batches(refunds):
            events = self.replay.refund_events(*batch)
            pipeline.record_refunds(self.mall.pk, events, source=SOURCE, now=events[-1].refunded_at)

    def record_lately(self, since: datetime, closely: datetime) -> None:
        """Everything from a moment to the end, each day in a transaction: a day is a batch, and from the day of
        `closely` on an hour."""
        all_hours = range(_hour(since), _hour(self.until) + 1)
        for day, of_day in groupby(all_hours, key=lambda hour: today(self.mall.time_zone, moment(hour * HOUR))):
            start = day_start(day, self.mall.time_zone)
            with transaction.atomic():
                self.morning(day)
                pipeline.expire(mall_id=self.mall.pk, now=start)
                for hours in chunks(list(of_day), 1 if start >= closely else 25):
                    self._record_hours(hours)

    def _record_hours(self, hours: list[int]) -> None:
        """What happened in hours that follow each other."""
        start, end = hours[0] * HOUR, (hours[-1] + 1) * HOUR
        now = min(moment(end - 1), self.until)
        uses = self._uses_in(hours, now)
        events = self.replay.payments_between(start, end)
        paid_with_coupon = [self._payment_of(use) for use in uses]
        if events or uses:
            receipts = self._record(events + paid_with_coupon, now)
            for use, receipt in zip(uses, receipts[len(events) :], strict=True):
                self._redeem(use, receipt)
        for hour in hours:
            for at, redemption_id in self.returns.pop(hour, ()):
                self._give_back(at, redemption_id)
        if len(hours) > 1 or (hours[0] + 1) % REFUND_HOURS == 0 or now == self.until:
            self._refund(hours, now)
        self.hour_ended(now)

    def _refund(self, hours: list[int], now: datetime) -> None:
        """The refunds of the last hours: tills send them a few times a day, and a known one again does no harm."""
        span = (hours[0] // REFUND_HOURS * REFUND_HOURS * HOUR, (hours[-1] + 1) * HOUR)
        if refunds := self.replay.refunds_between(*span):
            pipeline.record_refunds(self.mall.pk, refunds, source=SOURCE, now=now)

    def _uses_in(self, hours: list[int], now: datetime) -> list[Use]:
        """The uses planned for these hours, by time, without those of coupons revoked meanwhile."""
        planned = [use for hour in hours for use in self.uses.pop(hour, ()) if use.at <= now]
        if not planned:
            return []
        issued = Coupon.objects.for_mall(self.mall).filter(state=CouponState.ISSUED)
        live = set(issued.filter(code__in=[use.code for use in planned]).values_list("code", flat=True))
        return sorted((use for use in planned if use.code in live), key=lambda use: use.at)

    def _payment_of(self, use: Use) -> PaymentEvent:
        self.used += 1
        number = f"{self.replay.prefix}C{self.used:07d}"
        return PaymentEvent(use.store_id, use.channel, number, use.paid_fen, use.at, use.shopper)

    def _record(self, events: list[PaymentEvent], now: datetime) -> list[Receipt]:
        """Record and award, and plan what becomes of the coupons."""
        receipts = pipeline.record_payments(self.mall.pk, events, source=SOURCE, now=now)
        book, zone = rulebooks.current(directories.current(self.mall.pk)), ZoneInfo(self.mall.time_zone)
        looked_at = []
        for event, receipt in zip(events, receipts, strict=True):
            for coupon in sorted(receipt.coupons, key=lambda coupon: coupon.stock_id):
                use = plan_use(coupon, event, self.habits[coupon.stock_id], book, zone=zone, rng=self.rng)
                if use:
                    self.uses[_hour(use.at)].append(use)
                if use or receipt.id % LOOKED_AT_OF == 0:
                    looked_at.append(coupon.code)
        for coupon in Coupon.objects.for_mall(self.mall).filter(code__in=looked_at) if looked_at else ():
            pipeline.show(coupon, now=now)
        return receipts

    def _redeem(self, use: Use, receipt: Receipt) -> None:
        redemption = pipeline.redeem(
            mall_id=self.mall.pk, code=use.code, store_id=use.store_id, order_fen=use.order_fen,
            request_id=f"demo-{use.code}", source=SOURCE, now=use.at, payment_id=receipt.id,
            by=self.tills.get(use.store_id),
        )  # fmt: skip
        if self.rng.random() < GIVEN_BACK:
            at = use.at + timedelta(minutes=int(self.rng.integers(2, 30)))
            if at <= self.until:
                self.returns[_hour(at)].append((at, redemption.pk))

    def _give_back(self, at: datetime, redemption_id: int) -> None:
        pipeline.reverse(
            mall_id=self.mall.pk, redemption_id=redemption_id, request_id=f"demo-back-{redemption_id}",
            reason=str(self.rng.choice(REASONS)), source=SOURCE, now=at,
        )  # fmt: skip

    def finish(self) -> None:
        """Expire, contradict two payments for a person to look at, fold the roll-ups, tell nobody of the past."""
        pipeline.expire(mall_id=self.mall.pk, now=self.until)
        count = len(self.replay.at)
        doubtful = [event for row in {count // 2, count - 1} for event in self.replay.payment_events(row, row + 1)]
        contradicting = [event._replace(amount_fen=event.amount_fen + 1_000) for event in doubtful]
        pipeline.record_payments(self.mall.pk, contradicting, source=SOURCE, now=self.until, award=False)
        while rollups.fold(self.mall.pk):
            pass
        notices.forget_announcements(self.mall)


def _batches(count: int) -> Iterator[tuple[int, int]]:
    return ((first, min(first + BATCH, count)) for first in range(0, count, BATCH))


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // HOUR
