"""Mail reports: which period is due when, that each is sent once, what is in a mail, and who gets none."""

from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.http import QueryDict

from analytics import tasks
from analytics.mails import sending, services, spans
from analytics.mails.opened import NotOpened, open_board
from analytics.models import MailReport
from coupons.engine.terms import Limits
from coupons.models import LimitCounter
from mallops.lib.dates import Period
from mallops.lib.tasks.models import TaskRun
from mallops.lib.tasks.worker import Worker
from merchants.models import Membership, Store
from tests import factories

from .cells import put
from .conftest import TODAY
from .files import pdf_text, xlsx_sheets

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)
DAY = Period(YESTERDAY, TODAY)


@pytest.fixture
def report(mall, manager):
    return factories.make_mail_report(to=manager, mall=mall)


@pytest.fixture
def sold(mall, store, other_store):
    put(store, YESTERDAY, payments=3, gross_fen=120_000)
    put(store, YESTERDAY - timedelta(days=1), payments=1, gross_fen=60_000)
    put(other_store, YESTERDAY, payments=1, gross_fen=5_000, folded=False)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def drain() -> None:
    Worker().drain()


# --- When ---


@pytest.mark.parametrize(
    ("every", "day", "first", "end"),
    [
        ("day", "2026-11-21", "2026-11-20", "2026-11-21"),
        ("day", "2026-01-01", "2025-12-31", "2026-01-01"),
        ("week", "2026-11-22", "2026-11-09", "2026-11-16"),  # a Sunday: its own week is not over
        ("week", "2026-11-23", "2026-11-16", "2026-11-23"),
        ("month", "2026-11-01", "2026-10-01", "2026-11-01"),
        ("month", "2026-11-30", "2026-10-01", "2026-11-01"),
        ("month", "2024-03-15", "2024-02-01", "2024-03-01"),
        ("month", "2026-01-15", "2025-12-01", "2026-01-01"),
    ],
)
def test_the_last_period(every, day, first, end):
    assert spans.last_over(every, date.fromisoformat(day)) == Period(date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("Asia/Shanghai", "2026-11-20T23:59+00:00", False),  # 07:59 on the 21st
        ("Asia/Shanghai", "2026-11-21T00:00+00:00", True),
        ("America/New_York", "2026-11-21T12:59+00:00", False),
        ("America/New_York", "2026-11-21T13:00+00:00", True),
        ("Pacific/Kiritimati", "2026-11-20T17:59+00:00", False),
        ("Pacific/Kiritimati", "2026-11-20T18:00+00:00", True),
    ],
)
def test_due_from_its_hour_by_the_malls_clock(report, zone, now, due):
    report.view.mall.time_zone = zone
    assert spans.due(report, at(now)) == (DAY if due else None)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-08T06:59+00:00", False),  # 01:59: the hour from two to three is left out that night
        ("2026-03-08T07:00+00:00", True),  # 03:00
        ("2026-11-01T05:59+00:00", False),  # 01:59, for the first time
        ("2026-11-01T06:59+00:00", False),  # 01:59, for the second time
        ("2026-11-01T07:00+00:00", True),
    ],
)
def test_hours_that_clock_changes_leave_out_or_repeat(report, now, due):
    report.view.mall.time_zone, report.hour = "America/New_York", 2
    assert bool(spans.due(report, at(now))) == due


def test_missed_days_are_made_up_for_by_the_last_one(report):
    report.sent_for = YESTERDAY - timedelta(days=5)
    assert spans.due(report, at("2026-11-21T15:00+08:00")) == DAY


def test_what_is_over_when_a_report_begins_is_not_sent(report):
    now = at("2026-11-21T15:00+08:00")
    services.begin(report=report, now=now)
    assert report.sent_for == YESTERDAY
    assert spans.due(report, now) is None
    assert spans.due(report, now + timedelta(days=1)) == Period(TODAY, TODAY + timedelta(days=1))


def test_a_report_begun_before_its_hour_is_sent_at_it(report):
    services.begin(report=report, now=at("2026-11-21T07:00+08:00"))
    assert spans.due(report, at("2026-11-21T08:00+08:00")) == DAY


def test_a_resumed_report_goes_on_with_what_ends_next(report):
    MailReport.objects.update(paused=True, problem="gone", sent_for=date(2026, 1, 1))
    services.resume(report=report, now=at("2026-11-21T15:00+08:00"))
    report.refresh_from_db()
    assert (report.paused, report.problem, report.sent_for) == (False, "", YESTERDAY)


def test_the_views_filters_with_other_days():
    query = QueryDict(spans.query_for("period=90d&compare=last_year&store=a&store=b", DAY))
    assert query.dict() == {
        "period": "custom", "start": "2026-11-20", "end": "2026-11-20", "compare": "last_year", "store": "b",
    }  # fmt: skip
    assert query.getlist("store") == ["a", "b"]


# --- Once ---


def test_each_period_is_sent_once_however_often_one_asks(report, sold, now):
    assert [sending.ask_due(now=now), sending.ask_due(now=now)] == [1, 0]
    drain()
    assert sending.ask_due(now=now) == 0
    drain()
    assert len(mail.outbox) == 1
    report.refresh_from_db()
    assert (report.sent_for, report.sent_at, report.problem) == (YESTERDAY, now, "")


def test_two_who_ask_at_once(report, sold, now):
    stale = MailReport.objects.select_related("view__mall").get()
    assert [sending.claim(report, DAY), sending.claim(stale, DAY)] == [True, False]
    assert TaskRun.objects.filter(path="analytics.tasks.send_mail_report").count() == 1


def test_paused_between_asking_and_sending(report, sold, now):
    sending.ask_due(now=now)
    services.pause(report=report)
    drain()
    assert mail.outbox == []


def test_a_failing_mail_server_is_told_and_tried_again(report, sold, now, monkeypatch):
    def fail(*_args, **_kwargs):
        raise SMTPServerDisconnected("gone away")

    sending.ask_due(now=now)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
        with pytest.raises(SMTPServerDisconnected):
            sending.send(report.pk, DAY)
    report.refresh_from_db()
    assert (report.problem, report.sent_at, report.paused) == ("gone away", None, False)
    drain()
    report.refresh_from_db()
    assert (report.problem, report.sent_at, len(mail.outbox)) == ("", now, 1)


def test_the_task_is_repeated_for_hours():
    assert tasks.send_mail_report.max_attempts == sending.ATTEMPTS >= 30
    assert (tasks.send_mail_report.atomic, tasks.send_mail_report.queue_name) == (False, "outside")


def test_a_mail_sent_twice_by_a_lost_worker_has_one_id(report, sold, now):
    assert sending.send(report.pk, DAY) and sending.send(report.pk, DAY)
    ids = {sent.extra_headers["Message-ID"] for sent in mail.outbox}
    assert ids == {f"<report-{report.pk}-2026-11-20@localhost>"}


def test_a_report_deleted_meanwhile(report, sold, now):
    report.delete()
    assert sending.send(report.pk or 1, DAY) is False


# --- What ---


@pytest.mark.usefixtures("now")
def test_what_a_mail_says(report, sold, store, other_store):
    assert sending.send(report.pk, DAY)
    (sent,) = mail.outbox
    assert sent.subject == f"[MallOps] Galaxy – {report.view.name}: 2026-11-20"
    assert sent.to == [report.to.email]
    html = sent.alternatives[0][0]
    for said in (
        "compared with 2026-11-19", "¥1.3K", "+108.3%", "was ¥600.00", store.name, "+¥600.00 to ¥1.2K",
        other_store.name, "What changed most", "/malls/galaxy/mail-reports/",
    ):  # fmt: skip
        assert said in sent.body and said in html, said
    assert "http://127.0.0.1:8000/malls/galaxy/?period=custom&start=2026-11-20&end=2026-11-20" in sent.body
    assert sent.attachments == []


@pytest.mark.usefixtures("now")
def test_a_mail_is_in_the_receivers_language(report, sold, manager):
    manager.language = "zh-hans"
    manager.save()
    sending.send(report.pk, DAY)
    assert mail.outbox[0].subject.startswith("[MallOps] 星河天地")
    assert "净销售额" in mail.outbox[0].body
    assert 'lang="zh-hans"' in mail.outbox[0].alternatives[0][0]


@pytest.mark.usefixtures("now")
def test_files_as_chosen(report, sold, store):
    MailReport.objects.update(with_pdf=True, with_xlsx=True)
    sending.send(report.pk, DAY)
    (pdf, xlsx) = mail.outbox[0].attachments
    assert (pdf[0], pdf[2]) == ("galaxy-report-2026-11-20-2026-11-20.pdf", "application/pdf")
    assert xlsx[0] == "galaxy-report-2026-11-20-2026-11-20.xlsx"
    assert "¥1,200.00" in pdf_text(pdf[1])
    assert "Stores" in xlsx_sheets(xlsx[1])


@pytest.mark.usefixtures("now")
def test_three_movements_at_most(report, mall, sold):
    for number in range(4):
        put(factories.make_store(mall=mall), YESTERDAY, payments=1, gross_fen=1_000_000 * (number + 1))
    sending.send(report.pk, DAY)
    told = mail.outbox[0].body.partition("What changed most")[2].partition("\n\n")[0]
    assert told.count("- ") == 3 and "¥40.0K" in told


@pytest.mark.usefixtures("now")
def test_rules_near_their_limits_are_told(report, mall, sold):
    rule = factories.make_rule(mall=mall, limits=Limits(quantity=10))
    LimitCounter.objects.create(mall=mall, key=f"r{rule.pk}.n", used=9, ceiling=10)
    sending.send(report.pk, DAY)
    assert rule.name in mail.outbox[0].body
    assert f"http://127.0.0.1:8000/malls/galaxy/rules/{rule.pk}/" in mail.outbox[0].body


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ settings }}", "\r\nBcc: all@example.com"])
def test_names_are_text(report, sold, store, name):
    Store.objects.update(name_en=name, name_zh="")
    type(report.view).objects.update(name=name)
    sending.send(report.pk, DAY)
    (sent,) = mail.outbox
    assert "<script>" not in sent.alternatives[0][0]
    assert sent.message()["Bcc"] is None
    assert "\n" not in sent.subject


# --- News ---


@pytest.mark.usefixtures("now")
def test_no_mail_without_news(report, store):
    put(store, TODAY, payments=1, gross_fen=100)  # not in the period
    assert sending.send(report.pk, DAY) is False
    assert mail.outbox == []


@pytest.mark.usefixtures("now")
def test_a_mail_without_news_if_asked_for(report, store):
    MailReport.objects.update(even_if_empty=True)
    assert sending.send(report.pk, DAY)
    assert "No sales in this period" in mail.outbox[0].body


@pytest.mark.usefixtures("now")
def test_news_are_those_of_the_views_filters(report, sold, mall):
    quiet = factories.make_store(mall=mall, code="quiet")
    type(report.view).objects.update(query=f"store={quiet.code}")
    assert sending.send(report.pk, DAY) is False


@pytest.mark.usefixtures("now")
def test_a_mall_without_stores(report):
    assert sending.send(report.pk, DAY) is False


# --- Rights ---


def lost(report, reason: str) -> None:
    """Nothing is sent, now or later, and the report says why."""
    assert sending.send(report.pk, DAY) is False
    assert mail.outbox == []
    report.refresh_from_db()
    assert report.paused and reason in report.problem
    assert sending.ask_due(now=datetime(2026, 12, 1, tzinfo=UTC)) == 0


@pytest.mark.usefixtures("now")
def test_who_left_the_mall_gets_nothing(report, sold):
    Membership.objects.all().delete()
    lost(report, "not yours to see")


@pytest.mark.usefixtures("now")
def test_a_cashier_gets_nothing(owner, store, sold):
    view = factories.make_saved_view(
        owner=owner, mall=store.mall, merchant=store.merchant, page="analytics:merchant_overview",
        arguments={"pk": store.merchant_id},
    )  # fmt: skip
    report = factories.make_mail_report(to=owner, mall=store.mall, view=view)
    Membership.objects.update(role="merchant_cashier")
    lost(report, "You may not see these figures any more.")


@pytest.mark.usefixtures("now")
def test_an_account_switched_off_gets_nothing(report, sold, manager):
    manager.is_active = False
    manager.save()
    lost(report, "switched off")


@pytest.mark.usefixtures("now")
def test_a_view_not_shared_any_more(mall, manager, operator, sold):
    view = factories.make_saved_view(owner=operator, mall=mall, shared=True)
    report = factories.make_mail_report(to=manager, mall=mall, view=view)
    assert sending.send(report.pk, DAY)
    mail.outbox.clear()
    view.shared = False
    view.save()
    lost(report, "not shared")


@pytest.mark.usefixtures("now")
def test_a_view_of_a_store_that_is_gone(report, sold):
    type(report.view).objects.update(page="analytics:store_detail", arguments={"mall": "galaxy", "code": "gone"})
    lost(report, "does not exist any more")


@pytest.mark.usefixtures("now")
def test_a_view_that_filters_by_a_store_that_is_gone(report, sold):
    type(report.view).objects.update(query="store=gone")
    lost(report, "The filters do not fit any more: ")


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    ("page", "arguments"),
    [
        ("analytics:no_such_page", {}),
        ("analytics:mall_overview", {"mall": "elsewhere"}),
        ("analytics:mall_overview", {"code": "x"}),
        ("analytics:saved_views", {"mall": "galaxy"}),
    ],
)
def test_views_of_no_board(report, sold, page, arguments):
    with pytest.raises(NotOpened):
        open_board(page=page, arguments=arguments, query="", user=report.to)


@pytest.mark.usefixtures("now")
def test_a_merchants_mail_holds_no_figures_of_others(owner, store, other_store, sold):
    Store.objects.filter(pk=other_store.pk).update(name_en="Rival store")
    view = factories.make_saved_view(
        owner=owner, mall=store.mall, merchant=store.merchant, page="analytics:merchant_overview",
        arguments={"pk": store.merchant_id},
    )  # fmt: skip
    report = factories.make_mail_report(to=owner, mall=store.mall, view=view, with_xlsx=True)
    assert sending.send(report.pk, DAY)
    (sent,) = mail.outbox
    assert "¥1.2K" in sent.body and "Rival" not in sent.body
    assert all("Rival" not in str(rows) for rows in xlsx_sheets(sent.attachments[0][1]).values())
    assert f"/merchants/{store.merchant_id}/mail-reports/" in sent.body


# --- Cost ---


@pytest.mark.usefixtures("now")
def test_asking_costs_one_query_however_many_reports(mall, manager, django_assert_num_queries):
    for every in ("day", "week", "month"):
        report = factories.make_mail_report(to=manager, mall=mall, every=every)
        services.begin(report=report, now=at("2026-11-21T20:00+08:00"))
    with django_assert_num_queries(1):
        assert sending.ask_due(now=at("2026-11-21T20:05+08:00")) == 0
