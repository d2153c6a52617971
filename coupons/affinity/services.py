"""Make the suggestions of a mall, by a background task (`coupons.tasks`), and try one."""

from datetime import datetime

from coupons import studies
from coupons.backtest import services as backtests
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Backtest, SuggestionReport
from merchants.models import Mall, User

from .drafts import terms_of
from .report import report_of
from .source import recent_period


def make(*, mall: Mall, now: datetime) -> SuggestionReport | None:
    """Work out and keep the suggestions from the last days with payments; None without any payment."""
    period = recent_period(mall)
    if period is None:
        return None
    found = {
        "first_day": period.start,
        "last_day": period.last,
        "result": report_of(mall, period),
        "made_at": now,
    }
    return SuggestionReport.objects.update_or_create(mall=mall, defaults=found)[0]


def ask(*, mall: Mall) -> bool:
    """Have the suggestions made in the background. False if that is under way."""
    from coupons.tasks import study_suggestions

    return studies.ask(study_suggestions, mall.pk)


def is_asked(*, mall: Mall) -> bool:
    from coupons.tasks import study_suggestions

    return studies.is_asked(study_suggestions, mall.pk)


def try_out(*, mall: Mall, key: str, label: str, by: User) -> Backtest | None:
    """Start a backtest of the terms of a suggestion over its usual span; None if there is nothing to try: no such
    pair, no stock to award, no payments."""
    try:
        terms = RuleTerms.from_json(terms_of(mall, key))
        return backtests.start(mall, None, terms, label=label, by=by)
    except (BadTerms, backtests.BacktestError):
        return None
