"""What statements say in words, on pages, in files and in mails."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mallops.lib.format import money, month_label
from merchants.models import Mall

from .models import AccountKind, Statement
from .models.statements import StatementState

TONES = {
    StatementState.DRAFT: "off",
    StatementState.ISSUED: "info",
    StatementState.DISPUTED: "warn",
    StatementState.CLOSED: "good",
    StatementState.PAID: "good",
}


def statement_state(statement: Statement) -> tuple[str, str]:
    return statement.get_state_display(), TONES[StatementState(statement.state)]


def statement_title(statement: Statement) -> str:
    return _("Statement of %(month)s") % {"month": month_label(statement.month)}


def owed(mall: Mall, party: str, fen: int) -> str:
    """Who owes whom how much."""
    names = {"mall": mall.name, "party": party, "amount": money(abs(fen), mall.currency)}
    if fen > 0:
        return _("%(mall)s owes %(party)s %(amount)s.") % names
    if fen < 0:
        return _("%(party)s owes %(mall)s %(amount)s.") % names
    return _("Nobody owes anything: it comes to %(amount)s.") % names


def opening(statement: Statement) -> str:
    """What the figures are, above them."""
    return _(
        "What was booked for %(party)s at %(mall)s in %(month)s. Amounts above zero are in favour of %(party)s, those"
        " below zero in favour of %(mall)s."
    ) % {"party": statement.party.name, "mall": statement.mall.name, "month": month_label(statement.month)}


def closing(statement: Statement) -> str:
    """What can still be done about the figures, below them."""
    if statement.state in (StatementState.CLOSED, StatementState.PAID):
        return _("The statement was agreed to. What is found later is booked in a later month.")
    return _(
        "The figures of a closed month do not change. Whoever finds something wrong disputes the line; what comes of"
        " it is an adjustment on a later statement."
    )


def groups() -> dict[str, tuple[str, str]]:
    """By the kind of account: a heading of lines, and what they are."""
    return {
        AccountKind.REIMBURSEMENT: (_("Coupons honoured"), _("Discounts given on coupons, less those undone.")),
        AccountKind.COST: (_("Own share of the coupons' cost"), _("As agreed to for each rule, wherever redeemed.")),
        AccountKind.REBATE: (_("Rebates"), _("Those that became due, less those taken back afterwards.")),
        AccountKind.ADJUSTMENT: (_("Adjustments"), _("What came of disputed lines of earlier statements.")),
    }  # fmt: skip


def reasons() -> dict[str, str]:
    """Why a step with a statement is not possible, and what to do, by the code of the error."""
    return {
        "wrong_state": _("The statement has moved on meanwhile: see its history for what happened."),
        "open_disputes": _("Lines of the statement are disputed. The mall settles them first."),
        "no_text": _("Write what it is about."),
        "not_disputed": _("The line is not disputed, or no longer."),
        "no_reference": _("Enter the reference of the payment."),
        "too_large": _("The adjustment is too large to be meant."),
    }


def done(count: int) -> dict[str, str]:
    """What came of a step with several statements."""
    values = {"count": count}
    return {
        "issue": ngettext("%(count)s statement was issued.", "%(count)s statements were issued.", count) % values,
        "pay": ngettext("%(count)s statement is paid.", "%(count)s statements are paid.", count) % values,
    }


def history_sentence(action: str, changes: dict[str, list], currency: str) -> str:
    """What an entry of the audit trail says was done to a statement."""
    values: dict[str, Any] = {name: new for name, (_old, new) in changes.items()}
    before = changes.get("state", [None])[0]
    adjustment = values.get("adjustment_fen")
    if action == "line_settled" and adjustment:
        values["amount"] = money(adjustment, currency)
        return _("Settled line %(line)s with an adjustment of %(amount)s") % values
    words = {
        "statement_issued": _("All lines are settled")
        if before == StatementState.DISPUTED
        else pgettext("statement", "Issued"),
        "statement_disputed": _("Disputed line %(line)s"),
        "line_settled": _("Settled line %(line)s without an adjustment"),
        "statement_closed": _("Agreed on paper: %(note)s") if "note" in values else pgettext("statement", "Agreed"),
        "statement_paid": _("Paid, reference %(reference)s"),
    }
    return words[action] % values if action in words else action
