"""The past of one mall: made up, then told in the order of time."""

from datetime import date, timedelta
from functools import partial
from typing import Protocol

import numpy as np
from django.db import transaction

from mallops.lib.dates import day_start, today
from merchants.models import Mall, Store, User

from . import abuse, claims, crowd, disputes, giveaways, offers, people, plan, purses, sample_import, uses
from .history import History
from .marks import dated
from .notices import DAYS as DAYS_OF_NOTICES
from .notices import Notices
from .offer_plans import AWARD_DAYS
from .replay import Replay
from .request import Request, Say, timed
from .swift import Analysis

ANALYZED = 3  # days after the first coupons


class Event(Protocol):
    """Something that happens in the morning of a day."""

    day: date

    def make(self, *, by: User) -> None: ...


def load(request: Request, mall: Mall, mall_plan: plan.MallPlan, users: dict[str, User], say: Say) -> None:
    """Everything that happened in the mall; `users` by sign-in name."""
    last_day = today(mall.time_zone, request.until)
    first_awards = last_day - timedelta(days=min(AWARD_DAYS, request.days) - 1)
    staff = {name: users[f"{mall.slug}.{name}"] for name, *_ in people.ROLES}
    with timed(f"{mall_plan.name_en}: making up its past", say):
        replay = _make_up(request, mall, mall_plan, last_day)
    since = day_start(first_awards, mall.time_zone)
    with timed(f"{mall_plan.name_en}: {len(replay.at):,} payments, those long ago", say):
        history = _history(request, mall, mall_plan, replay, staff, since=since, last_day=last_day)
        history.record_past(since)
    with timed(f"{mall_plan.name_en}: the last weeks, with coupons", say):
        history.record_lately(since)
        sample_import.run(mall, replay, staff["operator"])
        _beside_payments(request, mall, mall_plan, staff)
        history.finish()
        offers.try_proposed(mall, now=request.until, by=staff["operator"])


def _make_up(request: Request, mall: Mall, mall_plan: plan.MallPlan, last_day: date) -> Replay:
    payments = crowd.make_payments(
        mall_plan, last_day=last_day, days=request.days, until=request.until, scale=request.scale, seed=request.seed
    )
    return Replay(mall, payments, purses.make_refunds(mall_plan, payments, until=request.until, seed=request.seed))


def _history(
    request: Request, mall: Mall, mall_plan: plan.MallPlan, replay: Replay, staff: dict[str, User], *, since, last_day
) -> History:
    """The past with its stocks and rules, ready to be told."""
    manager, owner, first_awards = staff["manager"], staff["owner"], today(mall.time_zone, since)
    with dated(mall, since):
        stocks = offers.make_stocks(mall, mall_plan, by=manager)
        changes = offers.make_rules(mall, mall_plan, stocks, start=since, last_day=last_day, by=manager)
    notices = Notices(mall, last_day - timedelta(days=DAYS_OF_NOTICES), manager)
    analysis = Analysis(first_awards + timedelta(days=ANALYZED))
    return History(
        mall,
        replay,
        request.until,
        habits=uses.habits_of(mall, mall_plan, stocks),
        tills=dict.fromkeys(Store.objects.visible_to(owner).values_list("pk", flat=True), owner),
        rng=np.random.default_rng([request.seed, 2, *mall.slug.encode()]),
        morning=partial(_begin_day, mall, [*changes, notices, analysis], manager),
        hour_ended=notices.tell,
    )


def _begin_day(mall: Mall, ahead: list[Event], by: User, day: date) -> None:
    with dated(mall, day_start(day, mall.time_zone) + timedelta(hours=9)):
        for event in ahead:
            if event.day == day:
                event.make(by=by)


def _beside_payments(request: Request, mall: Mall, mall_plan: plan.MallPlan, staff: dict[str, User]) -> None:
    """Claims and hand-outs, who abused coupons, and what was taken twice."""
    rng, until = np.random.default_rng([request.seed, 3, *mall.slug.encode()]), request.until
    began = claims.began(until, request.days)
    with dated(mall, began), transaction.atomic():
        made = giveaways.make(mall, mall_plan, now=began, away=min(30, request.days // 3), by=staff["manager"])
        claims.tell(made, until=until, days=request.days, rng=rng, by=staff["manager"])
    with dated(mall, until), transaction.atomic():
        abuse.load(mall, mall_plan, made, until=until, staff=staff)
        disputes.load(mall, until=until, cashier=staff["cashier"], by=staff["operator"])
