"""What statements post to the ledger: adjustments of disputed lines, and that they are paid. On the day of the mall on
which it is posted, so in the month that is open."""

from datetime import datetime

from mallops.lib.dates import today
from merchants.queries import directory as directories

from .accounts import Key
from .models import AccountKind, EntryKind, LineMessage, Statement, StatementLine
from .posting import Line, post

LONGEST_NOTE = 500


def adjust(statement: Statement, line: StatementLine, fen: int, message: LineMessage, *, now: datetime) -> None:
    """So many fen, above zero in favour of the party, because of a message about a line."""
    party, mall = _of_party(AccountKind.ADJUSTMENT, statement), Key(AccountKind.ADJUSTMENT)
    debit, credit = (mall, party) if fen > 0 else (party, mall)
    posted = Line(
        kind=EntryKind.ADJUSTMENT, source_id=message.pk, debit=debit, credit=credit, amount_fen=abs(fen),
        day=today(statement.mall.time_zone, now), store_id=line.store_id, rule_id=line.rule_id,
        note=message.text[:LONGEST_NOTE],
    )  # fmt: skip
    post(directories.current(statement.mall_id), [posted], now=now)


def pay_out(statement: Statement, *, now: datetime) -> None:
    """What the statement comes to, from the bank or into it; nothing if that is nothing."""
    party, bank = _of_party(AccountKind.PAID, statement), Key(AccountKind.BANK)
    debit, credit = (party, bank) if statement.total_fen > 0 else (bank, party)
    posted = Line(
        kind=EntryKind.PAYOUT, source_id=statement.pk, debit=debit, credit=credit,
        amount_fen=abs(statement.total_fen), day=today(statement.mall.time_zone, now),
        note=statement.payment_reference,
    )  # fmt: skip
    post(directories.current(statement.mall_id), [posted], now=now)


def _of_party(kind: AccountKind, statement: Statement) -> Key:
    return Key(kind, statement.merchant_id, statement.provider_id)
