"""The ledger as files: of the whole mall, or of a merchant's own stores."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analytics.files import ledger
from analytics.forms.ledger import LedgerForm
from analytics.queries import places
from analytics.queries.places import Place
from analytics.saved import Body
from mallops.lib.files.answers import attachment
from merchants.choices import Action
from merchants.services import audit
from merchants.views.base import open_mall, open_merchant


@login_required
@require_http_methods(["GET", "POST"])
def ledger_export(request: HttpRequest, mall: str) -> HttpResponseBase:
    opened = open_mall(request, mall, Action.VIEW)
    return _export(request, opened, places.of_mall(opened))


@login_required
@require_http_methods(["GET", "POST"])
def merchant_ledger_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    opened = open_merchant(request, pk, Action.VIEW)
    return _export(request, opened, places.of_merchant(opened))


def _export(request: HttpRequest, body: Body, place: Place) -> HttpResponseBase:
    """The form; a POST answers the file, and notes who took what."""
    data = request.POST if request.method == "POST" else None
    form = LedgerForm(data, place=place, today=place.mall.today())
    if request.method == "POST" and form.is_valid():
        return _file(request, body, form)
    columns = [(one.label, one.shown(place.whole)) for one in ledger.LEDGERS.values()]
    context = {"title": _("Ledger as file"), "form": form, "ledgers": columns, "around": body}
    return render(request, "analytics/ledger_export.html", context, status=422 if form.errors else 200)


def _file(request: HttpRequest, body: Body, form: LedgerForm) -> HttpResponseBase:
    kind, period, place = form.cleaned_data["kind"], form.period, form.place
    days = f"{period.start.isoformat()}-{period.last.isoformat()}"
    taken = {"kind": [None, kind], "days": [None, days], "stores": [None, form.cleaned_data["stores"] or "all"]}
    audit.record(actor=request.user, mall=place.mall, action="ledger_exported", obj=body, changes=taken)
    lines = ledger.lines(kind, mall=place.mall, stores=form.chosen_stores, period=period, whole=place.whole)
    return attachment(lines, f"{place.mall.slug}-{kind}-{days}.csv", "csv")
