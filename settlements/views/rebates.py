"""What a provider earned: its own page, and the same for the mall."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mallops.lib.dates import first_of_month, last_of_month
from mallops.lib.files import sheets
from mallops.lib.format import basis_points, count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.parts import Tile
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import ServiceProvider
from merchants.views.base import open_provider, open_provider_of
from settlements.forms.rebates import RebateFilter
from settlements.models import Accrual
from settlements.queries import rebates as queries

TONES = {Accrual.State.PENDING: "info", Accrual.State.MATURED: "good", Accrual.State.CLAWED_BACK: "bad"}


@login_required
@require_GET
def own_rebates(request: HttpRequest, pk: int) -> HttpResponseBase:
    return show(request, open_provider(request, pk, Action.VIEW), of_mall=False)


@login_required
@require_GET
def provider_rebates(request: HttpRequest, mall: str, pk: int) -> HttpResponseBase:
    _mall, provider = open_provider_of(request, mall, pk, Action.VIEW)
    return show(request, provider, of_mall=True)


def show(request: HttpRequest, provider: ServiceProvider, *, of_mall: bool) -> HttpResponseBase:
    day = provider.mall.today()
    form = RebateFilter(request.GET, provider=provider, today=day)
    values = form.values()
    month = values.pop("month", None) or first_of_month(day)
    table = accrual_table(request, provider, queries.accrual_rows(provider, month, **values), of_mall)
    if kind := request.GET.get("format"):
        return sheets.answer(table, f"{provider.mall.slug}-rebates-{month:%Y-%m}", kind)
    context = {
        "title": _("Rebates"),
        "provider": provider,
        "of_mall": of_mall,
        "form": form,
        "tiles": tiles(provider, queries.month_so_far(provider, month, min(day, last_of_month(month))), month),
        "table": table,
        "due_table": due_table(request, provider),
        "most": sheets.MOST_ROWS,
    }
    return render_part(request, "settlements/rebate_list.html", context, part="board")


def tiles(provider: ServiceProvider, found: queries.MonthSoFar, month: date) -> list[Tile]:
    def yuan(fen: int) -> str:
        return money(fen, provider.mall.currency)

    return [
        Tile(_("Earned in %(month)s") % {"month": f"{month:%Y-%m}"}, yuan(found.earned_fen),
             definition=_("Less what was taken back.")),
        Tile(_("Not matured"), yuan(found.pending_fen), definition=_("Can still be taken back, if it is undone.")),
        Tile(_("Matured"), yuan(found.matured_fen), definition=_("Stands on the statement of its month.")),
        Tile(_("Taken back"), yuan(found.clawed_fen)),
        Tile(_("Base of the month"), yuan(found.run_fen), definition=ahead(found, yuan)),
        Tile(_("Traffic credits"), count(found.credits)),
    ]  # fmt: skip


def ahead(found: queries.MonthSoFar, yuan) -> str:
    """What the next redemption meets: the cap, or how far the next tier is."""
    if found.is_capped:
        return _("The cap of the month is reached.")
    if found.next_tier:
        missing, bp = found.next_tier
        return _("%(amount)s more until %(rate)s.") % {"amount": yuan(missing), "rate": basis_points(bp)}
    return _("What the share is reckoned from.")


def accrual_table(request: HttpRequest, provider: ServiceProvider, rows, of_mall: bool) -> Table:
    mall = provider.mall

    def yuan(fen: int) -> str:
        return money(fen, mall.currency)

    def evidence(row: Accrual) -> str:
        if row.redemption:
            return _("Coupon %(code)s") % {"code": row.redemption.coupon}
        return _("Payment %(id)s") % {"id": row.payment.transaction_id}

    def evidence_url(row: Accrual) -> str | None:
        if of_mall and row.redemption:
            return reverse("coupons:coupon_detail", args=[mall.slug, row.redemption.coupon_id])
        return None

    columns = [
        Column("day", _("Day"), format=str, sortable=True),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display(), hide_on_phone=True),
        Column("store.name", _("Store")),
        Column("evidence", _("Evidence"), value=evidence, url=evidence_url, kind="mono",
               sub=lambda row: row.redemption and row.redemption.coupon.rule.name, hide_on_phone=True),
        Column("base_fen", _("Base"), align="end", format=yuan, hide_on_phone=True),
        Column("run_fen", _("Month so far"), align="end", format=yuan, hide_on_phone=True),
        Column("amount_fen", _("Reward"), align="end", format=yuan, sortable=True),
        Column("credits", _("Traffic credits"), align="end", format=count, hide_on_phone=True),
        Column("matures_on", _("Due"), format=str, sortable=True, hide_on_phone=True),
        Column("state", _("State"), kind="state",
               value=lambda row: (row.get_state_display(), TONES[row.state])),
    ]  # fmt: skip
    empty = Empty(_("Nothing earned"), _("Rewards appear some minutes after a coupon was used."))
    return Table(columns, rows, request.GET, label=_("Rewards"), page_size=25, empty=empty, target="board")


def due_table(request: HttpRequest, provider: ServiceProvider) -> Table:
    columns = [
        Column("day", _("Due"), format=str),
        Column("number", _("Rewards"), align="end", format=count),
        Column("fen", _("Amount"), align="end", format=lambda fen: money(fen, provider.mall.currency)),
    ]
    rows = queries.coming_due(provider)
    empty = Empty(_("Nothing waits"))
    return Table(columns, rows, label=_("Coming due"), page_size=None, empty=empty, prefix="due_")
