"""What a shopper is told when there is no coupon. Who is in a control group is told nothing of it."""

from django.utils.translation import gettext as _

from coupons.engine.terms import RuleTerms
from coupons.sentences import times

GONE = {"quantity", "budget_fen", "stock_quantity", "stock_budget_fen", "stock_open", "quantity_per_store"}
GONE_TODAY = {"quantity_per_day", "budget_per_day_fen"}
HAD = {"per_shopper", "per_shopper_per_day", "per_shopper_in_days"}


def refusal(reason: str, terms: RuleTerms, day: str = "") -> str:
    """Why a claim is refused: `reason` is the name of the check that failed, or a code of claiming.CODES; `day` the
    day of the claim (ISO)."""
    if reason in GONE:
        return _("All coupons of this offer are gone.")
    if reason in GONE_TODAY:
        return _("All coupons of today are gone. There are new ones tomorrow.")
    if reason == "dates":
        return _dates(terms, day)
    if reason == "weekdays":
        return _("This offer runs %(days)s.") % {"days": times.weekdays(terms.weekdays)}
    if reason == "hours":
        return _("This offer runs %(hours)s.") % {"hours": times.hours(terms.hours)}
    return _plain().get(reason) or _("No coupon this time.")


def _plain() -> dict[str, str]:
    return {
        "per_shopper": _("You have had your coupons of this offer."),
        "per_shopper_per_day": _("You have had your coupon of today."),
        "per_shopper_in_days": _("You have had your coupon; another one can be had in some days."),
        "conditions": _("This offer is for certain shoppers only."),
        "payer": _("This offer is not running at the moment."),
        "not_live": _("This offer is not running at the moment."),
        "other_trigger": _("This offer is not running at the moment."),
        "no_store": _("This offer is not running at the moment."),
        "not_here": _("This offer is not running at the moment."),
        "ended": _("This offer has ended."),
        "closed_code": _("This code is no longer in use."),
        "no_position": _("Your position is needed for this offer, and could not be read."),
        "request_reused": _("This page was used already. Please try again."),
    }


def _dates(terms: RuleTerms, day: str) -> str:
    if terms.starts_on and day < terms.starts_on.isoformat():
        return _("This offer begins on %(day)s.") % {"day": terms.starts_on.isoformat()}
    return _("This offer has ended.")


def too_far(away_m: int, radius_m: int) -> str:
    return _("You are %(away)s away. The offer is for shoppers within %(radius)s.") % {
        "away": distance(away_m), "radius": distance(radius_m),
    }  # fmt: skip


def distance(metres: int) -> str:
    """``250 m``, ``1.2 km``."""
    return _("%(number)s m") % {"number": metres} if metres < 1_000 else _("%(number)s km") % {
        "number": f"{(metres + 50) // 100 / 10:,.1f}"
    }  # fmt: skip
