"""Reports on the shoppers of a mall, made in the background and kept: one for each mall, of the year up to today."""

from datetime import datetime, timedelta

from analytics.models import ShopperReport
from analytics.queries.segments import year_report
from coupons import studies
from mallops.lib.dates import today
from merchants.models import Mall

ATTEMPTS = 3
GOOD_FOR = timedelta(days=1)


def latest(mall: Mall, *, now: datetime, again: bool = True) -> ShopperReport | None:
    """The last report; None before the first. One that is missing or a day old is being made when this returns, unless
    not `again`: who only waits for one does not ask anew."""
    report = ShopperReport.objects.filter(mall=mall).first()
    if again and (report is None or now - report.made_at > GOOD_FOR):
        ask(mall)
    return report


def ask(mall: Mall) -> bool:
    """Have the report made in the background. False if that is under way."""
    from analytics.tasks import study_shoppers

    return studies.ask(study_shoppers, mall.pk)


def is_pending(mall: Mall) -> bool:
    from analytics.tasks import study_shoppers

    return studies.is_asked(study_shoppers, mall.pk)


def make(mall: Mall, *, now: datetime) -> ShopperReport:
    """Count and keep the year up to the mall's today."""
    day = today(mall.time_zone, now)
    found = {"last_day": day, "result": year_report(mall, day), "made_at": now}
    return ShopperReport.objects.update_or_create(mall=mall, defaults=found)[0]
