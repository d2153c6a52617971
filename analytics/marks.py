"""What happened on the days of a chart: public holidays, launches of rules, notes written by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Q
from django.utils.translation import gettext as _

from analytics.holidays import holidays_of
from analytics.models import Annotation
from coupons.models import RuleVersion
from mallops.lib import dates
from mallops.lib.dates import Period
from merchants.models import Mall, Merchant, ServiceProvider, Store

Partner = Merchant | ServiceProvider


@dataclass(frozen=True, slots=True)
class Mark:
    """Local days, both included."""

    first_day: date
    last_day: date
    text: str
    kind: Literal["holiday", "launch", "note"]


def marks(mall: Mall, period: Period, partner: Partner | None = None) -> list[Mark]:
    """What to mark on days of a mall, in order. A partner sees no notes of the mall, and of its rules a merchant those
    that give its coupons or ask for its consent, a provider none."""
    found = [Mark(one.first, one.last, one.name, "holiday") for one in holidays_of(mall.country, period)]
    if not isinstance(partner, ServiceProvider):
        found += _launches(mall, period, partner)
    if partner is None:
        found += _notes(mall, period)
    return sorted(found, key=lambda mark: (mark.first_day, mark.last_day, mark.text))


def openings(store: Store, period: Period) -> list[Mark]:
    """The days of the period on which a store opened and closed."""
    days = ((store.opened_on, _("%(store)s opened")), (store.closed_on, _("%(store)s closed")))
    inside = [(day, text) for day, text in days if day and period.start <= day < period.end]
    return [Mark(day, day, text % {"store": store.name}, "note") for day, text in inside]


def _launches(mall: Mall, period: Period, merchant: Merchant | None) -> list[Mark]:
    begin, end = (dates.day_start(day, mall.time_zone) for day in (period.start, period.end))
    versions = RuleVersion.objects.filter(rule__mall=mall, launched_at__gte=begin, launched_at__lt=end)
    if merchant:
        versions = versions.filter(Q(stocks__merchant=merchant) | Q(consents__merchant=merchant)).distinct()
    return [_launch(version, mall.time_zone) for version in versions.select_related("rule").order_by("launched_at")]


def _launch(version: RuleVersion, zone: str) -> Mark:
    day, words = dates.today(zone, version.launched_at), {"rule": version.rule.name, "number": version.number}
    text = _("%(rule)s launched") if version.number == 1 else _("%(rule)s launched anew (version %(number)s)")
    return Mark(day, day, text % words, "launch")


def _notes(mall: Mall, period: Period) -> list[Mark]:
    notes = Annotation.objects.filter(mall=mall, first_day__lt=period.end, last_day__gte=period.start)
    return [Mark(note.first_day, note.last_day, note.text, "note") for note in notes]


def texts(marks: Sequence[Mark], steps: Sequence[Period]) -> list[str]:
    """For each of some days or weeks, what happened in it."""
    touching = ([m for m in marks if m.first_day < step.end and m.last_day >= step.start] for step in steps)
    return [_(", ").join(dict.fromkeys(mark.text for mark in found)) for found in touching]
