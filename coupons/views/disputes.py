"""Disputes of a mall: redemptions made without connection that could not be kept, and settling them."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons import disputes as services
from coupons.forms.notices import DisputeFilter, SettleForm
from coupons.models import Dispute, Redemption
from coupons.queries.disputes import dispute_rows
from coupons.sentences.refusals import refusals
from mallops.lib.format import money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .states import at, tail

TONES = {Dispute.State.OPEN: "warn", Dispute.State.SETTLED: "good"}


@login_required
@require_GET
def dispute_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    form = DisputeFilter(request.GET)

    def address(dispute: Dispute) -> str:
        return reverse("coupons:dispute_detail", args=[opened.slug, dispute.pk])

    table = dispute_table(request, opened, dispute_rows(opened, **form.values()), address)
    sub = _("Coupons that stores took without connection and that could not be kept when they arrived.")
    context = {"title": _("Disputes"), "sub": sub, "form": form, "table": table}
    return render_part(request, "coupons/dispute_list.html", context, part="board")


@login_required
@require_GET
def dispute_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """What a store took, why it was refused, and where the coupon was used instead."""
    opened = open_mall(request, mall, Action.VIEW)
    return detail(request, opened, open_dispute(opened, pk), SettleForm())


@login_required
@require_POST
def dispute_settle(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    dispute, form = open_dispute(opened, pk), SettleForm(request.POST)
    if not form.is_valid():
        return detail(request, opened, dispute, form)
    if services.settle(dispute=dispute, note=form.cleaned_data["note"], by=request.user, now=timezone.now()):
        messages.success(request, _("Settled."))
    else:
        messages.error(request, _("Someone else settled it first."))
    return redirect("coupons:dispute_detail", opened.slug, pk)


def open_dispute(mall: Mall, pk: int) -> Dispute:
    related = ("coupon__stock", "store__merchant", "by", "settled_by")
    return get_object_or_404(Dispute.objects.for_mall(mall).select_related(*related), pk=pk)


def detail(request: HttpRequest, opened: Mall, dispute: Dispute, form: SettleForm) -> HttpResponse:
    uses = Redemption.objects.for_mall(opened).filter(coupon=dispute.coupon_id).select_related("store")
    context = {
        "title": _("Dispute about coupon %(code)s") % {"code": tail(dispute.coupon.code)},
        "mall": opened,
        "dispute": dispute,
        "reason": refusals()[dispute.reason],
        "state": dispute_state(dispute),
        "uses": uses.order_by("turn"),
        "form": form if dispute.state == Dispute.State.OPEN and Action.EDIT_RULES in request.rights else None,
    }
    return render(request, "coupons/dispute_detail.html", context, status=422 if form.errors else 200)


def dispute_table(
    request: HttpRequest,
    mall: Mall,
    rows: QuerySet[Dispute],
    address: Callable[[Dispute], str] | None = None,
) -> Table:
    words = refusals()
    columns = [
        Column("redeemed_at", _("Taken"), kind="moment", format=at(mall), url=address),
        Column("coupon.stock.name", _("Coupon"), sub=lambda row: tail(row.coupon.code)),
        Column("store.name", _("Store"), sub=taken_by, hide_on_phone=True),
        Column("order_fen", _("Order"), align="end", format=lambda fen: money(fen, mall.currency), hide_on_phone=True),
        Column("reason", _("Why it was not kept"), format=words.get),
        Column("state", _("State"), kind="state", value=dispute_state, export=False, sub=lambda row: row.note),
    ]
    empty = Empty(
        _("No dispute"), _("Coupons taken without connection that were used elsewhere first come here."), icon="check"
    )
    return Table(columns, rows, request.GET, label=_("Disputes"), target="board", empty=empty)


def taken_by(dispute: Dispute) -> str:
    return (dispute.by.get_full_name() or dispute.by.username) if dispute.by else ""


def dispute_state(dispute: Dispute) -> tuple[str, str]:
    return dispute.get_state_display(), TONES[dispute.state]
