"""The page of the flow: counted in the background, kept, made anew; who sees it, what it shows, what a click does."""

import json
import re
from datetime import timedelta
from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics import flow_reports
from analytics.mails.opened import open_board
from analytics.models import FlowReport
from analytics.tasks import count_usual_flows
from coupons.models import Coupon, Redemption, Reversal
from coupons.models.work import WorkState
from mallops.lib.dates import Period, clock
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from merchants.choices import Role
from payments.models import Payment, Shopper
from tests import factories

from .conftest import TODAY
from .test_pages import text, tile_values

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PART = {"HX-Request": "true", "HX-Target": "board"}
WAITS = PART | {"HX-Trigger": "flow-waiting"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTH = Period(TODAY - timedelta(days=29), TODAY + timedelta(days=1))
number = count(1)


def shoppers(mall, wanted: int) -> list[Shopper]:
    return Shopper.objects.bulk_create([Shopper(mall=mall, created_at=timezone.now()) for _ in range(wanted)])


def pay(who: list[Shopper], store, at, fen: int = 10_000, refunded: int = 0) -> list[Payment]:
    day, hour = clock(store.mall.time_zone).day_hour(at)
    return Payment.objects.bulk_create(
        Payment(
            mall=store.mall, store=store, shopper=each, channel="wechat", transaction_id=f"f{next(number)}",
            amount_fen=fen, refunded_fen=refunded, paid_at=at, day=day, hour=hour, source="test", recorded_at=at,
        )
        for each in who
    )  # fmt: skip


def use(rule, payment: Payment, store, at, *, on: Payment | None = None) -> Redemption:
    """A coupon earned by a payment, redeemed at a store."""
    coupon = Coupon.objects.create(
        mall=payment.mall, stock=rule.version.stocks.get(), rule=rule, rule_version=rule.version, payment=payment,
        shopper=payment.shopper, store=payment.store, code=f"code{next(number)}", cost_fen=0, issued_at=payment.paid_at,
        day=payment.day, hour=payment.hour, valid_from=payment.paid_at, expires_at=payment.paid_at + 90 * DAY,
    )  # fmt: skip
    return Redemption.objects.create(
        mall=payment.mall, coupon=coupon, turn=1, store=store, payment=on, order_fen=1_000, discount_fen=100,
        request_id=f"q{next(number)}", redeemed_at=at, day=payment.day, hour=payment.hour, source="test",
    )  # fmt: skip


@pytest.fixture
def url(mall):
    return reverse("analytics:flow", args=[mall.slug])


@pytest.fixture
def moves(mall, store, other_store, now):
    """24 shoppers of the hotpot go on to the cafe within two hours, three of them by coupon; one more two days later,
    one back."""
    who, at = shoppers(mall, 25), now - 5 * DAY
    here = pay(who, store, at)
    there = pay(who[:24], other_store, at + 2 * HOUR, 2_000, refunded=500)
    pay(who[24:], other_store, at + 2 * DAY, 900)
    pay(who[:1], store, at + 3 * HOUR, 700)
    rule = factories.make_rule(mall=mall)
    for payment, on in list(zip(here, there, strict=False))[:3]:
        use(rule, payment, other_store, at + 2 * HOUR, on=on)


def counted(client, url, **query):
    """The page once the count is done."""
    client.get(url, query)
    Worker().drain()
    return client.get(url, query)


# --- The count ---


def test_the_page_waits_for_the_count_and_shows_it(client, manager, url, moves):
    client.force_login(manager)
    first = client.get(url)
    assert "are being counted" in text(first) and 'id="flow-waiting"' in text(first)
    assert tile_values(first) == [] and "<mall-chart" not in text(first)
    assert client.get(url, headers=WAITS)["HX-Push-Url"] == "false"
    assert TaskRun.objects.count() == FlowReport.objects.count() == 2  # of the days shown, and those compared with
    assert Worker().drain() == 2
    done = client.get(url, headers=WAITS)
    assert "are being counted" not in text(done)
    assert tile_values(done) == ["25", "¥367.00", "3", "12.0%", "¥45.00"]
    assert TaskRun.objects.count() == 2


def test_figures_of_pairs(client, manager, url, moves, store, other_store):
    client.force_login(manager)
    rows = counted(client, url).context["tables"]["pairs"].page.object_list
    found = [(row["source"], row["target"], row["moves"], row["move_shoppers"], row["driven_share"]) for row in rows]
    assert found == [(store, other_store, 24, 24, pytest.approx(3 / 24)), (other_store, store, 1, 1, None)]


@pytest.mark.parametrize(("within", "moved"), [("3", 25), ("", 25), ("168", 26), ("720", 26)])
def test_within(client, manager, url, moves, within, moved):
    client.force_login(manager)
    page = counted(client, url, within=within)
    assert page.context["tiles"][0].value == str(moved)


def test_a_redemption_undone_drives_nothing(client, manager, url, moves, now):
    redemption = Redemption.objects.first()
    Reversal.objects.create(mall=redemption.mall, redemption=redemption, request_id="u", reversed_at=now, day=TODAY,
                            hour=1, source="test")  # fmt: skip
    client.force_login(manager)
    assert tile_values(counted(client, url))[2] == "2"


def test_a_redemption_counts_when_its_payment_was_made(client, manager, url, mall, store, other_store, now):
    """Noted late, the day after."""
    (who,) = shoppers(mall, 1)
    (first,), (second,) = pay([who], store, now - 3 * DAY), pay([who], other_store, now - 3 * DAY + 3 * HOUR)
    use(factories.make_rule(mall=mall), first, other_store, now - DAY, on=second)
    client.force_login(manager)
    assert tile_values(counted(client, url, within="3"))[2] == "1"


def test_days_of_the_mall_decide(client, manager, url, mall, store, other_store, now):
    """A move counts on the day of its arrival, wherever it left from; moves of other days do not."""
    midnight = now.replace(hour=16) - DAY  # the beginning of TODAY in Shanghai
    one, other = shoppers(mall, 2)
    pay([one], store, midnight - HOUR)
    pay([one], other_store, midnight)
    pay([other], store, midnight - 2 * HOUR)
    pay([other], other_store, midnight - timedelta(seconds=1))
    client.force_login(manager)
    assert tile_values(counted(client, url, period="today"))[0] == "1"
    assert tile_values(counted(client, url, period="7d"))[0] == "2"


def test_unknown_shoppers_full_refunds_and_other_malls_do_not_count(client, manager, url, mall, moves, stranger, now):
    there = stranger.memberships.get().mall
    stores = [factories.make_store(mall=there) for _ in range(2)]
    (who,) = shoppers(there, 1)
    pay([who], stores[0], now - 2 * HOUR)
    pay([who], stores[1], now - HOUR)
    pay([None] * 3, factories.make_store(mall=mall), now - HOUR)
    pay(
        Shopper.objects.for_mall(mall)[:5], factories.make_store(mall=mall), now - 5 * DAY + 4 * HOUR, 900, refunded=900
    )
    client.force_login(manager)
    assert tile_values(counted(client, url))[0] == "25"


# --- Kept, made anew, failed, purged ---


def report(mall, now, again: bool = True) -> FlowReport:
    return flow_reports.report_of(mall, MONTH, 24, now=now, again=again)


def test_a_fresh_report_is_used_again_and_an_old_one_shown_meanwhile(client, manager, url, mall, moves, now):
    client.force_login(manager)
    counted(client, url, compare="none")
    pay(shoppers(mall, 1), factories.make_store(mall=mall), now)
    assert TaskRun.objects.open().count() == 0
    FlowReport.objects.update(made_at=now - 61 * timedelta(minutes=1))
    page = client.get(url, {"compare": "none"})
    assert "The figures below are of 2026-11-21 18:59" in text(page)
    assert tile_values(page)[0] == "25"
    assert TaskRun.objects.open().count() == 1
    Worker().drain()
    assert FlowReport.objects.get().made_at == now
    assert "The figures below" not in text(client.get(url, {"compare": "none"}))


@pytest.mark.parametrize(
    ("last_day", "age", "due"),
    [(TODAY, 59, False), (TODAY, 61, True), (TODAY - 2 * DAY, 61, False), (TODAY - 2 * DAY, 24 * 60 + 1, True)],
)
def test_when_a_report_is_due(mall, now, last_day, age, due):
    made = now - timedelta(minutes=age)
    old = FlowReport(mall=mall, last_day=last_day, state=WorkState.DONE, made_at=made, within_hours=24)
    assert flow_reports.is_due(old, mall, now) is due


def test_a_report_made_before_its_days_were_over_is_due(mall, now):
    yesterday = FlowReport(mall=mall, last_day=TODAY - DAY, state=WorkState.DONE, made_at=now - 21 * HOUR)
    assert flow_reports.is_due(yesterday, mall, now)


def test_two_who_ask_at_once_make_one_task(mall, now):
    first = report(mall, now)
    assert flow_reports.ask(FlowReport(pk=first.pk, state=WorkState.QUEUED, task_id="")) is False
    assert TaskRun.objects.count() == 1


def test_a_count_that_fails_says_so_and_can_be_tried_again(client, manager, url, store, monkeypatch, now):
    def breaks(*_):
        raise RuntimeError("no")

    client.force_login(manager)
    client.get(url, {"compare": "none"})
    monkeypatch.setattr(flow_reports, "flows_of", breaks)
    for _ in range(flow_reports.ATTEMPTS):
        TaskRun.objects.update(run_after=now)
        Worker().drain()
    assert FlowReport.objects.get().state == WorkState.FAILED
    assert "could not be counted" in text(client.get(url, {"compare": "none"}, headers=WAITS))
    assert TaskRun.objects.open().count() == 0
    monkeypatch.undo()
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    assert "are being counted" in text(client.get(url, {"compare": "none"}))


def test_a_task_lost_without_a_word_is_asked_for_again(mall, now):
    first = report(mall, now)
    TaskRun.objects.update(status="dead")
    FlowReport.objects.update(state=WorkState.RUNNING)
    assert report(mall, now).task_id != first.task_id


def test_a_report_purged_meanwhile_is_passed_over(mall, now):
    report(mall, now).delete()
    assert Worker().drain() == 1
    assert not FlowReport.objects.exists()


def test_usual_reports_are_made_and_old_ones_purged(mall, moves, now):
    kept = {"mall": mall, "first_day": TODAY, "last_day": TODAY, "state": WorkState.DONE, "result": {}}
    FlowReport.objects.create(within_hours=3, made_at=now - 31 * DAY, **kept)
    FlowReport.objects.create(within_hours=24, made_at=now - 29 * DAY, **kept)
    assert count_usual_flows.func() == 16
    assert Worker().drain() == 16
    made = FlowReport.objects.filter(made_at=now)
    spans = {(row.first_day, row.within_hours) for row in made}
    first_days = [TODAY - timedelta(days=days) for days in (29, 59, 89, 179)]
    assert spans == {(first, hours) for first in first_days for hours in (3, 24, 168, 720)}
    assert FlowReport.objects.exclude(made_at=now).count() == 1


# --- The page ---


def figure(page, name: str) -> dict:
    return json.loads(re.search(rf'<script id="{name}-figure" type="application/json">(.*?)</script>', text(page))[1])


def test_categories_first_then_stores(client, manager, url, moves, mall, store, other_store):
    client.force_login(manager)
    sankey = figure(counted(client, url), "streams")["data"][0]
    assert (
        sankey["node"]["label"] == [store.category.name, other_store.category.name] * 2
        or len(sankey["node"]["label"]) == 4
    )
    assert sankey["link"]["value"] == [21, 3, 1]
    assert sankey["meta"]["links"] == ["c1", "c2", "c1"]
    wanted = {"filter": {"source": f"c:{store.category.code}", "target": f"c:{other_store.category.code}"}}
    assert sankey["link"]["customdata"][0][0] == wanted

    page = client.get(url, {"source": f"s:{store.code}"})
    sankey = figure(page, "streams")["data"][0]
    assert sankey["node"]["label"] == [store.name, other_store.name]
    assert sankey["link"]["customdata"][0][0]["url"].endswith(f"/rules/new/?from=s{store.pk}-s{other_store.pk}")
    assert sankey["node"]["customdata"][0][0]["url"].startswith(f"/malls/{mall.slug}/stores/{store.code}/")
    assert f"From {store.name}" in text(page)
    assert figure(page, "matrix")["data"][0]["z"] == [[24]]


@pytest.mark.parametrize(
    ("query", "moved"),
    [
        ({"source": "s:hotpot"}, "24"), ({"target": "s:hotpot"}, "1"), ({"source": "s:cafe", "target": "s:cafe"}, "0"),
        ({"source": "f:L1"}, "24"), ({"target": "f:L1"}, "1"),
    ],
)  # fmt: skip
def test_filters(client, manager, url, mall, store, moves, query, moved):
    store.floor = factories.make_floor(mall=mall, code="L1")
    store.save()
    client.force_login(manager)
    assert tile_values(counted(client, url, **query))[0] == moved


def test_the_builder_is_for_who_edits_rules(client, manager, mall, url, moves, store, other_store):
    client.force_login(manager)
    link = f"/malls/{mall.slug}/rules/new/?from=s{store.pk}-s{other_store.pk}"
    assert link in text(counted(client, url))
    assert client.get(link).status_code == 200
    client.force_login(factories.make_member(Role.MALL_VIEWER, mall=mall))
    seen = client.get(url, {"source": "s:hotpot"})
    assert "Make a rule" not in text(seen) and "?from=" not in text(seen)


def test_charts_are_valid_for_plotly(client, manager, url, moves):
    import plotly.graph_objects as go

    client.force_login(manager)
    page = counted(client, url)
    for name in ("streams", "matrix"):
        go.Figure(figure(page, name))
    assert text(page).count('class="as-table"') == 2


def test_stores_of_one_name_stay_apart(client, manager, url, moves, store, other_store):
    type(store).objects.filter(pk__in=[store.pk, other_store.pk]).update(name_en="Twin", name_zh="")
    client.force_login(manager)
    counted(client, url)
    axis = figure(client.get(url, {"source": "s:hotpot"}), "matrix")["data"][0]["x"]
    assert axis == ["Twin"]
    page = client.get(url, {"source": f"c:{store.category.code}"})
    assert page.status_code == 200


def test_a_store_gone_from_the_mall_is_left_out(client, manager, url, moves):
    client.force_login(manager)
    counted(client, url)
    kept = FlowReport.objects.order_by("-last_day").first()
    kept.result["pairs"]["source"][0] = 999_999
    kept.save()
    assert tile_values(client.get(url))[0] == "1"


def test_no_moves(client, manager, url, store):
    client.force_login(manager)
    page = counted(client, url)
    assert tile_values(page) == ["0", "¥0.00", "0", "–", "¥0.00"]
    assert "No moves here" in text(page)


def test_no_stores(client, manager, url):
    client.force_login(manager)
    assert "No stores yet" in text(client.get(url))
    assert not FlowReport.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        {"within": "5"}, {"within": "-3"}, {"source": "s:none"}, {"target": "hotpot"}, {"source": "x" * 3_000},
        {"period": "custom", "start": "2026-11-21", "end": "2026-11-01"}, {"period": "' OR 1=1"},
        {"period": "custom", "start": "2030-01-01", "end": "2030-02-01"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_filters_are_told_and_count_nothing(client, manager, url, store, query):
    client.force_login(manager)
    page = client.get(url, query, headers=PART)
    assert page.status_code == 200 and 'role="alert"' in text(page)
    assert not FlowReport.objects.exists()


def test_a_store_of_another_mall_cannot_be_chosen(client, manager, url, store, stranger):
    theirs = factories.make_store(mall=stranger.memberships.get().mall, code="theirs")
    client.force_login(manager)
    assert 'role="alert"' in text(client.get(url, {"source": f"s:{theirs.code}"}, headers=PART))


def test_compared_days(client, manager, url, moves, mall, store, other_store, now):
    """One move more than a week before, another pair than now."""
    who, at = shoppers(mall, 1), now - 9 * DAY
    pay(who, other_store, at)
    pay(who, store, at + HOUR, 3_000)
    client.force_login(manager)
    page = counted(client, url, period="7d")
    moved, sales, _driven, share, _fen = page.context["tiles"]
    assert (moved.value, moved.was, moved.change.text) == ("25", "was 1", "+2,400.0%")
    assert (sales.was, share.was) == ("was ¥30.00", "was –")
    rows = page.context["tables"]["pairs"].page.object_list
    assert [(row["moves"], row["moves_before"]) for row in rows] == [(24, 0), (1, 1)]


def test_figures_come_before_those_compared_with(client, manager, url, moves):
    client.force_login(manager)
    counted(client, url, compare="none")
    page = client.get(url)
    assert tile_values(page)[0] == "25" and "are being counted" in text(page)
    assert page.context["tiles"][0].was == ""


@pytest.mark.parametrize("more", [0, 2])
def test_query_count_does_not_grow(client, manager, mall, url, moves, store, now, more, django_assert_num_queries):
    who = shoppers(mall, 2)
    for n in range(more):
        pay(who, store, now - DAY)
        pay(who, factories.make_store(mall=mall), now - DAY + (n + 1) * HOUR)
    client.force_login(manager)
    counted(client, url)
    with django_assert_num_queries(8):
        assert client.get(url, headers=PART).status_code == 200


def test_files(client, manager, url, moves, store, other_store):
    client.force_login(manager)
    counted(client, url)
    lines = client.get(url, {"export": "pairs"}).getvalue().decode("utf-8-sig").splitlines()
    assert lines[1].startswith("From,")
    assert "Make a rule" not in "".join(lines)


def test_the_matrix_knows_the_moves_that_the_table_has_no_room_for(client, manager, url, mall, monkeypatch, now):
    monkeypatch.setattr("analytics.views.flow.MOST", 2)
    monkeypatch.setattr("analytics.views.flow.MATRIX", 3)
    stores = [factories.make_store(mall=mall, category=factories.make_category(mall=mall)) for _ in range(4)]
    who = iter(shoppers(mall, 40))
    for a, source in enumerate(stores):
        for b, target in enumerate(stores):
            for _ in range((a != b) * (a + b)):
                each = [next(who)]
                pay(each, source, now - DAY)
                pay(each, target, now - DAY + HOUR)
    client.force_login(manager)
    counted(client, url)
    page = client.get(url, {"source": "", "target": "", "within": ""})
    assert "The 2 of 12 with most moves" in text(page)
    assert figure(page, "matrix")["data"][0]["z"] == [[0, 5, 4], [5, 0, 3], [4, 3, 0]]
    assert tile_values(page)[0] == "36"


def test_for_a_mail_it_is_made_at_once(manager, mall, moves):
    board = open_board(page="analytics:flow", arguments={"mall": mall.slug}, query="", user=manager)
    assert board.tables.keys() >= {"streams", "matrix"}
