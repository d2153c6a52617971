"""A merchant's own disputes: redemptions made without connection that could not be kept."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coupons.forms.notices import DisputeFilter
from coupons.queries.disputes import dispute_rows
from coupons.views.disputes import dispute_table
from mallops.lib.htmx import render_part
from merchants.choices import Action
from merchants.views.base import open_merchant


@login_required
@require_GET
def dispute_list(request: HttpRequest, pk: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.REDEEM)
    form = DisputeFilter(request.GET)
    stores = list(merchant.stores.values_list("pk", flat=True))
    rows = dispute_rows(merchant.mall, stores=stores, **form.values())
    context = {
        "title": _("Disputes"),
        "sub": _(
            "Coupons your stores took without connection and that could not be kept when they arrived."
            " The mall settles them."
        ),
        "merchant": merchant,
        "form": form,
        "table": dispute_table(request, merchant.mall, rows),
    }
    return render_part(request, "coupons/dispute_list.html", context, part="board")
