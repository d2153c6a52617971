from .coupon import Coupon, CouponClosure, Decision, LimitCounter, Redemption, Reversal
from .rule import Rule, RuleVersion
from .stock import Stock

__all__ = [
    "Coupon",
    "CouponClosure",
    "Decision",
    "LimitCounter",
    "Redemption",
    "Reversal",
    "Rule",
    "RuleVersion",
    "Stock",
]
