"""Findings of the guards against abuse, a person's word on them, and who is blocked."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from coupons.forms.guards import GuardFilter, ReviewForm
from coupons.guards import MODULES, reviewing
from coupons.models import Block, GuardFlag
from coupons.queries import guards as queries
from mallops.lib.format import NONE, count, percent
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .blocks import block_state, person
from .coupons import shopper_tag
from .guard_facts import facts_table, shopper_link
from .states import at

FLAG_TONES = {GuardFlag.State.OPEN: "warn", GuardFlag.State.UPHELD: "bad", GuardFlag.State.OVERRULED: "off"}


def flag_state(flag: GuardFlag) -> tuple[str, str]:
    return flag.get_state_display(), FLAG_TONES[flag.state]


def said(flag: GuardFlag) -> str:
    """The evidence in one sentence."""
    return MODULES[flag.guard].sentence(flag.evidence)


@login_required
@require_GET
def guard_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    form = GuardFilter(request.GET)

    def detail(flag: GuardFlag) -> str:
        return reverse("coupons:guard_detail", args=[opened.slug, flag.pk])

    columns = [
        Column("guard", _("Finding"), value=GuardFlag.get_guard_display, url=detail, sub=said),
        Column("shopper", _("Shopper"), value=lambda flag: shopper_tag(flag.shopper_id), url=shopper_link(opened)),
        Column("state", _("State"), kind="state", value=flag_state, export=False),
        Column("raised_at", _("Raised at"), kind="moment", format=at(opened), hide_on_phone=True),
        Column("reviewed_by", _("Reviewed by"), value=lambda flag: person(flag.reviewed_by), hide_on_phone=True),
    ]
    rows = queries.flag_rows(opened, **form.values())
    empty = Empty(_("Nothing found"), _("The guards look every five minutes."), icon="shield")
    table = Table(columns, rows, request.GET, label=_("Findings"), target="board", empty=empty)
    context = {
        "title": _("Abuse guards"), "mall": opened, "form": form, "table": table, "tallies": tally_table(opened),
    }  # fmt: skip
    return render_part(request, "coupons/guard_list.html", context, part="board")


def tally_table(mall: Mall) -> Table:
    columns = [
        Column("guard.label", _("Guard"), sub=lambda tally: summary(tally.guard)),
        *(
            Column(key, label, align="end", format=count)
            for key, label in (
                ("raised", _("Raised")), ("open", _("Open")), ("upheld", _("Upheld")), ("overruled", _("Overruled"))
            )
        ),
        Column("false_share", _("False positives"), align="end", title=_("Overruled among those reviewed"),
               value=lambda tally: NONE if tally.false_share is None else percent(tally.false_share)),
    ]  # fmt: skip
    return Table(columns, queries.tallies(mall), label=_("How often the guards were right"), page_size=None)


def summary(guard: str) -> str:
    return {
        "refund_loop": _("Payments that earned coupons and are refunded afterwards."),
        "shared_device": _("Many shoppers on one device."),
        "staff_self": _("One member of staff keeps redeeming for one shopper."),
        "velocity": _("More payments or awards than a person can make."),
    }[guard]


@login_required
@require_GET
def guard_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, flag = open_flag(request, mall, pk)
    return detail(request, opened, flag, ReviewForm(alike=queries.alike(flag).count()))


@login_required
@require_POST
def guard_review(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, flag = open_flag(request, mall, pk)
    others = list(queries.alike(flag))
    form = ReviewForm(request.POST, alike=len(others))
    if not form.is_valid():
        return detail(request, opened, flag, form)
    values = form.cleaned_data
    word = {"uphold": reviewing.uphold, "overrule": reviewing.overrule}[values["word"]]
    try:
        for each in [flag, *(others if values.get("together") else [])]:
            word(mall=opened, flag=each, note=values["note"], now=timezone.now(), by=request.user)
        messages.success(request, _("Noted."))
    except reviewing.Reviewed:
        messages.error(request, _("Someone has reviewed this finding meanwhile."))
    return redirect("coupons:guard_detail", opened.slug, flag.pk)


def open_flag(request: HttpRequest, mall: str, pk: int) -> tuple[Mall, GuardFlag]:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    flags = GuardFlag.objects.for_mall(opened).select_related("reviewed_by")
    return opened, get_object_or_404(flags, pk=pk)


def detail(request: HttpRequest, mall: Mall, flag: GuardFlag, form: ReviewForm) -> HttpResponse:
    context = {
        "title": flag.get_guard_display(),
        "mall": mall,
        "flag": flag,
        "state": flag_state(flag),
        "said": said(flag),
        "facts": facts_table(mall, flag),
        "blocks": [(block, block_state(block)) for block in Block.objects.for_mall(mall).filter(flag=flag)],
        "trail": [(entry, trail_sentence(entry.action), ()) for entry in queries.trail_of(flag)],
        "form": form if flag.state != GuardFlag.State.OVERRULED else None,
        "is_open": flag.state == GuardFlag.State.OPEN,
    }
    return render(request, "coupons/guard_detail.html", context, status=422 if form.errors else 200)


def trail_sentence(action: str) -> str:
    return {
        "finding_raised": _("Raised the finding, and blocked the shopper"),
        "finding_upheld": _("Upheld the finding"),
        "finding_overruled": _("Overruled the finding, and lifted its block"),
    }[action]
