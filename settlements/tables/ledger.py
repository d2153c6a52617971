"""The tables of the settlement ledger."""

from collections.abc import Callable, Mapping
from functools import partial

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from mallops.lib.format import count, moment, money, month_label
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Mall
from settlements.models import Account, Entry
from settlements.queries.balances import Balance
from settlements.queries.entries import signed_fen
from settlements.queries.months import Month

STATES = {
    "running": (_("Running"), "info"),
    "open": (_("To be closed"), "warn"),
    "closing": (_("Being closed"), "info"),
    "closed": (pgettext_lazy("month", "Closed"), "good"),
}


def fen_column(mall: Mall, key: str, label: str, **options) -> Column:
    """An amount in the mall's currency."""
    return Column(key, label, align="end", format=partial(money, symbol=mall.currency), **options)


def balance_table(mall: Mall, rows: list[Balance], params: Mapping, month=None) -> Table:
    def entries(balance: Balance) -> str:
        chosen = {"account": balance.account.pk} | ({"month": month.isoformat()} if month else {})
        return f"{reverse('settlements:entry_list', args=[mall.slug])}?{urlencode(chosen)}"

    opening = [fen_column(mall, "opening_fen", _("Before"), hide_on_phone=True)] if month else []
    columns = [
        Column("kind", pgettext("ledger", "Account"), value=lambda row: row.account.get_kind_display(), url=entries),
        Column("party", _("Whose"), value=lambda row: party(row.account)),
        *opening,
        fen_column(mall, "debits_fen", _("Debits"), sortable=True, hide_on_phone=True),
        fen_column(mall, "credits_fen", _("Credits"), sortable=True, hide_on_phone=True),
        fen_column(mall, "balance_fen", _("Balance"), sortable=True, title=_("Credits less debits")),
    ]
    empty = Empty(_("No entry yet"), _("The first coupon that is issued makes the first entry."))
    return Table(columns, rows, params, label=_("Trial balance"), target="board", page_size=100, empty=empty)


def party(account: Account) -> str:
    """The name of whose account it is."""
    return (account.merchant or account.provider or account.mall).name


def entry_table(
    mall: Mall,
    rows: QuerySet[Entry],
    params: Mapping,
    *,
    account: Account | None = None,
    evidence: Callable[[Entry], str | None] | None = None,
) -> Table:
    """Entries; with an account, by what each adds to its balance. `evidence` gives the address of what one proves."""
    amount = fen_column(mall, "amount_fen", _("Amount"), value=account and (lambda row: signed_fen(row, account)))
    columns = [
        Column("day", _("Day"), format=str),
        Column("kind", _("Why"), value=lambda row: row.get_kind_display(), sub=lambda row: row.note, url=evidence),
        Column("debit", _("Debit"), value=lambda row: str(row.debit), hide_on_phone=True),
        Column("credit", _("Credit"), value=lambda row: str(row.credit), hide_on_phone=True),
        Column("store.name", _("Store"), hide_on_phone=True),
        Column("rule.name", _("Rule"), hide_on_phone=True),
        Column("month", _("Booked in"), format=month_label, hide_on_phone=True),
        Column("pk", _("Entry"), align="end", hide_on_phone=True),
        amount,
    ]
    empty = Empty(_("No entry found"), _("Choose another month or account."), icon="search")
    return Table(columns, rows, params, label=_("Entries"), target="board", empty=empty)


def month_table(mall: Mall, rows: list[Month], params: Mapping) -> Table:
    def balances(row: Month) -> str:
        return f"{reverse('settlements:trial_balance', args=[mall.slug])}?{urlencode({'month': row.month})}"

    columns = [
        Column("month", _("Month"), format=month_label, url=balances),
        Column("state", _("State"), kind="state", value=lambda row: STATES[row.state]),
        Column("entries", _("Entries"), align="end", format=count, hide_on_phone=True),
        fen_column(mall, "amount_fen", _("Sum of all entries"), hide_on_phone=True),
        Column(
            "closed.closed_at", _("Closed at"), format=lambda when: moment(when, mall.time_zone),
            sub=lambda row: row.closed and row.closed.closed_by and str(row.closed.closed_by),
        ),
    ]  # fmt: skip
    return Table(columns, rows, params, label=_("Months"), empty=Empty(_("No entry yet")))
