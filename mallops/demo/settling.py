"""Months closed on the fifth of the next one, and what became of their statements: those of the last closed month are
still talked about, the older ones are paid. The last full month is left for the reader to close."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from mallops.lib.dates import first_of_month, month_before, next_month
from merchants.models import Mall, User
from settlements import months
from settlements.models import Statement, StatementLine
from settlements.models.statements import StatementState
from settlements.services import statements

from . import people
from .answers import person_of
from .days import Days, Deed

Staff = dict[str, User]
MISSED = "收银记录里有两笔核销账单上没有。Our tills counted two redemptions more than the statement."
FOUND = "是断网时核销的两笔，记入下月。They were redeemed without connection; they are added next month."
RETURNED = "其中一笔顾客当场退了，请再核对。One of them was given back at the till; please look again."
LOOKING = "正在核对收银流水，两天内回复。We are looking at the tills and answer within two days."
BY_MAIL = "邮件确认，存于对账邮箱。Agreed by mail, kept in the mailbox of the accounts."
FOUND_FEN = 2_600
DRAFTS = 1  # of the last closed month


def ahead(days: Days, staff: Staff) -> list[Deed]:
    """What happens from the first day with coupons on; `staff` by role."""
    told, month, left_open = [], first_of_month(days.season), month_before(first_of_month(days.last))
    while month < left_open:
        steps = _TALKED_ABOUT if next_month(month) == left_open else _PAID
        told += [
            Deed(days.mall, next_month(month) + timedelta(days=number - 1), partial(step, days.mall, month, staff))
            for number, step in steps.items()
        ]
        month = next_month(month)
    return told


def _close(mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    months.close(mall=mall, month=month, by=staff["manager"], now=now)


def _issue_all(mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    statements.issue_all(statements=_of(mall, month), by=staff["manager"], now=now)


def _issue_most(mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    """All but a few of merchants that nobody signs in for."""
    left = [each.pk for each in _of(mall, month) if each.merchant_id and not person_of(each.merchant)][-DRAFTS:]
    statements.issue_all(statements=_of(mall, month).exclude(pk__in=left), by=staff["manager"], now=now)


def _dispute(text: str, mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    for line in _first_lines(mall, month):
        statements.dispute(line=line, text=text, by=staff["owner"], now=now)


def _write(mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    for line in _first_lines(mall, month):
        statements.write(line=line, text=LOOKING, by=staff["operator"], of_mall=True, now=now)


def _settle(mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    for line in _first_lines(mall, month):
        statements.settle(line=line, text=FOUND, adjustment_fen=FOUND_FEN, by=staff["manager"], now=now)


def _agree(every: int, mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    """The providers and the last of every so many merchants agree: by themselves, or the mall notes that they did."""
    issued = _of(mall, month).filter(state=StatementState.ISSUED)
    for each in issued.filter(provider__isnull=False):
        statements.agree(statement=each, by=staff["provider"], now=now)
    for each in list(issued.filter(merchant__isnull=False))[every - 1 :: every]:
        by = person_of(each.merchant)
        statements.agree(statement=each, by=by or staff["manager"], now=now, note="" if by else BY_MAIL)


def _pay_all(mall: Mall, month: date, staff: Staff, now: datetime) -> None:
    reference = f"HD-{month:%Y%m}"
    statements.pay_all(statements=_of(mall, month), reference=reference, by=staff["manager"], now=now)


def _of(mall: Mall, month: date):
    return Statement.objects.for_mall(mall).select_related("mall", "merchant", "provider").filter(month=month)


def _first_lines(mall: Mall, month: date) -> Iterator[StatementLine]:
    """The first line of the statement of the merchant whose owner can sign in, if there is one."""
    whose = {"statement__month": month, "statement__merchant__code": people.MERCHANT_OF[mall.slug]}
    lines = StatementLine.objects.for_mall(mall).select_related("statement__mall", "statement__merchant")
    return lines.filter(**whose).order_by("position")[:1].iterator()


# By the days of the next month.
_PAID: dict[int, Callable[..., None]] = {
    5: _close, 6: _issue_all, 7: partial(_dispute, MISSED), 9: _settle, 12: partial(_agree, 1), 20: _pay_all,
}  # fmt: skip
_TALKED_ABOUT: dict[int, Callable[..., None]] = {
    5: _close, 6: _issue_most, 8: partial(_dispute, RETURNED), 9: _write, 11: partial(_agree, 3),
}  # fmt: skip
