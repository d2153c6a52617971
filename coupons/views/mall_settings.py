"""Position and mall-wide control group of a mall."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from coupons.forms.malls import MallSettingsForm
from coupons.queries.names import names_of
from coupons.services import malls as services
from merchants.choices import Action
from merchants.views.base import open_mall

from .rule_page import trail


@login_required
@require_http_methods(["GET", "POST"])
def mall_settings(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.MANAGE)
    form = MallSettingsForm(request.POST if request.method == "POST" else None, mall=opened)
    if request.method == "POST" and form.is_valid():
        services.change(mall=opened, values=form.cleaned_data, by=request.user)
        messages.success(request, _("Settings saved."))
        return redirect("coupons:mall_settings", opened.slug)
    context = {"title": _("Mall settings"), "mall": opened, "form": form, "trail": trail(opened, names_of(opened))}
    return render(request, "coupons/mall_settings.html", context, status=422 if form.errors else 200)
