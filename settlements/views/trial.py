"""The trial balance of a mall, and the entries behind it."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mallops.lib.dates import first_of_month
from mallops.lib.files import sheets
from mallops.lib.format import money
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Tile
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall
from settlements.forms.ledger import BalanceFilter, EntryFilter
from settlements.models import Entry, EntryKind
from settlements.queries.balances import Balance, months_of, trial_balance
from settlements.queries.entries import entry_rows
from settlements.tables.ledger import balance_table, entry_table, party


@login_required
@require_GET
def trial_balance_page(request: HttpRequest, mall: str) -> HttpResponseBase:
    opened = open_mall(request, mall, Action.VIEW)
    form = BalanceFilter(request.GET, months=months_of(opened))
    chosen = form.values()
    rows = trial_balance(opened, chosen.get("month"))
    table = balance_table(opened, narrowed(rows, **chosen), request.GET, chosen.get("month"))
    if kind := request.GET.get("format"):
        return sheets.answer(table, f"{opened.slug}-balance", kind)
    context = {"title": _("Trial balance"), "form": form, "table": table, "tiles": proof(opened, rows),
               "most": sheets.MOST_ROWS}  # fmt: skip
    return render_part(request, "settlements/trial_balance.html", context, part="board")


def narrowed(rows: list[Balance], search: str = "", kind: str = "", **_rest) -> list[Balance]:
    """The rows of a kind whose party has a name like this."""
    like = search.strip().casefold()
    return [row for row in rows if (not kind or row.account.kind == kind) and like in party(row.account).casefold()]


def proof(mall: Mall, rows: list[Balance]) -> list[Tile]:
    """That the whole balances, whatever part of it is shown."""
    debits, credits = sum(row.debits_fen for row in rows), sum(row.credits_fen for row in rows)
    balance = sum(row.balance_fen for row in rows)
    return [
        Tile(_("Debits"), money(debits, mall.currency)),
        Tile(_("Credits"), money(credits, mall.currency)),
        Tile(_("Sum of all balances"), money(balance, mall.currency), definition=_("Always zero.")),
    ]


@login_required
@require_GET
def entry_list(request: HttpRequest, mall: str) -> HttpResponseBase:
    opened = open_mall(request, mall, Action.VIEW)
    form = EntryFilter(request.GET, mall=opened, months=months_of(opened))
    chosen = form.values()
    rows = entry_rows(opened, **chosen)
    table = entry_table(opened, rows, request.GET, account=chosen.get("account"), evidence=evidence(opened))
    if kind := request.GET.get("format"):
        return sheets.answer(table, f"{opened.slug}-entries", kind)
    context = {"title": _("Entries"), "form": form, "table": table, "most": sheets.MOST_ROWS}
    return render_part(request, "settlements/entry_list.html", context, part="board")


def evidence(mall: Mall) -> Callable[[Entry], str | None]:
    """The address of what an entry comes from: the coupon, the statement, or the provider's rebates."""

    def address(entry: Entry) -> str | None:
        if entry.coupon_id:
            return reverse("coupons:coupon_detail", args=[mall.slug, entry.coupon_id])
        if entry.kind == EntryKind.PAYOUT:
            return reverse("settlements:mall_statement", args=[mall.slug, entry.source_id])
        provider = entry.credit.provider_id or entry.debit.provider_id
        if not provider:
            return None
        rebates = reverse("settlements:provider_rebates", args=[mall.slug, provider])
        return f"{rebates}?month={first_of_month(entry.day)}" if entry.kind == EntryKind.ACCRUAL else rebates

    return address
