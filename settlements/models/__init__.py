from .ledger import Account, Books, ClosedMonth, Entry
from .rebates import Accrual, CreditLine, PlanOffer, PlanVersion, RebatePlan
from .statements import LineMessage, Statement, StatementLine

__all__ = [
    "Account",
    "Accrual",
    "Books",
    "ClosedMonth",
    "CreditLine",
    "Entry",
    "LineMessage",
    "PlanOffer",
    "PlanVersion",
    "RebatePlan",
    "Statement",
    "StatementLine",
]
