"""Pages of the imports of a mall: the list, a new one, one with its progress and report."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mallops.lib.csvio import csv_lines
from mallops.lib.files.answers import attachment
from mallops.lib.format import count, moment
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from mallops.lib.uploads import LimitedUpload
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from . import queries, services
from .doors import DOORS
from .forms import ImportForm
from .models import ImportKind, ImportRun


@login_required
@require_GET
def import_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.IMPORT)
    table = import_table(opened, request)
    return render_part(request, "imports/import_list.html", {"title": _("Imports"), "table": table}, part="board")


def import_table(mall: Mall, request: HttpRequest) -> Table:
    new = reverse("imports:import_new", args=[mall.slug])
    columns = [
        Column("file_name", _("File"), url=lambda run: reverse("imports:import_detail", args=[mall.slug, run.pk])),
        Column("get_kind_display", _("Kind"), value=lambda run: run.get_kind_display()),
        Column("state", _("State"), kind="state", value=queries.state_shown),
        Column("rows", _("Rows"), align="end", format=count, sortable=True),
        Column("added", _("Added or changed"), align="end", format=count, hide_on_phone=True),
        Column("bad", _("Bad"), align="end", format=count, sortable=True),
        Column("created_at", _("Started"), kind="moment", format=lambda at: moment(at, mall.time_zone), sortable=True),
        Column("created_by", _("By"), hide_on_phone=True),
    ]
    return Table(
        columns, queries.imports_of(mall, request.user), request.GET, label=_("Imports"), default_sort="-created_at",
        target="board",
        empty=Empty(_("No import yet"), _("Bring stores or payments from a file."), new, _("New import")),
    )  # fmt: skip


@csrf_exempt  # reading the token reads the upload, whose handler has to be set before; checked in _import_new
@login_required
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, mall: str) -> HttpResponse:
    request.upload_handlers.insert(0, LimitedUpload(request, settings.IMPORT_MAX_BYTES))
    return _import_new(request, open_mall(request, mall, Action.IMPORT))


@csrf_protect
def _import_new(request: HttpRequest, mall: Mall) -> HttpResponse:
    if "template" in request.GET:
        return template_file(request.GET["template"])
    form = ImportForm(initial={"kind": request.GET.get("kind")})
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES, too_large=getattr(request, "upload_too_large", False))
        if form.is_valid():
            run = services.begin_import(mall=mall, by=request.user, **form.cleaned_data)
            return redirect("imports:import_detail", mall.slug, run.pk)
    kinds = [(kind, DOORS[kind].columns) for kind in ImportKind]
    context = {"title": _("New import"), "form": form, "kinds": kinds, "mall": mall}
    return render(request, "imports/import_new.html", context, status=422 if form.errors else 200)


def template_file(kind: str) -> HttpResponseBase:
    """A file with the header and one line of the kind, to fill in."""
    if kind not in ImportKind.values:
        raise Http404
    columns = DOORS[kind].columns
    rows = [[column.name for column in columns], [column.example for column in columns]]
    return attachment(csv_lines(rows), f"{kind}.csv", "csv")


def open_run(request: HttpRequest, mall: str, pk: int) -> ImportRun:
    opened = open_mall(request, mall, Action.IMPORT)
    return get_object_or_404(queries.imports_of(opened, request.user).select_related("mall", "created_by"), pk=pk)


@login_required
@require_GET
def import_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    run = open_run(request, mall, pk)
    state, tone = queries.state_shown(run)
    context = {
        "title": run.file_name, "run": run, "mall": run.mall, "state": state, "tone": tone,
        "progress": queries.progress(run),
    }  # fmt: skip
    return render_part(request, "imports/import_detail.html", context, part="board")


@login_required
@require_GET
def import_report(request: HttpRequest, mall: str, pk: int) -> FileResponse:
    """The bad rows as CSV, in the language of who started the import."""
    run = open_run(request, mall, pk)
    if not run.report:
        raise Http404
    name = f"{run.file_name.rpartition('.')[0] or run.file_name}-report.csv"
    return FileResponse(
        run.report.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


@login_required
@require_POST
def import_cancel(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    run = open_run(request, mall, pk)
    if services.cancel_import(run=run):
        messages.success(request, _("The import is being stopped."))
    else:
        messages.info(request, _("The import had ended already."))
    return redirect("imports:import_detail", mall, pk)
