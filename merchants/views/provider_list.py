"""The service providers of a mall, and one change of standing for several of them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table, tick
from merchants.choices import Action, Standing
from merchants.forms.providers import BulkStandingForm, ProviderFilter
from merchants.models import Mall, ServiceProvider
from merchants.queries import providers as queries
from merchants.services import providers as services
from merchants.services.refusal import Refused

from .base import open_mall, provider_url
from .providers import standing_state


@login_required
@require_GET
def provider_list(request: HttpRequest, mall: str) -> HttpResponse:
    return listing(request, open_mall(request, mall, Action.VIEW))


def listing(request: HttpRequest, mall: Mall, standing_form: BulkStandingForm | None = None) -> HttpResponse:
    """The providers, with the change in error if one is given."""
    form, manages = ProviderFilter(request.GET), Action.MANAGE in request.rights
    rows = queries.provider_rows(mall, **form.values())
    context = {
        "title": _("Service providers"),
        "mall": mall,
        "form": form,
        "table": provider_table(request, rows, choose=manages),
        "standing_form": standing_form or (BulkStandingForm(providers=rows) if manages else None),
        "waiting": queries.applied(mall).count(),
    }
    status = 422 if standing_form else 200
    return render_part(request, "merchants/provider_list.html", context, part="board", status=status)


@login_required
@require_POST
def standing_bulk(request: HttpRequest, mall: str) -> HttpResponse:
    """Each provider is taken on its own, and says if it cannot be."""
    opened = open_mall(request, mall, Action.MANAGE)
    form = BulkStandingForm(request.POST, providers=queries.provider_rows(opened))
    if not form.is_valid():
        return listing(request, opened, form)
    terms = {name: form.cleaned_data[name] for name in ("standing", "reason")}
    changed = [row.name for row in form.cleaned_data["chosen"] if change(request, row, terms)]
    if changed:
        words = {"standing": Standing(terms["standing"]).label, "names": _(", ").join(changed)}
        messages.success(request, _("%(standing)s from now on: %(names)s.") % words)
    return redirect("merchants:provider_list", opened.slug)


def change(request: HttpRequest, provider: ServiceProvider, terms: dict[str, str]) -> bool:
    """Whether the standing was changed; if not, a message says why."""
    try:
        services.change_standing(provider=provider, **terms, by=request.user)
    except Refused as refusal:
        messages.error(request, f"{provider.name}: {refusal}")
        return False
    return True


def provider_table(request: HttpRequest, rows: QuerySet[ServiceProvider], *, choose: bool) -> Table:
    columns = [
        Column("name", _("Service provider"), sub=lambda row: row.code, url=provider_url),
        Column("standing", _("Standing"), kind="state", sortable=True, value=standing_state, export=False),
        Column("granted", _("Capabilities"), value=granted_words, hide_on_phone=True),
        Column("served", _("Served stores"), align="end", sortable=True, title=_("By agreements running today"),
               hide_on_phone=True),
        Column("running", _("Running agreements"), align="end", sortable=True, hide_on_phone=True),
        Column("contact_name", _("Contact person"), sub=lambda row: row.contact_email, hide_on_phone=True),
    ]  # fmt: skip
    if choose:
        columns.append(Column("choose", _("Choose"), value=tick_to_change, align="center", export=False))
    empty = Empty(_("No such service provider"), _("Whoever applies and is approved comes here."))
    return Table(columns, rows, request.GET, label=_("Service providers"), empty=empty, target="board")


def granted_words(row: ServiceProvider) -> str:
    return _(", ").join(capability.get_capability_display() for capability in row.granted)


def tick_to_change(row: ServiceProvider) -> str:
    return tick("chosen", row.pk, "standing", _("Choose %(name)s") % {"name": row.name})
