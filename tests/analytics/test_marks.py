"""What charts mark: for the mall everything, for a merchant what concerns it, nobody else's."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from analytics import figures
from analytics.figures import Line
from analytics.marks import Mark, marks, texts
from analytics.models import Annotation
from coupons.models import RuleVersion
from mallops.lib.dates import Period
from tests import factories

from .cells import put

pytestmark = pytest.mark.django_db
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def launch(rule, moment: datetime, number: int = 1) -> None:
    RuleVersion.objects.filter(rule=rule, number=number).update(launched_at=moment)


def note(mall, first: str, last: str = "", text: str = "Flood") -> Annotation:
    days = {"first_day": first, "last_day": last or first}
    return Annotation.objects.create(mall=mall, text=text, **days)


@pytest.fixture
def rule(mall, store):
    rule = factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant))
    launch(rule, datetime(2026, 11, 9, 16, 30, tzinfo=UTC))  # half past midnight of the 10th in Shanghai
    return rule


def shown(found) -> list[tuple[str, str]]:
    return [(mark.kind, mark.text) for mark in found]


def test_everything_in_order_of_days(mall, rule):
    note(mall, "2026-11-03", "2026-11-05")
    note(mall, "2026-10-20", "2026-11-01", "Works")
    note(mall, "2026-12-01", text="later")
    assert marks(mall, NOVEMBER) == [
        Mark(date(2026, 10, 20), date(2026, 11, 1), "Works", "note"),
        Mark(date(2026, 11, 3), date(2026, 11, 5), "Flood", "note"),
        Mark(date(2026, 11, 10), date(2026, 11, 10), f"{rule.name} launched", "launch"),
    ]
    assert shown(marks(mall, OCTOBER)) == [("holiday", "National Day"), ("note", "Works")]


def test_launches_are_on_the_malls_day(mall, rule):
    assert shown(marks(mall, Period(date(2026, 11, 9), date(2026, 11, 10)))) == []
    launch(rule, datetime(2026, 11, 9, 15, 59, tzinfo=UTC))
    assert len(marks(mall, Period(date(2026, 11, 9), date(2026, 11, 10)))) == 1


def test_where_clocks_change(store):
    mall = factories.make_mall(time_zone="America/New_York", country="US")
    rule = factories.make_rule(mall=mall)
    launch(rule, datetime(2026, 11, 2, 4, 30, tzinfo=UTC))  # 23:30 of 1 November, when the clocks went back
    assert [mark.first_day for mark in marks(mall, NOVEMBER) if mark.kind == "launch"] == [date(2026, 11, 1)]


def test_a_merchant_sees_the_rules_that_concern_it_and_no_notes(mall, store, other_store, rule):
    note(mall, "2026-11-03")
    assert shown(marks(mall, NOVEMBER, store.merchant)) == [("launch", f"{rule.name} launched")]
    assert marks(mall, NOVEMBER, other_store.merchant) == []


def test_a_provider_sees_holidays_alone(mall, provider, rule):
    note(mall, "2026-10-03")
    assert shown(marks(mall, Period(OCTOBER.start, NOVEMBER.end), provider)) == [("holiday", "National Day")]


def test_nothing_of_another_mall(mall, rule):
    other = factories.make_mall(country="")
    note(mall, "2026-11-03")
    assert marks(other, NOVEMBER) == []


def test_texts_by_step():
    found = [
        Mark(date(2026, 11, 2), date(2026, 11, 9), "a", "note"),
        Mark(date(2026, 11, 9), date(2026, 11, 9), "b", "launch"),
    ]
    weeks = [Period(date(2026, 11, 1), date(2026, 11, 8)), Period(date(2026, 11, 8), date(2026, 11, 15))]
    assert texts(found, weeks) == ["a", "a, b"]
    assert texts(found, [Period(date(2026, 11, 1), date(2026, 11, 2))]) == [""]


# --- Drawn ---


def drawn(*found: Mark, days=(date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3))) -> dict:
    import plotly.graph_objects as go

    figure = figures.lines(days, [Line([1, 2, 3], ["1", "2", "3"])], found)
    go.Figure(figure)
    return figure


def test_bands_are_cut_where_the_chart_ends():
    figure = drawn(Mark(date(2026, 10, 1), date(2026, 11, 2), "Long", "holiday"))
    assert figure["layout"]["shapes"] == [{"name": "holiday", "x0": "2026-10-31T12:00", "x1": "2026-11-02T12:00"}]
    told = figure["data"][-1]
    assert (told["x"], told["text"]) == (["2026-11-01", "2026-11-02"], ["Long", "Long"])
    assert told["marker"]["size"] == [7, 0]


def test_a_launch_is_a_line():
    figure = drawn(Mark(date(2026, 11, 2), date(2026, 11, 2), "<b>Ten</b> off", "launch"))
    assert figure["layout"]["shapes"] == [{"name": "launch", "x0": "2026-11-02", "x1": "2026-11-02"}]
    assert figure["data"][-1]["text"] == ["&lt;b&gt;Ten&lt;/b&gt; off"]


def test_many_marks_of_one_day_are_one_sign_with_five_texts():
    day = date(2026, 11, 2)
    figure = drawn(*(Mark(day, day, f"Rule {n}", "launch") for n in range(30)))
    told = figure["data"][-1]
    assert told["x"] == ["2026-11-02"]
    assert told["text"][0].split("<br>") == [f"Rule {n}" for n in range(5)] + ["+25"]


def test_marks_between_the_first_days_of_weeks_are_told_with_their_week():
    weeks = [date(2026, 11, 1), date(2026, 11, 8)]
    figure = drawn(Mark(date(2026, 11, 12), date(2026, 11, 12), "Flood", "note"), days=weeks)
    assert figure["data"][-1]["x"] == ["2026-11-08"]


@pytest.mark.usefixtures("now")
def test_charts_of_the_page_and_their_tables_have_them(client, manager, mall, store, rule):
    put(store, date(2026, 11, 20), payments=1, gross_fen=100)
    note(mall, "2026-11-03", text="Flood <here>")
    client.force_login(manager)
    html = client.get(reverse("analytics:mall_overview", args=[mall.slug])).content.decode()
    figure = json.loads(
        re.search(r'<script id="net_sales-by-day-figure" type="application/json">(.*?)</script>', html)[1]
    )
    assert [shape["name"] for shape in figure["layout"]["shapes"]] == ["note", "launch"]
    opened = client.get(reverse("analytics:mall_overview", args=[mall.slug]), {"table": "net_sales-by-day"})
    assert "Flood &lt;here&gt;</td>" in opened.text
    assert f"{rule.name} launched</td>" in opened.text


@pytest.mark.usefixtures("now")
def test_merchants_pages_show_no_notes(client, owner, mall, store, rule):
    put(store, date(2026, 11, 20), payments=1, gross_fen=100)
    note(mall, "2026-11-03")
    client.force_login(owner)
    html = client.get(reverse("analytics:merchant_overview", args=[store.merchant_id])).content.decode()
    assert "Flood" not in html and "launched" in html
