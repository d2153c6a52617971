"""The page of the shoppers: counts against the plain ledger, cohorts, the yearly report and what it hides."""

import json
import random
import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from analytics import rollups, shopper_reports
from analytics.mails.opened import open_board
from analytics.models import RollupDelta, ShopperReport
from analytics.queries.segments import cohorts, shoppers_of, year_to
from analytics.segments import COLUMNS
from analytics.tasks import study_all_shoppers
from mallops import pipeline
from mallops.lib.dates import months_between
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from merchants.choices import Role
from payments.models import Payment
from tests import factories

from .conftest import TODAY
from .test_pages import text, tile_values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PART = {"HX-Request": "true", "HX-Target": "board"}
WAITS = PART | {"HX-Trigger": "shoppers-waiting"}
DAY = timedelta(days=1)
CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def url(mall):
    return reverse("analytics:shoppers", args=[mall.slug])


def pay(mall, now, *events) -> None:
    pipeline.record_payments(mall.pk, events, source="test", now=now)


@pytest.fixture
def ledger(mall, store, other_store, now):
    """400 payments of 60 shoppers and unknown ones over 200 days, many near midnight, recorded as they were made; some
    not folded yet."""
    chance = random.Random(7)
    moments = sorted(now - timedelta(minutes=chance.randrange(200 * 24 * 60)) for _ in range(400))
    events = [
        factories.payment_event(
            chance.choice([store, other_store]), paid_at=at, amount_fen=chance.randrange(100, 90_000),
            shopper=chance.choice([None, *(f"shopper {n}" for n in range(10 + number // 8))]),
        )
        for number, at in enumerate(moments)
    ]  # fmt: skip
    pay(mall, now, *events[:300])
    rollups.fold(mall.pk)
    pay(mall, now, *events[300:])
    assert RollupDelta.objects.exists()
    return list(Payment.objects.for_mall(mall))


def days_of(ledger) -> dict[int, set[date]]:
    """The local days on which each known shopper paid."""
    found = defaultdict(set)
    for payment in ledger:
        if payment.shopper_id:
            found[payment.shopper_id].add(payment.paid_at.astimezone(CHINA).date())
    return found


def figure(page, name: str) -> dict:
    return json.loads(re.search(rf'<script id="{name}-figure" type="application/json">(.*?)</script>', text(page))[1])


# --- By day ---


@pytest.mark.parametrize("code", ["", "hotpot"])
def test_tiles_are_those_of_the_ledger(client, manager, url, ledger, code):
    first, opening = TODAY - 29 * DAY, {}
    mine = [each for each in ledger if each.day >= first and code in ("", each.store.code)]
    known = [each for each in mine if each.shopper_id]
    people = {each.shopper_id for each in known}
    for each in sorted(ledger, key=lambda each: each.pk):
        opening.setdefault(each.shopper_id, each)
    new = people & {who for who, each in opening.items() if each in mine}
    assert new
    client.force_login(manager)
    values = tile_values(client.get(url, {"store": code}))
    assert values[:3] == [str(len(people)), str(len(new)), str(len(people) - len(new))]
    assert values[4] == f"{round(len(known) / len(people), 1)}"
    assert values[5] == f"¥{round(sum(each.amount_fen for each in known) / len(people)) / 100:.2f}"
    assert values[6] == f"{100 * len(known) / len(mine):.1f}%"


@pytest.mark.parametrize("query", [{}, {"period": "custom", "start": "2026-05-10", "end": "2026-11-21"}], ids=str)
def test_bars_are_different_shoppers_of_each_day_or_week(client, manager, url, ledger, query):
    client.force_login(manager)
    page = client.get(url, query)
    returning, new = figure(page, "shoppers-by-day")["data"][:2]
    starts = [date.fromisoformat(day) for day in new["x"]]
    ends = [*starts[1:], TODAY + DAY]
    by_shopper = days_of(ledger)
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        here = {who for who, days in by_shopper.items() if any(start <= day < end for day in days)}
        fresh = {who for who, days in by_shopper.items() if start <= min(days) < end}
        assert (new["y"][place], returning["y"][place]) == (len(fresh), len(here) - len(fresh))


def test_few_shoppers_have_no_rates(client, manager, url, mall, store, now):
    pay(mall, now, *(factories.payment_event(store, shopper=f"s{n}", paid_at=now) for n in range(19)))
    client.force_login(manager)
    assert tile_values(client.get(url)) == ["19", "19", "0", "–", "–", "–", "100.0%"]
    pay(mall, now, factories.payment_event(store, shopper="s19", paid_at=now))
    assert tile_values(client.get(url)) == ["20", "20", "0", "0.0%", "1.0", "¥100.00", "100.0%"]


# --- Cohorts ---


def test_cohorts_are_those_of_the_ledger(mall, ledger):
    months = defaultdict(set)
    for who, days in days_of(ledger).items():
        for day in days:
            months[day.replace(day=1)].add(who)
    first = {who: min(days).replace(day=1) for who, days in days_of(ledger).items()}
    every = months_between(min(months), TODAY)
    for cohort in (found := cohorts(mall, TODAY)):
        people = {who for who, month in first.items() if month == cohort.month}
        assert cohort.shoppers == len(people)
        assert cohort.back == [len(people & months[later]) for later in every if later > cohort.month]
    assert [cohort.month for cohort in found] == every[-12:]


def test_a_cohort_begins_with_the_first_month_on_record_not_shown(mall, store, now):
    long_ago = datetime(2025, 3, 3, 4, tzinfo=CHINA)
    pay(mall, now, *(factories.payment_event(store, paid_at=at) for at in (long_ago, now)))
    found = cohorts(mall, TODAY)
    assert len(found) == 12 and found[0].month == date(2025, 12, 1)
    assert all(cohort.shoppers == 0 for cohort in found)


def test_retention_of_few_is_not_told(client, manager, url, mall, store, now):
    def came(number: int) -> list:
        return [factories.payment_event(store, shopper=f"s{n}", paid_at=now - 40 * DAY) for n in range(number)]

    pay(mall, now, *came(19), factories.payment_event(store, shopper="s0", paid_at=now))
    client.force_login(manager)
    assert "Nothing to tell yet" in text(client.get(url))
    pay(mall, now, *came(20)[19:])
    assert figure(client.get(url), "retention")["data"][0]["z"] == [[0.05], [None]]


# --- The year ---


def test_shoppers_of_the_year_are_those_of_the_ledger(mall, ledger):
    payment = next(each for each in ledger if each.shopper_id)
    Payment.objects.filter(pk=payment.pk).update(refunded_fen=50)
    period = year_to(TODAY - 20 * DAY)
    found = {row[0]: tuple(row)[1:] for row in shoppers_of(mall, period)[list(COLUMNS)].tolist()}
    wanted = {}
    for who, days in days_of(ledger).items():
        inside = [day for day in days if period.start <= day < period.end]
        paid = [each for each in Payment.objects.for_mall(mall).filter(shopper=who) if each.day in inside]
        if inside:
            last = (max(inside) - date(1970, 1, 1)).days
            wanted[who] = (len(inside), last, sum(each.amount_fen - each.refunded_fen for each in paid))
    assert found == wanted


def test_the_report_is_made_once_and_again_after_a_day(client, manager, url, mall, ledger, now):
    client.force_login(manager)
    assert "being counted" in text(client.get(url))
    assert client.get(url, headers=WAITS)["HX-Push-Url"] == "false"
    assert Worker().drain() == 1
    page = client.get(url)
    assert "being counted" not in text(page) and "Champions" in text(page)
    assert ShopperReport.objects.get().last_day == TODAY
    ShopperReport.objects.update(made_at=now - 25 * timedelta(hours=1))
    assert "The figures below are of 2026-11-20 19:00" in text(client.get(url))
    assert Worker().drain() == 1
    assert study_all_shoppers.func() == 1
    assert study_all_shoppers.func() == 0


def test_a_report_that_fails_says_so_and_can_be_tried_again(client, manager, url, store, now, monkeypatch):
    def breaks(*_):
        raise RuntimeError("no")

    client.force_login(manager)
    client.get(url)
    with monkeypatch.context() as broken:
        broken.setattr(shopper_reports, "year_report", breaks)
        for _ in range(shopper_reports.ATTEMPTS):
            TaskRun.objects.update(run_after=now)
            Worker().drain()
    assert "could not be counted" in text(client.get(url, headers=WAITS))
    assert TaskRun.objects.open().count() == 0
    assert "are being counted" in text(client.get(url))


def test_few_of_a_segment_have_no_amounts(client, manager, url, mall, store, now):
    pay(mall, now, *(factories.payment_event(store, shopper=f"s{n}", paid_at=now - 2 * DAY) for n in range(19)))
    shopper_reports.make(mall, now=now)
    client.force_login(manager)
    page = client.get(url)
    (row,) = [row for row in page.context["charts"]["frequency"].table.rows if row["key"] == "1"]
    assert (row["shoppers"], row["share"], row["year_spend"], row["year_spend_each"], row["idle_days"]) == (
        19, None, None, None, None,
    )  # fmt: skip
    pay(mall, now, factories.payment_event(store, shopper="s19", paid_at=now))
    shopper_reports.make(mall, now=now)
    (row,) = [row for row in client.get(url).context["charts"]["frequency"].table.rows if row["key"] == "1"]
    assert (row["shoppers"], row["share"], row["year_spend"], row["year_spend_each"]) == (20, 1, 200_000, 10_000)
    assert "1.9" in text(client.get(url, {"table": "frequency"}))  # days since the last payment


def test_a_rule_to_win_them_back_is_for_who_edits_rules(client, manager, mall, url, ledger, now):
    shopper_reports.make(mall, now=now)
    client.force_login(manager)
    link = f"/malls/{mall.slug}/rules/new/?template=win-back"
    assert link in text(client.get(url))
    assert client.get(link).status_code == 200
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    assert "Win them back" not in text(client.get(url))


# --- The page ---


def test_charts_are_valid_for_plotly(client, manager, mall, url, ledger, now):
    import plotly.graph_objects as go

    shopper_reports.make(mall, now=now)
    client.force_login(manager)
    page = client.get(url)
    for name in ("shoppers-by-day", "segments", "frequency"):
        go.Figure(figure(page, name))


def test_chinese(client, manager, mall, url, ledger, now):
    shopper_reports.make(mall, now=now)
    client.force_login(manager)
    client.cookies["django_language"] = "zh-hans"
    assert client.get(url).status_code == 200


def test_nobody_yet(client, manager, mall, url, store, now):
    shopper_reports.make(mall, now=now)
    client.force_login(manager)
    page = client.get(url)
    assert tile_values(page) == ["0", "0", "0", "–", "–", "–", "–"]
    assert "Nothing to tell yet" in text(page)


def test_no_stores(client, manager, url):
    client.force_login(manager)
    assert "No stores yet" in text(client.get(url))
    assert not TaskRun.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{"store": "none"}, {"newness": "new"}, {"channel": "wechat"}, {"period": "x"}, {"compare": "'"},
     {"period": "custom", "start": "2026-11-21", "end": "2026-11-01"}],
    ids=str,
)  # fmt: skip
def test_bad_filters(client, manager, url, store, query):
    client.force_login(manager)
    page = client.get(url, query, headers=PART)
    assert page.status_code == 200
    assert ('role="alert"' in text(page)) is not bool(query.keys() & {"newness", "channel"})


@pytest.mark.parametrize("more", [0, 2])
def test_query_count_does_not_grow(client, manager, mall, url, ledger, now, more, django_assert_num_queries):
    for _ in range(more):
        pay(mall, now, factories.payment_event(factories.make_store(mall=mall), paid_at=now))
    shopper_reports.make(mall, now=now)
    client.force_login(manager)
    with django_assert_num_queries(17):
        assert client.get(url, headers=PART).status_code == 200


def test_for_a_mail_it_is_made_at_once(manager, mall, ledger):
    board = open_board(page="analytics:shoppers", arguments={"mall": mall.slug}, query="", user=manager)
    assert board.tables.keys() >= {"segments", "frequency"}
