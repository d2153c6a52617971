"""Notices to shoppers: what was sent, what was given up, and the channels they go through."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coupons.delivery import channels, sending, trial
from coupons.forms.notices import ChannelForm, NoticeFilter
from coupons.models import Notice, NoticeChannel
from coupons.models.delivery import Sender
from coupons.queries.notices import dead_notices, notice_rows
from mallops.lib import once
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .states import at, tail

TONES = {State: tone for State, tone in zip(Notice.State, ("info", "good", "bad", "off"), strict=True)}


@login_required
@require_GET
def notice_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    form = NoticeFilter(request.GET)
    context = {
        "title": _("Notices"),
        "mall": opened,
        "form": form,
        "table": notice_table(request, opened, notice_rows(opened, **form.values())),
        "dead": dead_notices(opened),
        "may_resend": Action.EDIT_RULES in request.rights,
        "may_manage": Action.MANAGE in request.rights,
    }
    return render_part(request, "coupons/notice_list.html", context, part="board")


@login_required
@require_GET
def notice_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    related = ("coupon__stock", "channel")
    notice = get_object_or_404(Notice.objects.for_mall(opened).select_related(*related), pk=pk)
    context = {
        "title": _("Notice about coupon %(code)s") % {"code": tail(notice.coupon.code)},
        "mall": opened,
        "notice": notice,
        "occasion": occasion(notice),
        "state": notice_state(notice),
        "may_resend": notice.state == Notice.State.DEAD and Action.EDIT_RULES in request.rights,
    }
    return render(request, "coupons/notice_detail.html", context)


@login_required
@require_POST
def notice_resend(request: HttpRequest, mall: str, pk: int | None = None) -> HttpResponse:
    """Try one notice that was given up again, or all of them."""
    opened = open_mall(request, mall, Action.EDIT_RULES)
    if pk is not None:
        get_object_or_404(Notice.objects.for_mall(opened), pk=pk)
    count = sending.resend(opened, pk=pk)
    said = ngettext("%(count)d notice will be sent again.", "%(count)d notices will be sent again.", count)
    messages.success(request, said % {"count": count})
    return redirect("coupons:notice_list", opened.slug)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def channel_list(request: HttpRequest, mall: str) -> HttpResponse:
    """The channels; a POST adds one. The secret of a webhook is shown once, on the page that it leads to."""
    opened = open_mall(request, mall, Action.MANAGE)
    form = ChannelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            channel = channels.add(mall=opened, by=request.user, **form.cleaned_data)
            if channel.sender == Sender.WEBHOOK:
                once.keep(request, request.path, channels.secret(channel))
            return redirect(request.path)
        except channels.ChannelExists:
            form.add_error(None, _("The mall has this channel already."))
    context = {
        "title": _("Notice channels"),
        "mall": opened,
        "rows": opened.notice_channels.all(),
        "form": form,
        "secret": once.take(request) if request.method == "GET" else "",
    }
    return render(request, "coupons/notice_channels.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def channel_switch(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """Switch a channel on or off (field `on`)."""
    opened = open_mall(request, mall, Action.MANAGE)
    channel = get_object_or_404(opened.notice_channels, pk=pk)
    on = request.POST.get("on") == "1"
    if channels.switch(channel=channel, on=on, by=request.user):
        messages.success(request, _("Switched on.") if on else _("Switched off."))
    return redirect("coupons:channel_list", opened.slug)


@login_required
@require_POST
def channel_test(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """Send a test message to a webhook, now."""
    opened = open_mall(request, mall, Action.MANAGE)
    webhooks = NoticeChannel.objects.filter(mall=opened, sender=Sender.WEBHOOK).select_related("mall")
    problem = trial.send(get_object_or_404(webhooks, pk=pk))
    if problem:
        messages.error(request, _("The test message was not taken: %(problem)s") % {"problem": problem})
    else:
        messages.success(request, _("The receiver took the test message."))
    return redirect("coupons:channel_list", opened.slug)


def notice_table(request: HttpRequest, mall: Mall, rows) -> Table:
    def detail(notice: Notice) -> str:
        return reverse("coupons:notice_detail", args=[mall.slug, notice.pk])

    columns = [
        Column("coupon.stock.name", _("Coupon"), sub=lambda row: tail(row.coupon.code), url=detail),
        Column("hours_before", _("Occasion"), value=occasion),
        Column("channel", _("Channel"), hide_on_phone=True),
        Column("state", _("State"), kind="state", value=notice_state, export=False),
        Column("attempts", _("Attempts"), align="end", hide_on_phone=True),
        Column("due_at", _("Due or sent"), value=lambda row: row.sent_at or row.due_at, format=at(mall)),
        Column("error", _("Last error"), hide_on_phone=True),
    ]
    empty = Empty(_("No notice"), _("Notices are written once the mall has a channel."), icon="bell")
    return Table(columns, rows, request.GET, label=_("Notices"), target="board", empty=empty)


def occasion(notice: Notice) -> str:
    if not notice.hours_before:
        return _("On receipt")
    said = ngettext("%(count)d hour before the end", "%(count)d hours before the end", notice.hours_before)
    return said % {"count": notice.hours_before}


def notice_state(notice: Notice) -> tuple[str, str]:
    return notice.get_state_display(), TONES[notice.state]
