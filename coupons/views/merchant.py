"""A merchant's own stocks, and the rules that award them. Read only."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from coupons.queries import stocks as queries
from coupons.queries.names import names_of
from mallops.lib.ui.tables import Empty
from merchants.choices import Action
from merchants.views.base import open_merchant

from .rules import awarding_table
from .stocks import stock_table


@login_required
@require_GET
def merchant_stocks(request: HttpRequest, pk: int) -> HttpResponse:
    merchant = open_merchant(request, pk, Action.VIEW)
    table = stock_table(request, merchant.mall, queries.stock_rows(merchant.mall, merchant=merchant), links=False)
    table.empty = Empty(_("No stock yet"), _("The mall sets up the coupons that you honour."), icon="ticket")
    rules = awarding_table(
        request, merchant.mall, queries.merchant_rules(merchant), names_of(merchant.mall), links=False
    )
    context = {"title": _("My coupon stocks"), "merchant": merchant, "table": table, "rules": rules}
    return render(request, "coupons/merchant_stocks.html", context)
