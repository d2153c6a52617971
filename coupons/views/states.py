"""States as the text and the tone that the pages draw."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from coupons.models import Coupon, Decision, Rule, Stock
from coupons.models.coupon import CouponState, Outcome
from coupons.models.rule import RuleState
from mallops.lib.format import moment
from merchants.models import Mall

RULE_TONES = {RuleState.DRAFT: "info", RuleState.LIVE: "good", RuleState.PAUSED: "warn", RuleState.ENDED: "off"}
COUPON_TONES = {
    CouponState.ISSUED: "info",
    CouponState.REDEEMED: "good",
    CouponState.EXPIRED: "off",
    CouponState.REVOKED: "warn",
}
OUTCOME_TONES = {Outcome.AWARDED: "good", Outcome.HELD_OUT: "info", Outcome.REFUSED: "off"}


def tail(code: str) -> str:
    """The part of a code that may be seen by everyone."""
    return f"…{code[-4:]}"


def at(mall: Mall) -> Callable[[datetime | None], str]:
    """Formats moments on the mall's clock, each on one line of its cell."""
    return lambda when: moment(when, mall.time_zone).replace(" ", "\N{NO-BREAK SPACE}")


def rule_state(rule: Rule) -> tuple[str, str]:
    return rule.get_state_display(), RULE_TONES[rule.state]


def coupon_state(coupon: Coupon) -> tuple[str, str]:
    return named_coupon_state(coupon.state)


def named_coupon_state(state: str) -> tuple[str, str]:
    return CouponState(state).label, COUPON_TONES[state]


def outcome_state(decision: Decision) -> tuple[str, str]:
    return decision.get_outcome_display(), OUTCOME_TONES[decision.outcome]


def stock_state(stock: Stock) -> tuple[str, str]:
    return (_("Closed"), "off") if stock.closed_at else (_("Open"), "good")
