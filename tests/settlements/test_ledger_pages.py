"""The pages of the ledger: the whole balances, whatever part is shown; entries lead to their evidence; files."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from settlements import backfill, months
from settlements.models import Account, ClosedMonth, Entry
from settlements.queries.balances import months_of, trial_balance
from settlements.queries.entries import entry_rows, signed_fen
from tests import factories
from tests.analytics.files import body, csv_rows, xlsx_sheets

from .world import name_of

pytestmark = pytest.mark.django_db

JANUARY = date(2026, 1, 1)


@pytest.fixture
def used(world):
    """Two coupons used, in January and in February."""
    world.pay()
    world.redeem(0, 9_999)
    world.wait(timedelta(days=12))
    world.redeem(1, 9_999)
    return world


@pytest.fixture
def get(client, mall, manager):
    client.force_login(manager)
    return lambda name, **query: client.get(reverse(f"settlements:{name}", args=[mall.slug]), query)


def test_balances_are_the_plain_sums(used):
    rows = trial_balance(used.mall)
    found = {name_of(row.account): row.balance_fen for row in rows}
    assert {key: fen for key, fen in found.items() if fen} == used.balances()
    assert sum(row.debits_fen for row in rows) == sum(row.credits_fen for row in rows)


def test_a_month_opens_with_what_was_before(used):
    whole = {row.account: row.balance_fen for row in trial_balance(used.mall)}
    january = {row.account: row.balance_fen for row in trial_balance(used.mall, JANUARY)}
    rows = trial_balance(used.mall, date(2026, 2, 1))
    assert {row.account: row.balance_fen for row in rows} == whole
    assert {row.account: row.opening_fen for row in rows} == january
    assert {row.opening_fen for row in trial_balance(used.mall, JANUARY)} == {0}


def test_months_run_without_gaps(used):
    Entry.objects.filter(month="2026-02-01").update(month="2026-03-01")
    assert months_of(used.mall) == [date(2026, 3, 1), date(2026, 2, 1), JANUARY]
    assert months_of(factories.make_mall()) == []


def test_entries_of_an_account_add_up_to_its_balance(used):
    for row in trial_balance(used.mall):
        entries = entry_rows(used.mall, account=row.account)
        assert sum(signed_fen(entry, row.account) for entry in entries) == row.balance_fen


def test_the_pages_show_amounts_and_lead_to_entries(used, get):
    page = get("trial_balance", month="2026-01-01").text
    account = Account.objects.get(kind="cost", merchant=None, provider=None)
    assert f"account={account.pk}&amp;month=2026-01-01" in page
    entries = get("entry_list", account=account.pk, month="2026-01-01").text
    entry = Entry.objects.get(debit=account, month=JANUARY)
    assert reverse("coupons:coupon_detail", args=[used.mall.slug, entry.coupon_id]) in entries
    assert f"-¥{entry.amount_fen / 100:.2f}" in entries


@pytest.mark.parametrize("query", [{"month": "x"}, {"month": "2026-01-02"}, {"kind": "x"}, {"search": "é' OR 1=1 --"}])
@pytest.mark.parametrize("name", ["trial_balance", "entry_list"])
def test_bad_filters_do_no_harm(used, get, name, query):
    assert get(name, **query).status_code == 200


def test_an_account_of_another_mall_filters_nothing(used, get):
    other = factories.make_mall()
    account = Account.objects.create(mall=other, kind="bank")
    assert get("entry_list", account=account.pk).context["table"].page.paginator.count == Entry.objects.count()


def test_entries_are_found_by_coupon(used, get):
    code = Entry.objects.filter(kind="redemption").first().coupon.code
    found = get("entry_list", search=f" {code.lower()} ").context["table"].rows
    assert {entry.coupon.code for entry in found} == {code}


@pytest.mark.parametrize(("name", "rows"), [("trial_balance", 0), ("entry_list", 2)])
def test_pages_ask_the_same_for_more_rows(used, get, name, rows):
    get(name)
    with CaptureQueriesContext(connection) as before:
        get(name)
    used.pay()
    used.redeem(3, 9_999)
    get(name)
    with CaptureQueriesContext(connection) as after:
        get(name)
    assert len(after) == len(before)


def test_files_hold_what_the_page_shows(used, get):
    rows = csv_rows(get("entry_list", format="csv"))
    assert len(rows) == 1 + Entry.objects.count()
    assert rows[0][:4] == ["Day", "Why", "Debit", "Credit"]
    (sheet,) = xlsx_sheets(body(get("trial_balance", format="xlsx"))).values()
    assert [round(row[-1] * 100) for row in sheet[1:]] == [row.balance_fen for row in trial_balance(used.mall)]
    assert get("trial_balance", format="exe")["Content-Type"].startswith("text/csv")


def test_months_offer_to_close_what_is_over(used, get, client):
    page = get("month_list")
    assert page.context["next"] == JANUARY
    address = reverse("settlements:month_close", args=[used.mall.slug])
    client.post(address, {"month": "2026-01-01"})
    assert get("month_list").context["closing"] == JANUARY
    assert not ClosedMonth.objects.exists()


def test_a_month_being_closed_is_asked_for_until_it_is(used, get, client, manager):
    address = reverse("settlements:month_list", args=[used.mall.slug])
    poll = {"HX-Request": "true", "HX-Target": "progress"}
    months.begin(mall=used.mall, month=JANUARY, by=manager, now=used.now)
    assert f'hx-get="{address}"' in get("month_list").text
    part = client.get(address, headers=poll)
    assert part.text.startswith("<div") and f'hx-get="{address}"' in part.text and "Jan 2026 is being" in part.text
    months.finish(mall=used.mall, month=JANUARY, by=manager, now=used.now)
    assert client.get(address, headers=poll)["HX-Refresh"] == "true"
    assert "hx-get" not in get("month_list").text


@pytest.mark.parametrize(
    ("month", "says"),
    [
        ("", "Choose the month"), ("x", "Choose the month"), ("2026-02-01", "close Jan 2026 first"),
        ("2025-12-01", "Dec 2025 was closed already"),
    ],
)  # fmt: skip
def test_a_month_that_cannot_be_closed_says_why(used, client, manager, month, says):
    client.force_login(manager)
    address = reverse("settlements:month_close", args=[used.mall.slug])
    assert says in client.post(address, {"month": month}, follow=True).text


def test_who_may_not_settle_sees_no_button(used, client, operator):
    client.force_login(operator)
    assert client.get(reverse("settlements:month_list", args=[used.mall.slug])).context["next"] is None


def test_the_command_posts_what_is_missing(used, capsys):
    was = used.balances()
    Entry.objects.all().delete()
    call_command("post_settlements")
    assert used.balances() == was
    call_command("post_settlements", mall=used.mall.slug)
    assert "0 entries posted" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no mall 'x'"):
        call_command("post_settlements", mall="x")


def test_posting_goes_on_in_parts(used, monkeypatch):
    was, count = used.balances(), Entry.objects.count()
    Entry.objects.all().delete()
    monkeypatch.setattr(backfill, "AT_ONCE", 1)
    assert backfill.post_missing(used.mall.pk, now=used.now) == count
    assert used.balances() == was
