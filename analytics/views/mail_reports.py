"""Dashboards by mail: a reader's reports at a mall, merchant or provider, and what can be done with each."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from analytics.forms.mails import ReportForm
from analytics.mails import links, sending, services
from analytics.models import MailReport
from analytics.saved import Body, columns, list_address, views_at
from mallops.lib import format as fmt
from merchants import access
from merchants.choices import Action
from merchants.views.base import open_body, open_mall, open_merchant, open_provider

BOTH = ["GET", "POST"]


@login_required
@require_http_methods(BOTH)
def mail_reports(request: HttpRequest, mall: str) -> HttpResponse:
    return reports(request, open_mall(request, mall, Action.VIEW))


@login_required
@require_http_methods(BOTH)
def merchant_mail_reports(request: HttpRequest, pk: int) -> HttpResponse:
    return reports(request, open_merchant(request, pk, Action.VIEW))


@login_required
@require_http_methods(BOTH)
def provider_mail_reports(request: HttpRequest, pk: int) -> HttpResponse:
    return reports(request, open_provider(request, pk, Action.VIEW))


def reports(request: HttpRequest, body: Body) -> HttpResponse:
    """The reader's reports; a POST adds one, of a saved view or of the board at ``?address=``."""
    address = request.GET.get("address", "")
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, instance=MailReport(to=request.user), body=body, reader=request.user, address=address)
    if request.method == "POST" and form.is_valid():
        services.begin(report=form.save(commit=False), now=timezone.now())
        messages.success(request, _("The report will be mailed to %(email)s.") % {"email": request.user.email})
        return redirect(list_address(body, "mail_reports"))
    context = {
        "title": _("Mail reports"), "form": form, "reports": shown(body, request.user),
        "may_add": bool(form.address) or views_at(request.user, body).exists(), "around": body,
    }  # fmt: skip
    return render(request, "analytics/mail_reports.html", context, status=422 if form.errors else 200)


def shown(body: Body, reader) -> list[MailReport]:
    """The reports of a reader at a body, each with what it does in words."""
    mine = {f"view__{name}": value for name, value in columns(body).items()}
    found = list(MailReport.objects.filter(to=reader, **mine).select_related("view__mall").order_by("view__name", "pk"))
    for report in found:
        report.rhythm = _("%(every)s, from %(hour)s") % {
            "every": report.get_every_display(), "hour": f"{report.hour:02d}:00",
        }  # fmt: skip
        report.last = fmt.moment(report.sent_at, report.view.mall.time_zone)
    return found


def open_report(request: HttpRequest, pk: int) -> MailReport:
    """One of the reader's own; raises Http404 for those of others. Also without the right to see what it shows: it can
    be ended still."""
    rows = MailReport.objects.filter(to=request.user).select_related("view__mall", "view__merchant", "view__provider")
    return get_object_or_404(rows, pk=pk)


def back_from(request: HttpRequest, report: MailReport) -> HttpResponse:
    """To the list, or home for who may not see it any more."""
    body = report.view.body
    return redirect(list_address(body, "mail_reports") if access.may(request.user, Action.VIEW, body) else "home")


@login_required
@require_http_methods(BOTH)
def mail_report_edit(request: HttpRequest, pk: int) -> HttpResponse:
    report = open_report(request, pk)
    body = open_body(request, report.view.body, Action.VIEW)
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, instance=report, body=body, reader=request.user)
    if request.method == "POST" and form.is_valid():
        services.change(report=form.save(commit=False), now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect(list_address(body, "mail_reports"))
    context = {"title": report.view.name, "form": form, "back": list_address(body, "mail_reports"), "around": body}
    return render(request, "analytics/mail_report_edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def mail_report_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, or go on."""
    report = open_report(request, pk)
    if report.paused:
        services.resume(report=report, now=timezone.now())
    else:
        services.pause(report=report)
    return back_from(request, report)


@login_required
@require_POST
def mail_report_send(request: HttpRequest, pk: int) -> HttpResponse:
    report = open_report(request, pk)
    period = services.ask_trial(report=report, now=timezone.now())
    said = _("The report of %(days)s is on its way to %(email)s.")
    days = fmt.date_range(period.start, period.last)
    messages.success(request, said % {"days": days, "email": request.user.email})
    return back_from(request, report)


@login_required
@require_POST
def mail_report_delete(request: HttpRequest, pk: int) -> HttpResponse:
    report = open_report(request, pk)
    report.delete()
    messages.success(request, _("The report was deleted."))
    return back_from(request, report)


@csrf_exempt  # mail programs post here when their reader unsubscribes (RFC 8058); the signed token is the right to
@require_http_methods(BOTH)
def mail_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ends a report without signing in. Only a POST does: programs that look into mails follow each link."""
    report = links.report_of(token)
    if report is None:
        raise Http404
    if request.method == "POST":
        sending.end(report, _("Ended by the link in a mail."))
    context = {"report": report, "ended": request.method == "POST" or report.paused}
    return render(request, "analytics/mail_unsubscribe.html", context)
