"""Who gets no coupons: the list, blocking by hand, lifting."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coupons.forms.guards import BlockFilter, BlockForm
from coupons.guards import blocking
from coupons.models import Block
from coupons.queries import guards as queries
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .coupons import shopper_tag
from .states import at


def block_state(block: Block) -> tuple[str, str]:
    if block.lifted_at:
        return _("Lifted"), "off"
    if block.until and block.until <= timezone.now():
        return _("Ended"), "off"
    return _("In force"), "warn"


def person(user) -> str | None:
    return user and (user.get_full_name() or user.username)


@login_required
@require_http_methods(["GET", "POST"])
def block_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    now = timezone.now()
    form = BlockForm(request.POST or None, mall=opened, now=now, initial={"shopper": request.GET.get("shopper", "")})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        blocking.block(
            mall=opened, shopper=values["shopper"], reason=values["reason"], until=form.until, now=now, by=request.user
        )
        messages.success(request, _("Blocked: no new coupons from now on."))
        return redirect("coupons:block_list", opened.slug)
    shown = BlockFilter(request.GET)
    context = {
        "title": _("Blocked shoppers"),
        "mall": opened,
        "form": shown,
        "block_form": form,
        "table": block_table(request, opened, queries.block_rows(opened, now=now, **shown.values())),
    }
    status = 422 if request.method == "POST" else 200
    return render_part(request, "coupons/guard_blocks.html", context, part="board", status=status)


def block_table(request: HttpRequest, mall: Mall, rows) -> Table:
    def detail(block: Block) -> str:
        return reverse("coupons:block_detail", args=[mall.slug, block.pk])

    columns = [
        Column("shopper", _("Shopper"), value=lambda block: shopper_tag(block.shopper_id), url=detail, sub=reason),
        Column("state", _("State"), kind="state", value=block_state, export=False),
        Column("blocked_at", _("Blocked at"), kind="moment", format=at(mall), hide_on_phone=True),
        Column("until", _("Until before"), kind="moment", format=at(mall)),
        Column("blocked_by", _("By"), value=by, hide_on_phone=True),
    ]
    empty = Empty(_("Nobody is blocked"), _("Guards block whom they find; you can block by hand."), icon="shield")
    return Table(columns, rows, request.GET, label=_("Blocks"), target="board", empty=empty)


def reason(block: Block) -> str:
    return block.flag.get_guard_display() if block.flag else block.reason


def by(block: Block) -> str:
    return person(block.blocked_by) or _("a guard")


@login_required
@require_GET
def block_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, block = open_block(request, mall, pk)
    context = {
        "title": _("Block of shopper %(shopper)s") % {"shopper": shopper_tag(block.shopper_id)},
        "mall": opened,
        "blocked": block,
        "state": block_state(block),
        "reason": reason(block),
        "by": by(block),
        "lifted_by": person(block.lifted_by),
    }
    return render(request, "coupons/guard_block.html", context)


@login_required
@require_POST
def block_lift(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, block = open_block(request, mall, pk)
    if blocking.lift(mall=opened, block=block, now=timezone.now(), by=request.user):
        messages.success(request, _("Lifted."))
    return redirect("coupons:block_detail", opened.slug, block.pk)


def open_block(request: HttpRequest, mall: str, pk: int) -> tuple[Mall, Block]:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    blocks = Block.objects.for_mall(opened).select_related("flag", "blocked_by", "lifted_by")
    return opened, get_object_or_404(blocks, pk=pk)
