from .ledger import Account, AccountKind, Books, ClosedMonth, Entry, EntryKind, MonthBalance
from .rebates import Accrual, CreditLine, PlanOffer, PlanVersion, RebatePlan
from .statements import LineMessage, Statement, StatementLine

__all__ = [
    "Account",
    "AccountKind",
    "Accrual",
    "Books",
    "ClosedMonth",
    "CreditLine",
    "Entry",
    "EntryKind",
    "LineMessage",
    "MonthBalance",
    "PlanOffer",
    "PlanVersion",
    "RebatePlan",
    "Statement",
    "StatementLine",
]
