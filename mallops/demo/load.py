"""Loads the demonstration: all of it in one transaction, or nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from mallops.lib.dates import day_start, today
from merchants.models import AuditEntry, Mall, Store, User

from . import crowd, directory, offers, people, plan, purses, sample_import
from .history import History
from .replay import Replay
from .uses import habits_of

AWARD_DAYS = 45


def demo_malls():
    return Mall.objects.filter(slug__in=[mall.slug for mall in plan.MALLS])


def load(
    *,
    until: datetime,
    days: int,
    seed: int,
    scale: float = 1.0,
    password: str = people.PASSWORD,
    say: Callable[[str], None] = print,
) -> dict[str, str]:
    """Make the demo malls with a past of so many days up to `until`. Returns the new API keys by label.

    The same arguments make the same shoppers and payments. `scale`: how busy, against the usual.
    """
    keys: dict[str, str] = {}
    with _no_query_log(), transaction.atomic():
        with _timed("Malls and people", say):
            lasts = {mall.slug: today(mall.time_zone, until) for mall in plan.MALLS}
            malls = [directory.build(mall, last_day=lasts[mall.slug]) for mall in plan.MALLS]
            users = people.hire_management(malls, password=password)
            for mall in malls:
                last_day = lasts[mall.slug]
                keys |= directory.appoint_providers(
                    mall, first_day=last_day - timedelta(days=days), last_day=last_day,
                    by=users[f"{mall.slug}.manager"],
                )  # fmt: skip
                people.hire_partners(mall, users)
        for mall, mall_plan in zip(malls, plan.MALLS, strict=True):
            _load_history(mall, mall_plan, users, until=until, days=days, seed=seed, scale=scale, say=say)
        _analyze()
    return keys


def _appoint(mall: Mall, users: dict[str, User], *, last_day: date, days: int) -> dict[str, str]:
    """Service providers, and the people of merchants and providers. Returns the new API keys by label."""
    first_day = last_day - timedelta(days=days)
    with _dated(mall, day_start(first_day, mall.time_zone)):
        keys = directory.appoint_providers(
            mall, first_day=first_day, last_day=last_day, by=users[f"{mall.slug}.manager"]
        )
    people.hire_partners(mall, users)
    return keys


def _load_history(
    mall: Mall, mall_plan: plan.MallPlan, users: dict[str, User], *, until, days, seed, scale, say
) -> None:
    last_day = today(mall.time_zone, until)
    since = day_start(last_day - timedelta(days=min(AWARD_DAYS, days) - 1), mall.time_zone)
    manager, owner = users[f"{mall.slug}.manager"], users[f"{mall.slug}.owner"]
    with _timed(f"{mall_plan.name_en}: making up its past", say):
        payments = crowd.make_payments(mall_plan, last_day=last_day, days=days, until=until, scale=scale, seed=seed)
        refunds = purses.make_refunds(mall_plan, payments, until=until, seed=seed)
        replay = Replay(mall, payments, refunds)
    with _timed(f"{mall_plan.name_en}: long ago", say), _dated(mall, since):
        stocks = offers.make_stocks(mall, mall_plan, by=manager)
        ahead = offers.make_rules(mall, mall_plan, stocks, start=since, last_day=last_day, by=manager)
        history = History(
            mall,
            replay,
            until,
            habits=habits_of(mall, mall_plan, stocks),
            tills=dict.fromkeys(_stores_of(owner), owner),
            rng=np.random.default_rng([seed, 2, *mall.slug.encode()]),
            morning=partial(_begin_day, mall, ahead, manager),
        )
        history.record_past(since)
        _analyze()
    with _timed(f"{mall_plan.name_en}: the last weeks, with coupons", say):
        history.record_lately(since)
        sample_import.run(mall, replay, users[f"{mall.slug}.operator"])
        history.finish()
    say(f"  {mall_plan.name_en}: {len(replay.at):,} payments, {len(replay.refunded_at):,} refunds")


def _begin_day(mall: Mall, ahead: list[offers.Change], by: User, day: date) -> None:
    if day.day % 7 == 1:
        _analyze()
    with _dated(mall, day_start(day, mall.time_zone) + timedelta(hours=9)):
        for change in ahead:
            if change.day == day:
                change.make(by=by)


def _stores_of(owner: User) -> list[int]:
    return list(Store.objects.visible_to(owner).values_list("pk", flat=True))


def _analyze() -> None:
    """Tell the query planner how large tables have grown: within a transaction nothing else does."""
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
def _timed(what: str, say: Callable[[str], None]) -> Iterator[None]:
    start = time.perf_counter()
    yield
    say(f"  {what}: {time.perf_counter() - start:.1f} s")
