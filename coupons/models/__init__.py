from .boost import Boost
from .claim import Claim, ClaimCode, HandOut
from .consent import Consent
from .coupon import Coupon, CouponClosure, Decision, Dispute, LimitCounter, Redemption, Reversal
from .delivery import Notice, NoticeChannel
from .guard import Block, GuardFlag
from .rule import Rule, RuleVersion
from .stock import Stock
from .study import Backtest, SuggestionReport, UpliftReport

__all__ = [
    "Backtest",
    "Block",
    "Boost",
    "Claim",
    "ClaimCode",
    "Consent",
    "Coupon",
    "CouponClosure",
    "Decision",
    "Dispute",
    "GuardFlag",
    "HandOut",
    "LimitCounter",
    "Notice",
    "NoticeChannel",
    "Redemption",
    "Reversal",
    "Rule",
    "RuleVersion",
    "Stock",
    "SuggestionReport",
    "UpliftReport",
]
