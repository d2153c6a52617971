"""States as the text and the tone that the pages draw."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from coupons.models import Backtest, Consent, Coupon, Decision, HandOut, Rule, Stock
from coupons.models.consent import ConsentState
from coupons.models.coupon import CouponState, Outcome
from coupons.models.rule import RuleState
from coupons.models.work import WorkState
from mallops.lib.format import moment
from merchants.models import Mall

RULE_TONES = {
    RuleState.DRAFT: "info",
    RuleState.WAITING: "warn",
    RuleState.APPROVED: "info",
    RuleState.LIVE: "good",
    RuleState.PAUSED: "warn",
    RuleState.ENDED: "off",
}
CONSENT_TONES = {
    ConsentState.ASKED: "warn",
    ConsentState.ACCEPTED: "good",
    ConsentState.DECLINED: "bad",
    ConsentState.WITHDRAWN: "bad",
}
COUPON_TONES = {
    CouponState.ISSUED: "info",
    CouponState.REDEEMED: "good",
    CouponState.EXPIRED: "off",
    CouponState.REVOKED: "warn",
}
WORK_TONES = {
    WorkState.QUEUED: "off",
    WorkState.RUNNING: "info",
    WorkState.DONE: "good",
    WorkState.CANCELLED: "off",
    WorkState.FAILED: "bad",
}
OUTCOME_TONES = {Outcome.AWARDED: "good", Outcome.HELD_OUT: "info", Outcome.REFUSED: "off"}


def tail(code: str) -> str:
    """The part of a code that may be seen by everyone."""
    return f"…{code[-4:]}"


def at(mall: Mall) -> Callable[[datetime | None], str]:
    """Formats moments on the mall's clock, each on one line of its cell."""
    return lambda when: moment(when, mall.time_zone).replace(" ", "\N{NO-BREAK SPACE}")


def rule_state(rule: Rule, today: date) -> tuple[str, str]:
    """A live rule whose first day is after `today` (of the mall) is shown as scheduled, one that somebody does not
    agree to (`refused`, see `queries.rules`) as declined, one of a payer that may not pay (`rests`) as resting."""
    starts_on = rule.version and rule.version.terms.get("starts_on")
    if rule.state == RuleState.LIVE and starts_on and starts_on > today.isoformat():
        return pgettext("rule", "Scheduled"), "info"
    if rule.state == RuleState.LIVE and getattr(rule, "rests", False):
        return pgettext("rule", "Resting"), "warn"
    if rule.state == RuleState.WAITING and getattr(rule, "refused", False):
        return pgettext("rule", "Declined"), "bad"
    return rule.get_state_display(), RULE_TONES[rule.state]


def consent_state(consent: Consent) -> tuple[str, str]:
    """An invitation that was not answered before another version took its place waits for nothing."""
    rule = consent.version.rule
    if consent.state == ConsentState.ASKED and consent.version_id not in (rule.version_id, rule.proposed_id):
        return pgettext("consent", "Lapsed"), "off"
    return consent.get_state_display(), CONSENT_TONES[consent.state]


def coupon_state(coupon: Coupon) -> tuple[str, str]:
    return named_coupon_state(coupon.state)


def named_coupon_state(state: str) -> tuple[str, str]:
    return CouponState(state).label, COUPON_TONES[state]


def outcome_state(decision: Decision) -> tuple[str, str]:
    return decision.get_outcome_display(), OUTCOME_TONES[decision.outcome]


def work_state(work: Backtest | HandOut) -> tuple[str, str]:
    return work.get_state_display(), WORK_TONES[work.state]


def stock_state(stock: Stock) -> tuple[str, str]:
    return (_("Closed"), "off") if stock.closed_at else (_("Open"), "good")
