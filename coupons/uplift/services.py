"""Make the reports, by background tasks (`coupons.tasks`)."""

from datetime import datetime

from django.db import transaction

from coupons import studies
from coupons.models import Rule, UpliftReport
from coupons.models.rule import RuleState
from merchants.models import Mall

from .report import report_of, report_of_mall


def make(*, rule: Rule, now: datetime) -> UpliftReport:
    """Work out and keep the report of a rule as of `now`."""
    return _keep(rule.mall, rule, report_of(rule, now), now)


def make_of_mall(*, mall: Mall, now: datetime) -> UpliftReport:
    """Work out and keep the report of all rules of a mall together."""
    return _keep(mall, None, report_of_mall(mall, now), now)


@transaction.atomic
def _keep(mall: Mall, rule: Rule | None, result: dict, now: datetime) -> UpliftReport:
    return UpliftReport.objects.update_or_create(mall=mall, rule=rule, defaults={"result": result, "made_at": now})[0]


def ask(*, mall: Mall, rule: Rule | None = None) -> bool:
    """Have the report of a rule, or of the whole mall, made in the background. False if that is under way."""
    from coupons.tasks import study_uplift, study_uplift_of_mall

    return studies.ask(study_uplift, rule.pk) if rule else studies.ask(study_uplift_of_mall, mall.pk)


def is_asked(*, mall: Mall, rule: Rule | None = None) -> bool:
    from coupons.tasks import study_uplift, study_uplift_of_mall

    return studies.is_asked(study_uplift, rule.pk) if rule else studies.is_asked(study_uplift_of_mall, mall.pk)


def ask_all() -> int:
    """Ask for every report that can have changed; how many were asked for."""
    rules = Rule.objects.filter(version__isnull=False).select_related("mall", "uplift_report").order_by("pk")
    asked = [ask(mall=rule.mall, rule=rule) for rule in rules if not _is_final(rule)]
    return sum(asked) + sum(ask(mall=mall) for mall in Mall.objects.filter(holdout_bp__gt=0).order_by("pk"))


def _is_final(rule: Rule) -> bool:
    """Whether the rule has ended and its last window was over when the report was made."""
    report = getattr(rule, "uplift_report", None)
    return rule.state == RuleState.ENDED and report is not None and report.result.get("running") == 0
