"""The pages of mail reports: add, change, pause, try, delete, end by the link in a mail."""

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.mails import links
from analytics.models import MailReport, SavedView
from mallops.lib.tasks.worker import Worker
from tests import factories

from .cells import put
from .conftest import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

DAILY = {"every": "day", "hour": "8", "with_xlsx": "on"}


@pytest.fixture
def page(mall) -> str:
    return reverse("analytics:mail_reports", args=[mall.slug])


@pytest.fixture
def report(mall, manager):
    return factories.make_mail_report(to=manager, mall=mall)


def act(client, name: str, report: MailReport, **data):
    return client.post(reverse(f"analytics:mail_report_{name}", args=[report.pk]), data)


def test_add_from_a_saved_view(client, manager, mall, page):
    view = factories.make_saved_view(owner=manager, mall=mall)
    client.force_login(manager)
    assert client.post(page, DAILY | {"view": view.pk}).status_code == 302
    report = MailReport.objects.get()
    assert (report.view, report.to, report.every, report.hour, report.with_pdf, report.with_xlsx) == (
        view, manager, "day", 8, False, True,
    )  # fmt: skip
    assert report.sent_for == TODAY.replace(day=20)  # begins with what ends next
    assert view.name in client.get(page).content.decode()


def test_mail_this(client, manager, mall, store, page):
    """The menu of a board leads to a form that keeps its filters as a view."""
    put(store, TODAY, payments=1, gross_fen=100)
    client.force_login(manager)
    board = client.get(reverse("analytics:mall_overview", args=[mall.slug]), {"period": "7d", "store": store.code})
    assert f"{page}?address=%2Fmalls%2Fgalaxy%2F%3Fperiod%3D7d%26store%3Dhotpot" in board.content.decode()
    address = f"/malls/galaxy/?period=7d&store={store.code}"
    shown = client.get(page, {"address": address})
    assert "Mail it" in shown.content.decode()
    assert SavedView.objects.count() == 0
    assert client.post(page, DAILY | {"address": address}).status_code == 302
    view = SavedView.objects.get()
    assert (view.page, view.arguments, view.owner, view.mall, view.shared) == (
        "analytics:mall_overview", {"mall": "galaxy"}, manager, mall, False,
    )  # fmt: skip
    assert (view.name, view.query) == (f"Overview · {store.name}", "period=7d&store=hotpot")
    again = client.post(page, DAILY | {"address": address, "every": "week"})
    assert (again.status_code, SavedView.objects.count(), MailReport.objects.count()) == (302, 1, 2)


def test_another_board_of_the_same_name(client, manager, mall, page):
    client.force_login(manager)
    for period in ("7d", "90d"):
        client.post(page, DAILY | {"address": f"/malls/galaxy/?period={period}"})
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["Overview", "Overview (2)"]


@pytest.mark.parametrize(
    "address",
    [
        "/malls/elsewhere/", "/merchants/1/", "https://example.com/malls/galaxy/", "/accounts/login/", "nonsense",
        "/malls/galaxy/stores/gone/", "/malls/galaxy/?store=gone", "/malls/galaxy/views/", "/\x00",
        "/malls/galaxy/?" + "x" * 600,
    ],
    ids=lambda address: address[:30],
)  # fmt: skip
def test_addresses_of_no_board_of_this_mall(client, manager, mall, page, address):
    factories.make_mall(slug="elsewhere")
    client.force_login(manager)
    response = client.post(page, DAILY | {"address": address})
    assert response.status_code == 422
    assert (MailReport.objects.count(), SavedView.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"every": "hour"}, {"hour": "24"}, {"hour": "-1"}, {"hour": "x"}, {"view": "0"}, {"view": "x"}, {"view": ""}],
)
def test_wrong_choices(client, manager, mall, page, wrong):
    view = factories.make_saved_view(owner=manager, mall=mall)
    client.force_login(manager)
    assert client.post(page, DAILY | {"view": view.pk} | wrong).status_code == 422
    assert MailReport.objects.count() == 0


def test_without_a_mail_address(client, manager, mall, page):
    view = factories.make_saved_view(owner=manager, mall=mall)
    type(manager).objects.filter(pk=manager.pk).update(email="")
    client.force_login(manager)
    response = client.post(page, DAILY | {"view": view.pk})
    assert response.status_code == 422
    assert "no mail address" in response.content.decode()


def test_who_lost_the_right_can_still_end_a_report(client, manager, report):
    manager.memberships.all().delete()
    client.force_login(manager)
    assert client.get(reverse("analytics:mail_report_edit", args=[report.pk])).status_code == 404
    assert act(client, "pause", report)["Location"] == reverse("home")
    assert act(client, "delete", report)["Location"] == reverse("home")
    assert MailReport.objects.count() == 0


def test_the_same_twice(client, manager, mall, page, report):
    client.force_login(manager)
    response = client.post(page, DAILY | {"view": report.view_id})
    assert response.status_code == 422
    assert "at this rhythm already" in response.content.decode()


def test_views_of_others_cannot_be_mailed_unless_shared(client, manager, operator, mall, page):
    private = factories.make_saved_view(owner=operator, mall=mall)
    shared = factories.make_saved_view(owner=operator, mall=mall, shared=True)
    client.force_login(manager)
    assert client.post(page, DAILY | {"view": private.pk}).status_code == 422
    assert client.post(page, DAILY | {"view": shared.pk}).status_code == 302


def test_a_merchants_views_stay_on_the_merchants_page(client, manager, mall, store, page):
    view = factories.make_saved_view(
        owner=manager, mall=mall, merchant=store.merchant, page="analytics:merchant_overview",
        arguments={"pk": store.merchant_id},
    )  # fmt: skip
    factories.make_mail_report(to=manager, mall=mall, view=view)
    client.force_login(manager)
    assert view.name not in client.get(page).content.decode()
    there = reverse("analytics:merchant_mail_reports", args=[store.merchant_id])
    assert view.name in client.get(there).content.decode()


def test_change(client, manager, report):
    client.force_login(manager)
    url = reverse("analytics:mail_report_edit", args=[report.pk])
    assert client.post(url, {"every": "month", "hour": "6", "with_pdf": "on"}).status_code == 302
    report.refresh_from_db()
    assert (report.every, report.hour, report.with_pdf, report.with_xlsx) == ("month", 6, True, False)
    assert report.sent_for == TODAY.replace(month=10, day=31)
    assert client.post(url, {"every": "never"}).status_code == 422


def test_pause_and_go_on(client, manager, report):
    client.force_login(manager)
    for paused in (True, False):
        act(client, "pause", report)
        report.refresh_from_db()
        assert report.paused == paused


def test_send_now(client, manager, report, store):
    put(store, TODAY.replace(day=20), payments=1, gross_fen=100)
    client.force_login(manager)
    response = act(client, "send", report)
    assert response.status_code == 302
    Worker().drain()
    report.refresh_from_db()
    assert (len(mail.outbox), report.sent_for, report.sent_at) == (1, None, None)  # a trial counts for nothing
    assert mail.outbox[0].to == [manager.email]


def test_delete_leaves_the_view(client, manager, report):
    client.force_login(manager)
    act(client, "delete", report)
    assert (MailReport.objects.count(), SavedView.objects.count()) == (0, 1)


def test_reports_of_others_are_not_there(client, operator, report, page):
    client.force_login(operator)
    assert report.view.name not in client.get(page).content.decode()
    for name in ("pause", "send", "delete", "edit"):
        assert act(client, name, report).status_code == 404
    assert MailReport.objects.filter(paused=False).count() == 1


def test_the_list_asks_the_same_queries_for_one_report_and_three(client, manager, mall, page, report):
    client.force_login(manager)
    client.get(page)
    counts = []
    for _reports in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        counts.append(len(queries))
        for _ in range(2):
            factories.make_mail_report(to=manager, mall=mall)
    assert counts[0] == counts[1]


def test_the_link_in_a_mail_ends_a_report_by_a_button(report):
    url = links.end_path(report)
    client = Client(enforce_csrf_checks=True)  # a mail program has no token of ours
    assert report.to.email in client.get(url).content.decode()
    report.refresh_from_db()
    assert not report.paused  # programs that look into mails open links
    assert client.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    report.refresh_from_db()
    assert report.paused and "link in a mail" in report.problem


@pytest.mark.parametrize("token", ["1", "1.forged", "x.y", "9" * 30])
def test_forged_links(client, report, token):
    url = reverse("analytics:mail_unsubscribe", args=[token])
    assert client.post(url).status_code == 404
    assert not MailReport.objects.filter(paused=True).exists()


def test_a_link_of_a_report_that_is_gone(client, report):
    url = links.end_path(report)
    report.delete()
    assert client.get(url).status_code == 404
