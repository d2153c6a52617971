"""Loads the demonstration: what people set up in one transaction, then the past of each mall day by day.

A load that was interrupted leaves malls without the mark of a complete one (see `marks`); the command begins anew.
"""

from datetime import date, timedelta

from django.db import transaction

from analytics import annotations
from coupons.affinity import services as affinity
from coupons.uplift import services as uplift
from mallops.lib.dates import day_start, today
from merchants.models import Mall, User

from . import directory, marks, past, people, plan
from .request import Request, Say, timed
from .swift import analyze, swiftly


def load(request: Request, *, say: Say = print) -> dict[str, str]:
    """Make the demo malls with their past. Returns the new API keys by the code of their service provider."""
    with swiftly():
        with timed("Malls and people", say), transaction.atomic():
            malls, users, keys = _set_up(request)
        for mall, mall_plan in zip(malls, plan.MALLS, strict=True):
            past.load(request, mall, mall_plan, users, say)
        for mall in malls:
            marks.mark(mall, marks.LOADED)
            affinity.ask(mall=mall)  # the worker of the site makes them while the first page is read
        uplift.ask_all()
        analyze()
    return keys


def _set_up(request: Request) -> tuple[list[Mall], dict[str, User], dict[str, str]]:
    keys: dict[str, str] = {}
    lasts = {mall.slug: today(mall.time_zone, request.until) for mall in plan.MALLS}
    malls = [directory.build(mall, last_day=lasts[mall.slug]) for mall in plan.MALLS]
    users = people.hire_management(malls, password=request.password)
    for mall in malls:
        marks.mark(mall, marks.BEGUN)
        first_day, manager = lasts[mall.slug] - timedelta(days=request.days), users[f"{mall.slug}.manager"]
        with marks.dated(mall, day_start(first_day, mall.time_zone)):
            keys |= directory.appoint_providers(mall, first_day=first_day, last_day=lasts[mall.slug], by=manager)
            _note_events(mall, last_day=lasts[mall.slug], by=manager)
        people.hire_partners(mall, users)
    return malls, users, keys


def _note_events(mall: Mall, *, last_day: date, by: User) -> None:
    """What people at the mall remember of the last weeks, on its charts."""
    for ago, days, text in ((51, 3, "周年庆 · Anniversary sale"), (19, 1, "东门封闭 · East entrance closed")):
        first_day = last_day - timedelta(days=ago)
        annotations.add(mall=mall, first_day=first_day, last_day=first_day + timedelta(days=days - 1), text=text, by=by)
