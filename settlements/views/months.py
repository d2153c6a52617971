"""The months of a mall's books, and closing them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from mallops.lib.format import month_label
from mallops.lib.htmx import render_part
from merchants.choices import Action
from merchants.views.base import open_mall
from settlements import months
from settlements.forms.months import CloseForm
from settlements.months import CloseError
from settlements.queries.months import month_rows
from settlements.tables.ledger import month_table


@login_required
@require_GET
def month_list(request: HttpRequest, mall: str) -> HttpResponse:
    """While a month is being closed the page asks on, and comes anew once it is."""
    opened = open_mall(request, mall, Action.VIEW)
    closing = months.closing(opened)
    if request.htmx and not closing:
        return HttpResponseClientRefresh()
    rows = month_rows(opened, opened.today())
    due = [row.month for row in rows if row.state in ("open", "closing")]
    context = {
        "title": _("Months"),
        "mall": opened,
        "table": month_table(opened, rows, request.GET),
        "closing": closing,
        "next": min(due, default=None) if Action.SETTLE in request.rights else None,
    }
    return render_part(request, "settlements/month_list.html", context, part="progress")


@login_required
@require_POST
def month_close(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.SETTLE)
    form = CloseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose the month to close."))
        return redirect("settlements:month_list", opened.slug)
    try:
        months.begin(mall=opened, month=form.cleaned_data["month"], by=request.user, now=timezone.now())
        messages.success(request, _("The month is being closed. Its statements will be here soon."))
    except CloseError as error:
        messages.error(request, refusal(error))
    return redirect("settlements:month_list", opened.slug)


def refusal(error: CloseError) -> str:
    """Why a month cannot be closed, and what to do."""
    words = {
        "not_over": _("%(month)s is not over yet: close it from the first day of the next month on."),
        "closed_already": _("%(month)s was closed already."),
        "out_of_order": _("Months are closed in their order: close %(month)s first."),
        "nothing_to_close": _("There is nothing to close: no entry was posted yet."),
        "still_closing": _("%(month)s is still being closed: try again in a minute."),
    }
    return words[error.code] % {"month": month_label(error.month) if error.month else ""}
