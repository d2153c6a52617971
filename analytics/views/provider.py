"""The boards of a service provider: the stores it serves, on the days of its agreements with them."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.charts.coupons import coupons_by_day, funnel
from analytics.charts.times import by_day
from analytics.forms.board import BoardForm
from analytics.metrics import add
from analytics.queries import coupons, places
from analytics.queries.activity import last_days
from analytics.queries.choice import Choice
from analytics.queries.own_coupons import asked_of, own_costs
from analytics.queries.sales import Sales, sales
from analytics.queries.sums import of_side
from analytics.queries.windows import inside
from analytics.tables import served as tables
from analytics.tables.columns import day_column, spark_column
from analytics.tables.coupons import coupon_rows, coupon_table
from analytics.tables.sales import store_rows, store_table
from analytics.tiles import OF_STORES
from coupons.models import Rule
from coupons.queries.consents import own_consents, waiting
from mallops.lib.ui.parts import Empty
from mallops.lib.ui.tables import Column, Table
from merchants.choices import Action
from merchants.models import ServiceProvider
from merchants.queries.agreements import confirmed_rows
from merchants.views.base import open_provider

from . import board, links
from .sections import add_sparks, key_figures

COUPON_TILES = ("issued", "redeemed", "discount", "coupon_sales")
BY_STORE = ("issued", "shown", "redeemed", "expired", "revoked", "discount", "coupon_sales")


def show(
    request: HttpRequest, provider: ServiceProvider, body: str, content, *, title: str, **context
) -> HttpResponseBase:
    no_stores = Empty(_("No served stores"), _("Stores appear here while an agreement with them is running."))
    return board.show(
        request, places.of_provider(provider), f"analytics/{body}.html", content, title=title,
        kinds=("category", "store"), no_stores=no_stores, provider=provider, **context,
    )  # fmt: skip


@login_required
@require_GET
def provider_overview(request: HttpRequest, pk: int) -> HttpResponseBase:
    provider = open_provider(request, pk, Action.VIEW)
    content, asked = partial(overview, provider), waiting(provider)
    return show(request, provider, "_provider", content, title=provider.name, waiting=asked)


def overview(provider: ServiceProvider, choice: Choice, form: BoardForm) -> board.Content:
    found, last = sales(choice), last_days(choice.place, form.today)
    quiet = tables.quiet_rows(choice.place, last, form.today)
    agreements = tables.agreement_rows(confirmed_rows(provider), form.today)
    return {
        "tiles": key_figures(choice, found.days, OF_STORES),
        "charts": {"sales": by_day(choice, found.days)},
        "tables": {
            "stores": stores_table(provider, form, found, last),
            "quiet": tables.quiet_table(quiet),
            "agreements": tables.agreement_table(agreements),
        },
        "partly": partly(choice),
    }


def stores_table(provider: ServiceProvider, form: BoardForm, found: Sales, last: Mapping[int, date]) -> Table:
    """With what the provider does at each store, and the day of its last payment (`last`, by store id)."""
    choice, services = form.choice, places.capabilities(provider)
    rows = store_rows(choice, found)
    for row in rows:
        row |= {"services": services.get(row["store"].pk, ""), "last": last.get(row["store"].pk)}
    extra = [Column("services", _("Services")), day_column("last", _("Last payment")), spark_column()]
    table = store_table(choice, rows, form.query, link=links.here(form), extra=extra)
    table.columns = [column for column in table.columns if column.key != "share"]  # for which there is no room
    add_sparks(choice, table)
    return table


def partly(choice: Choice) -> list[str]:
    """Names of the chosen stores that were not served on all days shown or compared with."""
    served = choice.place.served
    return [
        store.name
        for store in choice.stores
        if any(inside(served[store.pk], period) != (period,) for period in choice.periods)
    ]


@login_required
@require_GET
def provider_coupons(request: HttpRequest, pk: int) -> HttpResponseBase:
    provider = open_provider(request, pk, Action.VIEW)
    content = partial(results, provider)
    return show(request, provider, "_provider_coupons", content, title=_("Coupon results"))


def results(provider: ServiceProvider, choice: Choice, form: BoardForm) -> board.Content:
    days, stores = coupons.coupons(choice, [("day",), ("store_id",)])
    now, costs = add(of_side(days, 0).values()), cost_tables(provider, choice, form)
    if not now and not costs:
        why = _("Coupons appear here once payments at these stores earn some, or some are used there.")
        return board.no_coupons(form, why)
    rows = coupon_rows(stores, BY_STORE, {store.pk: store.name for store in choice.stores})
    return {
        "tiles": key_figures(choice, days, COUPON_TILES),
        "charts": {"fates": funnel(choice, now), "days": coupons_by_day(choice, days)},
        "tables": {"stores": coupon_table(choice, rows, form.query, BY_STORE, of=_("Store"), prefix="store_")} | costs,
        "partly": partly(choice),
    }


def cost_tables(provider: ServiceProvider, choice: Choice, form: BoardForm) -> dict[str, Table]:
    """What coupons cost the provider, by rule; nothing if no rule ever asked it to pay."""
    consents = {consent.version.rule_id: consent for consent in reversed(own_consents(provider))}
    if not consents:
        return {}
    rules = asked_of(provider)

    def link(rule: Rule) -> str:
        return reverse("coupons:provider_consent", args=[provider.pk, consents[rule.pk].pk])

    return {"costs": tables.cost_table(choice, own_costs(provider, choice, rules), rules, form.query, link)}
