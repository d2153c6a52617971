"""The past of one mall: made up, then told in the order of time."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

import numpy as np
from django.db import transaction

from coupons.models import Stock
from merchants.models import Mall, Store, User

from . import (
    abuse,
    claims,
    crowd,
    disputes,
    giveaways,
    offers,
    people,
    plan,
    purses,
    rebates,
    sample_import,
    settling,
    uses,
)
from .days import Days, Deed, nine
from .history import History
from .marks import dated
from .notices import DAYS as DAYS_OF_NOTICES
from .notices import Notices
from .replay import Replay
from .request import Request, Say, timed
from .swift import Analysis

ANALYZED = 3  # days after the first rules
QUIET, FEW_DAYS = 0.5, 9  # in a mall with less business than this


class Event(Protocol):
    """Something that happens in the morning of a day; returns what follows from it later, if anything."""

    day: date

    def make(self, *, by: User) -> "Iterable[Event] | None": ...


def load(request: Request, days: Days, mall_plan: plan.MallPlan, users: dict[str, User], say: Say) -> None:
    """Everything that happened in a mall; `users` by sign-in name."""
    mall, staff = days.mall, people.staff_of(days.mall, users)
    with timed(f"{mall_plan.name_en}: making up its past", say):
        replay = _make_up(request, days, mall_plan)
    with timed(f"{mall_plan.name_en}: {len(replay.at):,} payments, those long ago", say):
        history = _history(request, days, mall_plan, replay, staff)
        history.record_past(days.start(days.season))
    with timed(f"{mall_plan.name_en}: the last months, with coupons", say):
        history.record_lately(days.start(days.season), closely=_closely(request, days))
        sample_import.run(mall, replay, staff["operator"])
        _beside_payments(request, mall, mall_plan, staff)
        history.finish()
        rebates.reckon(mall, request.until)
        offers.try_proposed(mall, now=request.until, by=staff["operator"])


def _closely(request: Request, days: Days) -> datetime:
    """Since when every hour is told: since the rules run, or in a mall with little business a few days."""
    return days.start(days.rules if request.scale >= QUIET else max(days.rules, days.last - timedelta(days=FEW_DAYS)))


def _make_up(request: Request, days: Days, mall_plan: plan.MallPlan) -> Replay:
    payments = crowd.make_payments(
        mall_plan, last_day=days.last, days=request.days, until=request.until, scale=request.scale, seed=request.seed
    )
    return Replay(days.mall, payments, purses.make_refunds(mall_plan, payments, until=request.until, seed=request.seed))


def _history(request: Request, days: Days, mall_plan: plan.MallPlan, replay: Replay, staff: dict[str, User]) -> History:
    """The past with its stocks and what people did, ready to be told."""
    mall, owner = days.mall, staff["owner"]
    with dated(mall, days.start(days.season)):
        stocks = offers.make_stocks(mall, mall_plan, start=days.start(days.season), by=staff["manager"])
    notices = Notices(mall, days.last - timedelta(days=DAYS_OF_NOTICES), staff["manager"])
    ahead = [
        *_seasons(days, mall_plan, stocks, staff["manager"]), *rebates.ahead(days, staff), *settling.ahead(days, staff),
        notices, Analysis(days.rules + timedelta(days=ANALYZED)),
    ]  # fmt: skip
    return History(
        mall,
        replay,
        request.until,
        habits=uses.habits_of(mall, mall_plan, stocks),
        tills=dict.fromkeys(Store.objects.visible_to(owner).values_list("pk", flat=True), owner),
        rng=np.random.default_rng([request.seed, 2, *mall.slug.encode()]),
        morning=partial(_begin_day, mall, ahead, staff["manager"]),
        hour_ended=notices.tell,
    )


def _seasons(days: Days, mall_plan: plan.MallPlan, stocks: dict[str, Stock], by: User) -> list[Event]:
    """The rules of the season before, if the past is long enough, and those of today."""
    season = Deed(days.mall, days.season, partial(offers.open_season, days, mall_plan, stocks, by))
    rules = Deed(days.mall, days.rules, partial(offers.make_rules, days, mall_plan, stocks, by))
    return [season, rules] if season.day < rules.day else [rules]


def _begin_day(mall: Mall, ahead: list[Event], by: User, day: date) -> None:
    with dated(mall, nine(mall, day)):
        for event in ahead:  # which may grow meanwhile
            if event.day == day:
                ahead.extend(event.make(by=by) or ())


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
