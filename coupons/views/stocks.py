"""Stocks of a mall."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coupons.filters import StockFilter
from coupons.forms.stocks import IssuedStockForm, StockForm
from coupons.models import Stock
from coupons.queries import limits
from coupons.queries import stocks as queries
from coupons.queries.names import names_of
from coupons.sentences import stock_sentence, validity_sentence
from coupons.services import stocks as services
from mallops.lib.format import count, money
from mallops.lib.htmx import render_part
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import Action
from merchants.models import Mall
from merchants.views.base import open_mall

from .rule_page import trail
from .rules import awarding_table
from .states import named_coupon_state, stock_state


@login_required
@require_GET
def stock_list(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.VIEW)
    edits = Action.EDIT_RULES in request.rights
    form = StockFilter(request.GET, mall=opened)
    table = stock_table(request, opened, queries.stock_rows(opened, **form.values()), links=True)
    table.empty = Empty(
        _("No stock here"), _("A stock says what a coupon is worth, where it is used and how many there are."),
        reverse("coupons:stock_new", args=[opened.slug]) if edits else "", _("New stock"), icon="ticket",
    )  # fmt: skip
    context = {"title": _("Coupon stocks"), "mall": opened, "edits": edits, "form": form, "table": table}
    return render_part(request, "coupons/stock_list.html", context, part="board")


def stock_table(request: HttpRequest, mall: Mall, rows, *, links: bool) -> Table:
    """Stocks with what is used of them; `links` leads to the mall's page of each."""

    def detail(stock: Stock) -> str:
        return stock_url("stock_detail", mall, stock)

    def yuan(fen: int) -> str:
        return money(fen, mall.currency)

    def of_budget(stock: Stock) -> str:
        return _("of %(amount)s") % {"amount": yuan(stock.budget_fen)} if stock.budget_fen else ""

    columns = [
        Column("name", _("Stock"), url=detail if links else None, sub=lambda row: stock_sentence(row, mall.currency)),
        Column("merchant.name", _("Merchant"), hide_on_phone=True),
        Column("validity", _("Valid"), value=validity_sentence, hide_on_phone=True),
        Column("state", _("State"), kind="state", value=stock_state, export=False),
        Column("issued", _("Issued"), align="end", format=count, sortable=True, sub=of_quantity),
        Column("share", _("Used"), kind="share", value=lambda row: row.issued / row.quantity, hide_on_phone=True),
        Column("claimed_fen", _("Money claimed"), align="end", sortable=True, hide_on_phone=True, format=yuan,
               sub=of_budget, title=_("What the issued coupons cost at most")),
    ]  # fmt: skip
    return Table(columns, rows, request.GET, label=_("Coupon stocks"), target="board" if links else "")


def of_quantity(stock: Stock) -> str:
    return _("of %(quantity)s") % {"quantity": count(stock.quantity)}


@login_required
@require_GET
def stock_detail(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, stock = open_stock(request, mall, pk, Action.VIEW)
    counts, names = queries.state_counts(stock), names_of(opened)
    limit_names = {"quantity": _("Quantity"), "budget_fen": _("Money budget")}
    context = {
        "title": stock.name,
        "mall": opened,
        "stock": stock,
        "state": stock_state(stock),
        "worth": stock_sentence(stock, opened.currency),
        "validity": validity_sentence(stock),
        "places": [place.name for place in (*stock.stores.all(), *stock.categories.all())],
        "uses": [(limit_names[use.name], use) for use in limits.stock_uses(stock)],
        "counts": [(named_coupon_state(state), number) for state, number in counts.items()],
        "table": awarding_table(request, opened, queries.rules_awarding(stock), names),
        "trail": trail(stock, names),
        "edits": Action.EDIT_RULES in request.rights,
    }
    return render(request, "coupons/stock_detail.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def stock_new(request: HttpRequest, mall: str) -> HttpResponse:
    opened = open_mall(request, mall, Action.EDIT_RULES)
    form = StockForm(request.POST if request.method == "POST" else None, mall=opened)
    if request.method == "POST" and form.is_valid():
        stock = services.create(mall=opened, values=form.cleaned_data, by=request.user)
        messages.success(request, _("Stock created. A rule can award it now."))
        return redirect(stock_url("stock_detail", opened, stock))
    back = reverse("coupons:stock_list", args=[mall])
    context = {"title": _("New stock"), "mall": opened, "form": form, "back": back}
    return render(request, "coupons/stock_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def stock_edit(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    """All of a stock before its first issue, what may still change afterwards."""
    opened, stock = open_stock(request, mall, pk, Action.EDIT_RULES)
    back = stock_url("stock_detail", opened, stock)
    issued = services.is_frozen(stock)
    data = request.POST if request.method == "POST" else None
    form = IssuedStockForm(data, instance=stock) if issued else StockForm(data, instance=stock, mall=opened)
    title = stock.name
    if request.method == "POST" and form.is_valid():
        try:
            services.change(stock=stock, values=form.cleaned_data, by=request.user)
        except services.FrozenTerms as error:
            show_frozen(form, error)
        else:
            messages.success(request, _("Stock saved."))
            return redirect(back)
    context = {"title": title, "mall": opened, "stock": stock, "form": form, "back": back, "issued": issued}
    return render(request, "coupons/stock_form.html", context, status=422 if form.errors else 200)


def show_frozen(form, error: services.FrozenTerms) -> None:
    """Say beside each field, or above those that are not on the page, that it may not change so."""
    for name in error.fields:
        shown = name if name in form.fields else None
        form.add_error(
            shown, _("Merchants agreed or coupons were issued: quantity and budget may only grow, the terms stay.")
        )


@login_required
@require_POST
def stock_close(request: HttpRequest, mall: str, pk: int) -> HttpResponse:
    opened, stock = open_stock(request, mall, pk, Action.EDIT_RULES)
    services.close(stock=stock, now=timezone.now(), by=request.user)
    messages.success(request, _("Stock closed. Issued coupons stay valid."))
    return redirect(stock_url("stock_detail", opened, stock))


def open_stock(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, Stock]:
    opened = open_mall(request, mall, action)
    return opened, get_object_or_404(opened.stocks.select_related("merchant"), pk=pk)


def stock_url(name: str, mall: Mall, stock: Stock) -> str:
    return reverse(f"coupons:{name}", kwargs={"mall": mall.slug, "pk": stock.pk})
