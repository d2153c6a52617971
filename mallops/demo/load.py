"""Loads the demonstration: what people set up in one transaction, then the past of each mall day by day.

A load that was interrupted leaves malls without the mark of a complete one (see `marks`); the command begins anew.
"""

from datetime import date, timedelta

from django.db import transaction

from analytics import annotations
from coupons.affinity import services as affinity
from coupons.uplift import services as uplift
from mallops.lib.dates import today
from merchants.models import Mall, User

from . import applicants, arrivals, dealings, directory, marks, partners, past, people, plan
from . import keys as keys_of_api
from .days import Days
from .request import Request, Say, timed
from .swift import analyze, swiftly


def load(request: Request, *, say: Say = print) -> dict[str, str]:
    """Make the demo malls with their past. Returns the new API keys by the code of their service provider."""
    with swiftly():
        with timed("Malls and people", say), transaction.atomic():
            pasts, users, keys = _set_up(request)
        for days, mall_plan in zip(pasts, plan.MALLS, strict=True):
            past.load(request, days, mall_plan, users, say)
        people.forget_mails()
        for days in pasts:
            marks.mark(days.mall, marks.LOADED)
            affinity.ask(mall=days.mall)  # the worker of the site makes them while the first page is read
        uplift.ask_all()
        analyze()
    return keys


def _set_up(request: Request) -> tuple[list[Days], dict[str, User], dict[str, str]]:
    """The malls' pasts as far as days go, accounts by sign-in name, and keys."""
    lasts = {mall.slug: today(mall.time_zone, request.until) for mall in plan.MALLS}
    malls = [directory.build(mall, last_day=lasts[mall.slug]) for mall in plan.MALLS]
    pasts = [Days(mall, lasts[mall.slug] - timedelta(days=request.days), lasts[mall.slug]) for mall in malls]
    users = people.hire_management(malls, password=request.password)
    keys: dict[str, str] = {}
    for days in pasts:
        keys |= _set_up_mall(days, users)
    return pasts, users, keys


def _set_up_mall(days: Days, users: dict[str, User]) -> dict[str, str]:
    mall, staff = days.mall, people.staff_of(days.mall, users)
    marks.mark(mall, marks.BEGUN)
    providers = partners.appoint(mall, first_day=days.first, last_day=days.last, by=staff["manager"])
    with marks.dated(mall, days.nine(days.first)):
        applicants.receive(mall, last_day=days.last, by=staff["manager"])
        _note_events(mall, last_day=days.last, by=staff["manager"])
    people.hire_partners(mall, users)
    dealings.tell(days, providers, staff)
    arrivals.tell(days, providers[people.PROVIDER_OF[mall.slug]], staff)
    return keys_of_api.issue(days, providers, by=staff["manager"])


def _note_events(mall: Mall, *, last_day: date, by: User) -> None:
    """What people at the mall remember of the last weeks, on its charts."""
    for ago, days, text in ((51, 3, "周年庆 · Anniversary sale"), (19, 1, "东门封闭 · East entrance closed")):
        first_day = last_day - timedelta(days=ago)
        annotations.add(mall=mall, first_day=first_day, last_day=first_day + timedelta(days=days - 1), text=text, by=by)
