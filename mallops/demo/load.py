"""Loads the demonstration: what people set up in one transaction, then the past day by day.

A load that was interrupted leaves malls without the mark of a complete one (see `marks`); the command begins anew.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from coupons.affinity import services as affinity
from coupons.uplift import services as uplift
from mallops.lib.dates import day_start, today
from merchants.models import AuditEntry, Mall, Store, User

from . import claims, crowd, directory, marks, offers, people, plan, purses, sample_import
from .history import History
from .replay import Replay
from .uses import habits_of

AWARD_DAYS = 45
ANALYZE_EVERY = 7  # days


@dataclass(frozen=True, slots=True)
class Request:
    """What to load: so many days up to `until`, how busy (1: as usual); the same seed makes the same payments."""

    until: datetime
    days: int = 210
    seed: int = 7
    scale: float = 1.0
    password: str = people.PASSWORD


Say = Callable[[str], None]


def load(request: Request, *, say: Say = print) -> dict[str, str]:
    """Make the demo malls with their past. Returns the new API keys by the code of their service provider."""
    with _no_query_log():
        with _timed("Malls and people", say), transaction.atomic():
            malls, users, keys = _set_up(request)
        for mall, mall_plan in zip(malls, plan.MALLS, strict=True):
            _load_past(request, mall, mall_plan, users, say)
        for mall in malls:
            marks.mark(mall, marks.LOADED)
            affinity.ask(mall=mall)  # the worker of the site makes them while the first page is read
        uplift.ask_all()
        _analyze()
    return keys


def _set_up(request: Request) -> tuple[list[Mall], dict[str, User], dict[str, str]]:
    keys: dict[str, str] = {}
    lasts = {mall.slug: today(mall.time_zone, request.until) for mall in plan.MALLS}
    malls = [directory.build(mall, last_day=lasts[mall.slug]) for mall in plan.MALLS]
    users = people.hire_management(malls, password=request.password)
    for mall in malls:
        marks.mark(mall, marks.BEGUN)
        first_day, manager = lasts[mall.slug] - timedelta(days=request.days), users[f"{mall.slug}.manager"]
        with _dated(mall, day_start(first_day, mall.time_zone)):
            keys |= directory.appoint_providers(mall, first_day=first_day, last_day=lasts[mall.slug], by=manager)
        people.hire_partners(mall, users)
    return malls, users, keys


def _load_past(request: Request, mall: Mall, mall_plan: plan.MallPlan, users: dict[str, User], say: Say) -> None:
    last_day = today(mall.time_zone, request.until)
    since = day_start(last_day - timedelta(days=min(AWARD_DAYS, request.days) - 1), mall.time_zone)
    with _timed(f"{mall_plan.name_en}: making up its past", say):
        replay = _make_up(request, mall, mall_plan, last_day)
    with _timed(f"{mall_plan.name_en}: {len(replay.at):,} payments, those long ago", say):
        history = _history(request, mall, mall_plan, replay, users, since=since, last_day=last_day)
        history.record_past(since)
        _analyze()
    with _timed(f"{mall_plan.name_en}: the last weeks, with coupons", say):
        history.record_lately(since)
        sample_import.run(mall, replay, users[f"{mall.slug}.operator"])
        _offer_without_payment(request, mall, mall_plan, users[f"{mall.slug}.manager"])
        history.finish()
        offers.try_proposed(mall, now=request.until, by=users[f"{mall.slug}.operator"])


def _make_up(request: Request, mall: Mall, mall_plan: plan.MallPlan, last_day: date) -> Replay:
    payments = crowd.make_payments(
        mall_plan, last_day=last_day, days=request.days, until=request.until, scale=request.scale, seed=request.seed
    )
    return Replay(mall, payments, purses.make_refunds(mall_plan, payments, until=request.until, seed=request.seed))


def _history(
    request: Request, mall: Mall, mall_plan: plan.MallPlan, replay: Replay, users: dict[str, User], *, since, last_day
) -> History:
    """The past with its stocks and rules, ready to be told."""
    manager, owner = users[f"{mall.slug}.manager"], users[f"{mall.slug}.owner"]
    with _dated(mall, since):
        stocks = offers.make_stocks(mall, mall_plan, by=manager)
        ahead = offers.make_rules(mall, mall_plan, stocks, start=since, last_day=last_day, by=manager)
    return History(
        mall,
        replay,
        request.until,
        habits=habits_of(mall, mall_plan, stocks),
        tills=dict.fromkeys(Store.objects.visible_to(owner).values_list("pk", flat=True), owner),
        rng=np.random.default_rng([request.seed, 2, *mall.slug.encode()]),
        morning=partial(_begin_day, mall, ahead, manager),
    )


def _offer_without_payment(request: Request, mall: Mall, mall_plan: plan.MallPlan, by: User) -> None:
    rng = np.random.default_rng([request.seed, 3, *mall.slug.encode()])
    with _dated(mall, claims.began(request.until, request.days)), transaction.atomic():
        claims.load(mall, mall_plan, until=request.until, days=request.days, rng=rng, by=by)


def _begin_day(mall: Mall, ahead: list[offers.Change], by: User, day: date) -> None:
    if day.toordinal() % ANALYZE_EVERY == 0:
        _analyze()
    with _dated(mall, day_start(day, mall.time_zone) + timedelta(hours=9)):
        for change in ahead:
            if change.day == day:
                change.make(by=by)


def _analyze() -> None:
    """Tell the query planner how large the tables have grown."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def _dated(mall: Mall, at: datetime) -> Iterator[None]:
    """What services note in the audit trail meanwhile is dated back: they note the moment of the call."""
    before = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield
    AuditEntry.objects.filter(mall=mall, pk__gt=before).update(at=at)


@contextmanager
def _no_query_log() -> Iterator[None]:
    """With DEBUG on, Django keeps the text of every statement with its values: half of the loading time."""
    debug, settings.DEBUG = settings.DEBUG, False
    try:
        yield
    finally:
        settings.DEBUG = debug


@contextmanager
def _timed(what: str, say: Say) -> Iterator[None]:
    start = time.perf_counter()
    yield
    say(f"  {what}: {time.perf_counter() - start:.1f} s")
