"""The list of stores, stores side by side, the floor plan, hours, the tree of categories, and what to do next."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.charts.plan import colours, wrapped
from analytics.metrics import METRICS, add
from analytics.queries import places
from analytics.queries.choice import Choice
from analytics.queries.sales import sales
from analytics.queries.stores import net_of_categories
from analytics.queries.todo import todos
from analytics.tables.mix import mix_rows
from coupons.engine.terms import Limits
from coupons.models import Consent, Dispute, LimitCounter, SuggestionReport
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from mallops.imports.models import ImportKind, ImportRun, ImportState
from mallops.lib.dates import Period
from merchants.choices import Action, Role
from merchants.models import AuditEntry, Store
from merchants.queries.plans import box_of
from merchants.queries.plans import places as places_of
from tests import factories

from .cells import put
from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PART = {"HX-Request": "true", "HX-Target": "board"}
NEW_PAGES = ["store_list", "store_compare", "floor_plan", "hours", "category_list"]


@pytest.fixture
def floor(mall):
    return factories.make_floor(mall=mall, code="L1", level=1, name_en="Ground")


@pytest.fixture
def stores(mall, floor):
    """Three stores of one floor, the second twice as large as the first, the third without sales."""
    made = [
        factories.make_store(mall=mall, floor=floor, code=code, unit=f"L1-0{n}", name_en=name)
        for n, (code, name) in enumerate([("tea", "Tea House"), ("hot/pot", "Hotpot"), ("quiet", "Quiet")], start=1)
    ]
    for store, gross in zip(made, (10_000, 20_000), strict=False):
        put(store, TODAY, 12, payments=2, gross_fen=gross)
        put(store, TODAY - timedelta(days=30), 15, payments=1, gross_fen=8_000)
    return made


def page(client, name: str, mall, query=None, **kwargs):
    return client.get(reverse(f"analytics:{name}", args=[mall.slug]), query or {}, **kwargs)


def text(response) -> str:
    return unescape(response.content.decode())


def tile_values(response) -> list[str]:
    return [unescape(found) for found in re.findall(r'class="tile-value"[^>]*>([^<]*)<', response.content.decode())]


def names(response) -> list[str]:
    return [row["name"] for row in response.context["tables"]["stores"].sorted_rows]


# --- The list ---


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", ["Hotpot", "Tea House", "Quiet"]), ("POT", ["Hotpot"]), ("l1-01", ["Tea House"]), ("quiet", ["Quiet"]),
        ("店", ["Hotpot", "Tea House", "Quiet"]), ("%_", []), ("' OR 1=1", []),
    ],
)  # fmt: skip
def test_stores_are_found_by_name_code_and_unit(client, manager, mall, stores, q, found):
    client.force_login(manager)
    response = page(client, "store_list", mall, {"q": q})
    assert names(response) == found
    assert response.status_code == 200


@pytest.mark.parametrize("q", ["\x00", "x" * 81])
def test_a_search_that_cannot_be_is_told(client, manager, mall, stores, q):
    client.force_login(manager)
    assert 'role="alert"' in text(page(client, "store_list", mall, {"q": q}))


def test_the_search_stays_in_the_address(client, manager, mall, stores):
    client.force_login(manager)
    response = page(client, "store_list", mall, {"q": "pot", "floor": "L1"}, headers=PART)
    assert response["HX-Push-Url"].endswith("/stores/?floor=L1&q=pot")


def test_sparklines_are_net_sales_by_day(client, manager, mall, stores):
    client.force_login(manager)
    rows = page(client, "store_list", mall, {"period": "7d"}).context["tables"]["stores"].page
    assert [row["spark"] for row in rows] == [[0] * 6 + [20_000], [0] * 6 + [10_000], [0] * 7]


def test_boxes_lead_to_comparing(client, manager, mall, stores):
    client.force_login(manager)
    shown = text(page(client, "store_list", mall, {"period": "7d"}))
    assert 'name="store" value="hot/pot" form="compare" aria-label="Compare Hotpot"' in shown
    assert '<input type="hidden" name="period" value="7d">' in shown


# --- Side by side ---


def test_stores_side_by_side(client, manager, mall, stores):
    import plotly.graph_objects as go

    client.force_login(manager)
    response = page(client, "store_compare", mall, {"store": ["hot/pot", "tea"]})
    assert tile_values(response) == ["¥200.00", "¥100.00"]
    rows = {row["key"]: row for row in response.context["tables"]["stores"].rows}
    assert rows["average_ticket"][stores[1].pk][0] == 10_000
    assert rows["net_sales"][stores[0].pk][1].text == "+25.0%"
    for chart in response.context["charts"].values():
        go.Figure(json.loads(json.dumps(chart.figure)))
    figure = response.context["charts"]["days"].figure
    assert [trace["y"][-1] for trace in figure["data"][:2]] == [200, 100]


def test_rates_are_drawn_in_percent(client, manager, mall, stores):
    put(stores[1], TODAY, 12, refunds=1, refund_fen=5_000)
    client.force_login(manager)
    response = page(client, "store_compare", mall, {"store": ["hot/pot", "tea"], "metric": "refund_rate"})
    chart = response.context["charts"]["days"]
    assert chart.sub == "%"
    assert [trace["y"][-1] for trace in chart.figure["data"][:2]] == [25, 0]


def test_the_chosen_figure(client, manager, mall, stores):
    client.force_login(manager)
    response = page(client, "store_compare", mall, {"store": ["hot/pot", "tea"], "metric": "transactions"})
    assert tile_values(response) == ["2", "2"]
    assert "Transactions by day" in text(response)
    assert tile_values(page(client, "store_compare", mall, {"store": ["hot/pot", "tea"], "metric": "shoppers"})) == [
        "0", "0",
    ]  # fmt: skip


def test_codes_of_nowhere_are_left_out_and_said(client, manager, mall, stores):
    foreign = factories.make_store(mall=factories.make_mall(), code="abroad", name_en="Abroad")
    client.force_login(manager)
    query = {"store": ["tea", "nothing", foreign.code, "quiet", "tea", "\x00", ""]}
    response = page(client, "store_compare", mall, query, headers=PART)
    assert "3 stores were left out" in text(response)
    assert "Abroad" not in text(response)
    assert response["HX-Push-Url"].endswith("/compare/?store=tea&store=quiet")


def test_resetting_keeps_the_stores(client, manager, mall, stores):
    client.force_login(manager)
    shown = text(page(client, "store_compare", mall, {"store": ["tea", "hot/pot"], "metric": "transactions"}))
    assert '<a class="no-print" href="/malls/galaxy/compare/?store=tea&store=hot%2Fpot">Reset</a>' in shown


def test_at_most_five(client, manager, mall, stores):
    more = [factories.make_store(mall=mall).code for _ in range(4)]
    client.force_login(manager)
    response = page(client, "store_compare", mall, {"store": ["tea", "quiet", *more]})
    assert len(tile_values(response)) == 5
    assert "1 store was left out: not of this mall, or more than 5." in text(response)


@pytest.mark.parametrize(
    "query", [{}, {"store": "tea"}, {"store": ["gone", "away"]}, {"store": ["tea", "tea"]}], ids=str
)
def test_fewer_than_two_say_what_to_do(client, manager, mall, stores, query):
    client.force_login(manager)
    response = page(client, "store_compare", mall, query)
    assert response.status_code == 200
    assert "Choose two to five stores" in text(response)


def test_a_comparison_goes_into_a_file(client, manager, mall, stores):
    client.force_login(manager)
    response = page(client, "store_compare", mall, {"store": ["tea", "quiet"], "export": "stores"})
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert any(line.startswith("Net sales,") and "¥100.00" in line for line in lines)


# --- A store ---


def test_a_store_among_its_category(client, manager, mall, stores):
    Store.objects.filter(pk__in=[store.pk for store in stores]).update(category=stores[0].category)
    client.force_login(manager)
    response = client.get(reverse("analytics:store_detail", args=[mall.slug, "tea"]))
    assert response.context["facts"] == [
        (
            "Rank by net sales",
            f"2 of 3 in {stores[0].category.name}",
            f"/malls/galaxy/categories/{stores[0].category.code}/",
        )
    ]


def test_opening_and_closing_are_told_and_marked(client, manager, mall, stores):
    days = {"opened_on": TODAY - timedelta(days=9), "closed_on": TODAY}
    Store.objects.filter(pk=stores[0].pk).update(**days)
    client.force_login(manager)
    response = client.get(reverse("analytics:store_detail", args=[mall.slug, "tea"]))
    assert [fact[:2] for fact in response.context["facts"][1:]] == [
        ("Opened on", "2026-11-12"), ("Closed on", "2026-11-21"),
    ]  # fmt: skip
    assert {"Tea House opened", "Tea House closed"} <= {
        row["marks"] for row in response.context["charts"]["sales"].table.rows
    }


def test_live_rules_of_a_store(client, manager, mall, stores):
    stock = factories.make_stock(mall=mall)
    met = factories.make_rule(mall=mall, stock=stock, stores=(stores[0].pk,))
    factories.make_rule(mall=mall, stock=stock, stores=(stores[1].pk,))
    factories.make_rule(mall=mall, stock=stock, stores=(stores[0].pk,), state=RuleState.ENDED)
    client.force_login(manager)
    response = client.get(reverse("analytics:store_detail", args=[mall.slug, "tea"]))
    assert response.context["rules"] == [met]
    assert response.context["rules_url"] == f"/malls/galaxy/rules/?store={stores[0].pk}"


# --- The floor plan ---


def units(response) -> dict[str, str]:
    """What is told of each unit -> the class of its colour."""
    html = response.content.decode()
    return {unescape(told): css for told, css in re.findall(r'<title>([^<]*)</title><rect class="unit ([\w-]+)"', html)}


def test_units_have_the_colour_of_their_figure(client, manager, mall, stores):
    client.force_login(manager)
    found = units(page(client, "floor_plan", mall))
    assert found == {
        "L1-01 · Tea House · Net sales ¥100.00": "seq-2", "L1-02 · Hotpot · Net sales ¥200.00": "seq-4",
        "L1-03 · Quiet · Net sales ¥0.00": "seq-0",
    }  # fmt: skip


def test_units_coloured_by_change(client, manager, mall, stores):
    client.force_login(manager)
    found = units(page(client, "floor_plan", mall, {"metric": "change"}))
    assert found == {
        "L1-01 · Tea House · Change +25.0%": "div-4", "L1-02 · Hotpot · Change +150.0%": "div-4",
        "L1-03 · Quiet · Change –": "unit-none",
    }  # fmt: skip
    assert set(units(page(client, "floor_plan", mall, {"metric": "change", "compare": "none"})).values()) == {
        "unit-none"
    }


@pytest.mark.parametrize("metric", ["transactions", "average_ticket", "shoppers", "refund_rate", "redeemed"])
@pytest.mark.parametrize("query", [{}, {"newness": "new"}, {"floor": "L1"}], ids=str)
def test_every_figure_of_the_plan(client, manager, mall, stores, metric, query):
    client.force_login(manager)
    response = page(client, "floor_plan", mall, {"metric": metric, **query})
    assert response.status_code == 200
    assert len(units(response)) == 3


def test_closed_and_unopened_stores_are_not_on_the_plan(client, manager, mall, stores, store):
    Store.objects.filter(pk=stores[0].pk).update(closed_on=TODAY)
    Store.objects.filter(pk=stores[1].pk).update(opened_on=TODAY + timedelta(days=1))
    client.force_login(manager)
    response = page(client, "floor_plan", mall)
    assert list(units(response)) == ["L1-03 · Quiet · Net sales ¥0.00"]
    assert "1 store without a floor is in the table only." in text(response)


def test_a_filter_moves_no_unit(client, manager, mall, stores):
    client.force_login(manager)
    response = page(client, "floor_plan", mall, {"category": stores[1].category.code})
    (unit,) = response.context["plans"][0].units
    assert unit.box == places_of(stores)[stores[1].pk]


def test_floors_are_tabs(client, manager, mall, stores):
    factories.make_store(mall=mall, floor=factories.make_floor(mall=mall, code="B 1", level=-1))
    client.force_login(manager)
    response = page(client, "floor_plan", mall)
    assert [name for name, _url, _shown in response.context["floors"]] == ["All floors", "B 1", "L1"]
    alone = client.get(response.context["floors"][1][1])
    assert [plan.floor.code for plan in alone.context["plans"]] == ["B 1"]


def test_who_may_manage_edits_the_plan(client, manager, operator, mall, stores):
    address = reverse("analytics:floor_plan_edit", args=[mall.slug, "L1"])
    client.force_login(operator)
    assert address not in text(page(client, "floor_plan", mall))
    client.force_login(manager)
    assert address in text(page(client, "floor_plan", mall))


def box_data(stores, *boxes) -> dict[str, int]:
    return {
        f"{store.pk}-{side}": at
        for store, box in zip(stores, boxes, strict=True)
        for side, at in zip(("x", "y", "width", "height"), box, strict=True)
    }


def test_the_plan_is_saved_and_overlaps_are_said(client, manager, mall, stores):
    client.force_login(manager)
    address = reverse("analytics:floor_plan_edit", args=[mall.slug, "L1"])
    response = client.post(address, box_data(stores, (0, 0, 9, 9), (5, 5, 9, 9), (50, 0, 9, 9)), follow=True)
    assert response.redirect_chain == [(reverse("analytics:floor_plan", args=[mall.slug]) + "?floor=L1", 302)]
    assert "Tea House and Hotpot overlap." in text(response)
    assert [tuple(box_of(one)) for one in Store.objects.order_by("unit")] == [
        (0, 0, 9, 9), (5, 5, 9, 9), (50, 0, 9, 9),
    ]  # fmt: skip
    client.post(address, {"anew": "1"})
    assert {box_of(one) for one in Store.objects.all()} == {None}
    assert AuditEntry.objects.filter(mall=mall, action="plan_changed").count() == 2


def test_bad_plans_are_refused(client, manager, mall, stores):
    client.force_login(manager)
    address = reverse("analytics:floor_plan_edit", args=[mall.slug, "L1"])
    response = client.post(address, box_data(stores, (0, 0, 121, 9), (5, 5, 9, 9), (50, 0, 9, 9)))
    assert response.status_code == 422
    assert "Tea House: width" in text(response)
    assert client.post(address, {}).status_code == 422
    assert {box_of(one) for one in Store.objects.all()} == {None}


def test_plans_of_nowhere(client, manager, mall, stores):
    client.force_login(manager)
    assert client.get(reverse("analytics:floor_plan_edit", args=[mall.slug, "L9"])).status_code == 404


def test_colours_are_sixths_of_the_stores():
    css = colours(list(range(12)), diverging=False)
    assert [css(value) for value in (0, 1, 2, 11, None)] == ["seq-0", "seq-0", "seq-1", "seq-5", "unit-none"]
    assert colours([5, 5, 5], diverging=False)(5) == "seq-0"


@pytest.mark.parametrize(
    ("name", "width", "lines", "found"),
    [
        ("Tea House", 10, 2, ["Tea House"]), ("Tea House", 4, 2, ["Tea", "House"]), ("Tea House", 4, 1, ["Tea"]),
        ("栗子糕点坊", 3, 2, ["栗子糕", "点坊"]), ("Tea", 1, 3, ["T"]), ("Tea", 10, 0, []), ("", 10, 2, []),
        ("Chestnut Pâtisserie", 6, 2, ["Chestnut", "Pâtisserie"]),
    ],
)  # fmt: skip
def test_names_are_wrapped(name, width, lines, found):
    assert wrapped(name, width, lines) == found


# --- Hours ---


def test_hours_of_the_week(client, manager, mall, stores):
    client.force_login(manager)
    response = page(client, "hours", mall, {"period": "7d", "compare": "none"})
    assert "Sat 12:00: ¥300.00" in text(response)
    assert list(response.context["charts"]) == ["slots"]
    rows = response.context["charts"]["slots"].table.rows
    assert rows[0]["hour"] == "12:00" and rows[0]["5"] == 30_000


@pytest.mark.parametrize("metric", ["", "transactions", "average_ticket", "refunded"])
def test_every_figure_of_hours(client, manager, mall, stores, metric):
    import plotly.graph_objects as go

    client.force_login(manager)
    response = page(client, "hours", mall, {"metric": metric})
    assert response.status_code == 200
    for chart in response.context["charts"].values():
        go.Figure(json.loads(json.dumps(chart.figure)))


@pytest.mark.parametrize("name", ["store_detail", "category_detail"])
def test_a_part_of_the_mall_says_so_too(client, manager, mall, stores, name):
    put(stores[0], TODAY, payments=1, gross_fen=100, channel="wechat", newness="new")
    code = stores[0].code if name == "store_detail" else stores[0].category.code
    client.force_login(manager)
    response = client.get(reverse(f"analytics:{name}", args=[mall.slug, code]), {"newness": "new"})
    assert "Not known for a part of the mall" in text(response)


def test_hours_not_known_for_a_part_of_the_mall(client, manager, mall, stores):
    client.force_login(manager)
    shown = text(page(client, "hours", mall, {"newness": "new", "floor": "L1"}))
    assert "Not known for a part of the mall" in shown


# --- Categories and the treemap ---


def test_the_tree_goes_down(client, manager, mall):
    top = factories.make_category(mall=mall, code="food", name_en="Food")
    below = factories.make_category(mall=mall, code="noodles", name_en="Noodles", parent=top)
    put(factories.make_store(mall=mall, category=below), TODAY, payments=1, gross_fen=500)
    put(factories.make_store(mall=mall, category=top), TODAY, payments=1, gross_fen=300)
    client.force_login(manager)
    response = page(client, "category_list", mall, {"period": "7d"})
    rows = response.context["tables"]["categories"].rows
    assert [(row["name"], row["net_sales"], row["spark"][-1]) for row in rows] == [
        ("Food", 800, 800), ("Noodles", 500, 500),
    ]  # fmt: skip
    assert 'href="/malls/galaxy/categories/?period=7d&category=food"' in text(response)
    inside = page(client, "category_list", mall, {"period": "7d", "category": "food"})
    assert [row["name"] for row in inside.context["tables"]["categories"].rows] == ["Food", "Noodles"]
    assert 'href="/malls/galaxy/categories/noodles/?period=7d"' in text(inside)


@pytest.mark.parametrize("within", ["", "floor", "category"])
@pytest.mark.parametrize("newness", ["", "new", "returning"])
def test_days_by_category_add_up_to_those_of_stores(mall, stores, within, newness):
    for store, gross in zip(stores, (100, 20, 3), strict=True):
        put(store, TODAY, payments=1, gross_fen=gross, channel="wechat", newness="new")
        put(store, TODAY, folded=False, payments=1, gross_fen=gross * 1_000, refund_fen=1)
    chosen = {"floor": stores[0].floor} if within == "floor" else {}
    chosen |= {"category": stores[1].category} if within == "category" else {}
    period = Period(TODAY - timedelta(days=40), TODAY + timedelta(days=1))
    choice = Choice(places.of_mall(mall), period, None, newness=newness or None, **chosen)
    by_category, by_store = net_of_categories(choice), sales(choice)
    assert METRICS["net_sales"].value(add(by_category.values())) == METRICS["net_sales"].value(by_store.total())


def test_the_rest_is_never_the_largest_box(mall):
    top = factories.make_category(mall=mall, code="food", name_en="Food")
    parts = [factories.make_category(mall=mall, parent=top) for _ in range(2)]
    stores = [factories.make_store(mall=mall, category=parts[n % 2]) for n in range(8)]
    choice = Choice(places.of_mall(mall), Period(TODAY, TODAY + timedelta(days=1)), None)
    rows = [{"store": store, "name": store.name, "net_sales": 100 - n} for n, store in enumerate(stores)]
    assert [row["name"] for row in mix_rows(choice, rows, 2)] == [f"{part.name} (4)" for part in parts]
    assert [row["name"] for row in mix_rows(choice, rows, 7)][-1] == "1 more store"


# --- What to do next ---


def test_nothing_to_do(mall):
    assert todos(mall, list(Action), TODAY) == []


def refused_import(mall, finished_at=None) -> ImportRun:
    return ImportRun.objects.create(
        mall=mall, kind=ImportKind.PAYMENTS, file_name="x.csv", state=ImportState.REFUSED,
        finished_at=finished_at or timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("used", "text"),
    [(89, ""), (90, "%s has used 90.0%% of a limit."), (100, "%s is used up: raise its limits or end it.")],
)
def test_rules_near_their_limits(mall, store, used, text):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    rule = factories.make_rule(mall=mall, stock=stock, limits=Limits(quantity=100))
    LimitCounter.objects.create(mall=mall, key=f"r{rule.pk}.n", used=used, ceiling=100)
    found = [(todo.text, todo.url) for todo in todos(mall, list(Action), TODAY)]
    address = reverse("coupons:rule_detail", args=[mall.slug, rule.pk])
    assert found == ([(text % rule.name, address)] if text else [])


def test_rules_that_rest(mall, store):
    stock, provider = factories.make_stock(mall=mall, merchant=store.merchant), factories.make_provider(mall=mall)
    rule = factories.make_rule(mall=mall, stock=stock, shares=((-provider.pk, 10_000),))
    assert todos(mall, list(Action), TODAY) == []
    provider.standing = "suspended"
    provider.save()
    (todo,) = todos(mall, list(Action), TODAY)
    assert todo.text == f"{rule.name} rests: a service provider that pays for it is suspended or terminated."
    assert todo.url == reverse("coupons:rule_detail", args=[mall.slug, rule.pk])


def test_what_waits_is_told_with_a_link(mall, stores, store):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    rule = factories.make_rule(mall=mall, stock=stock)
    Consent.objects.filter(version=rule.version).update(state=ConsentState.ASKED, answered_at=None)
    refused_import(mall)
    SuggestionReport.objects.create(mall=mall, first_day=TODAY, last_day=TODAY, result={}, made_at=timezone.now())
    assert {todo.text: todo.url for todo in todos(mall, list(Action), TODAY)} == {
        f"2 stores have had no payment for 14 days: {store.name}, Quiet.": "/malls/galaxy/stores/?sort=transactions",
        "1 import of the last days was refused or has bad rows.": "/malls/galaxy/imports/",
        "1 answer to a rule is missing.": "/malls/galaxy/rules/?state=waiting",
        "Suggestions for rules are ready, from payments up to 2026-11-21.": "/malls/galaxy/suggestions/",
    }


def test_what_partners_wait_for_is_told_with_a_link(mall):
    provider = factories.make_provider(mall=mall)
    for _ in range(2):
        factories.make_application(mall=mall)
    factories.make_onboarding(provider=provider)
    statement = factories.make_statement(party=provider, state="disputed")
    statement.lines.update(disputed_at=timezone.now())
    assert {todo.text: (todo.url, todo.right) for todo in todos(mall, list(Action), TODAY)} == {
        "2 service providers apply and wait for an answer.": ("/malls/galaxy/applications/", "manage"),
        "1 store proposed by a service provider waits for an answer.": (
            "/malls/galaxy/onboarding/?state=proposed", "manage"
        ),
        "1 disputed line of a statement waits for an answer.": ("/malls/galaxy/statements/?state=disputed", "settle"),
    }  # fmt: skip


def test_only_what_the_reader_may_open(client, mall, stores):
    refused_import(mall)
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    assert "was refused" not in text(page(client, "mall_overview", mall))
    client.force_login(factories.make_member(Role.MALL_OPERATOR, mall=mall))
    assert "was refused" in text(page(client, "mall_overview", mall))


def test_an_old_import_waits_no_more(mall):
    refused_import(mall, datetime(2026, 11, 1, tzinfo=UTC))
    assert todos(mall, list(Action), TODAY) == []


def test_other_malls_do_not_wait_here(mall, store):
    other = factories.make_mall()
    assert Dispute.objects.for_mall(other).count() == 0
    assert todos(other, list(Action), TODAY) == []


# --- Who, and at what cost ---


@pytest.mark.parametrize("persona", ["owner", "provider_manager", "stranger"])
@pytest.mark.parametrize("name", NEW_PAGES)
def test_boards_of_the_mall_are_the_malls(client, request, mall, persona, name):
    client.force_login(request.getfixturevalue(persona))
    assert page(client, name, mall).status_code == 404


@pytest.mark.parametrize("stores", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("floor_plan", 7), ("hours", 7), ("store_compare", 12)])
def test_query_count_does_not_grow(client, manager, mall, floor, django_assert_num_queries, name, queries, stores):
    made = [factories.make_store(mall=mall, floor=floor) for _ in range(max(stores, 2))]
    for store in made[:stores]:
        put(store, TODAY, payments=1, gross_fen=100)
    query = {"store": [store.code for store in made]} if name == "store_compare" else {}
    client.force_login(manager)
    with django_assert_num_queries(queries):
        assert page(client, name, mall, query, headers=PART).status_code == 200


@pytest.mark.parametrize("name", NEW_PAGES)
@pytest.mark.parametrize(
    "query",
    [{"period": "custom", "start": "2026-11-21", "end": "2026-11-01"}, {"metric": "x"}, {"floor": "x"}],
    ids=str,
)
def test_bad_filters_are_told(client, manager, mall, stores, name, query):
    client.force_login(manager)
    response = page(client, name, mall, {"store": ["tea", "quiet"], **query})
    assert response.status_code == 200
