"""The pages of statements: what the mall, the merchant and the provider see and may do there."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from merchants.choices import Role
from settlements.models import Entry, LineMessage, Statement
from settlements.queries.statements import line_rows
from settlements.services.statements import MOST_FEN
from tests import factories

from .stated import january

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world):
    return january(world)


@pytest.fixture
def as_mall(client, desk):
    client.force_login(desk.manager)
    return client


@pytest.fixture
def as_owner(client, desk):
    client.force_login(desk.owner)
    return client


def at(side, page, *args):
    return reverse(f"settlements:{side}_{page}", args=args)


def shown(client, *where) -> str:
    answer = client.get(at(*where))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def said(client, url, **data) -> list[str]:
    """The messages after a step."""
    answer = client.post(url, data, follow=True)
    assert answer.redirect_chain, answer.context.get("form")
    return [str(message) for message in answer.context["messages"]]


# --- The mall ---


def test_the_list_of_the_mall(as_mall, desk):
    text = shown(as_mall, "mall", "statements", desk.mall.slug)
    assert desk.merchant.name in text and "2 drafts wait to be issued." in text
    owed, due = (sum(abs(row.total_fen) for row in Statement.objects.all() if (row.total_fen > 0) is above)
                 for above in (True, False))  # fmt: skip
    assert f"¥{owed / 100:.2f}" in text and f"¥{due / 100:.2f}" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"month": "2026-01-01"}, 2), ({"month": "2025-01-01"}, 2), ({"month": "x"}, 2), ({"state": "draft"}, 2),
        ({"state": "paid"}, 0), ({"party": "merchant"}, 2), ({"party": "provider"}, 0), ({"search": "Merchant"}, 2),
        ({"search": "nobody"}, 0), ({"search": "%"}, 0), ({"page": "99"}, 2), ({"sort": "-total_fen"}, 2),
        ({"sort": "pk;drop"}, 2),
    ],
)  # fmt: skip
def test_filters_of_the_list(as_mall, desk, query, count):
    answer = as_mall.get(at("mall", "statements", desk.mall.slug), query)
    assert (answer.status_code, answer.context["table"].page.paginator.count) == (200, count)


def test_all_drafts_of_the_filter_are_issued(as_mall, desk):
    url = at("mall", "statements_issue", desk.mall.slug)
    assert said(as_mall, url, search=desk.merchant.code) == ["1 statement was issued."]
    assert said(as_mall, url) == ["1 statement was issued."]
    assert said(as_mall, url) == ["0 statements were issued."]


def test_agreed_ones_are_paid_together(as_mall, desk):
    url = at("mall", "statements_pay", desk.mall.slug)
    statement = desk.to_state("closed")
    page = shown(as_mall, "mall", "statements", desk.mall.slug)
    assert f'name="chosen" value="{statement.pk}"' in page
    for wrong in ({}, {"chosen": statement.pk}, {"reference": "r"}, {"chosen": "x", "reference": "r"}):
        assert as_mall.post(url, wrong).status_code == 422
    assert said(as_mall, url, chosen=statement.pk, reference="run 7") == ["1 statement is paid."]
    assert as_mall.post(url, {"chosen": statement.pk, "reference": "run 7"}).status_code == 422  # cannot be chosen now
    assert Entry.objects.filter(kind="payout").count() == 1


def test_a_statement_with_its_groups_and_who_owes_whom(as_mall, desk):
    statement = desk.statement
    text = shown(as_mall, "mall", "statement", desk.mall.slug, statement.pk)
    assert f"Galaxy owes {desk.merchant.name} ¥{statement.total_fen / 100:.2f}." in text
    assert "Coupons honoured" in text and "Own share of the coupons" in text and "Rebates</h2>" not in text
    for line in line_rows(statement):
        assert at("mall", "statement_line", desk.mall.slug, statement.pk, line.position) in text


def test_a_line_leads_to_its_entries_and_they_to_the_coupons(as_mall, desk):
    line = desk.line()
    text = shown(as_mall, "mall", "statement_line", desk.mall.slug, desk.statement.pk, 1)
    entries = Entry.objects.filter(kind=line.kind, credit=line.account)
    assert line.count == len(entries) > 1
    for entry in entries:
        assert reverse("coupons:coupon_detail", args=[desk.mall.slug, entry.coupon_id]) in text
        assert entry.coupon.code not in text


def test_from_draft_to_paid_by_the_pages(client, desk):
    mall, statement = (desk.mall.slug, desk.statement.pk), desk.statement.pk
    client.force_login(desk.manager)
    assert said(client, at("mall", "statement_issue", *mall)) == ["Issued, and mailed."]
    client.force_login(desk.owner)
    own = (desk.merchant.pk, statement)
    done = said(client, at("merchant", "statement_dispute", *own, 1), **{"dispute-text": "Two are missing"})
    assert done == ["Disputed. The mall has been told."]
    assert said(client, at("merchant", "statement_write", *own, 1), **{"write-text": "See the slips"}) == ["Sent."]
    client.force_login(desk.manager)
    assert "See the slips" in shown(client, "mall", "statement_line", *mall, 1)
    assert said(client, at("mall", "statement_write", *mall, 1), **{"write-text": "Thanks"}) == ["Sent."]
    answer = {"settle-text": "You are right", "settle-adjustment": "12.50"}
    assert said(client, at("mall", "statement_settle", *mall, 1), **answer) == ["Settled."]
    client.force_login(desk.owner)
    text = shown(client, "merchant", "statement_line", *own, 1)
    assert "You are right" in text and "Settled" in text and "Dispute this line" in text
    agreed = said(client, at("merchant", "statement_agree", *own))
    assert agreed == ["Agreed. What is found later is booked in a later month."]
    client.force_login(desk.manager)
    assert said(client, at("mall", "statement_pay", *mall), reference="bank 9") == ["Noted as paid."]
    assert desk.statement.state == "paid" and Entry.objects.get(kind="adjustment").amount_fen == 1_250
    assert "bank 9" in shown(client, "mall", "statement", *mall)


def test_steps_that_are_not_possible_are_explained(as_mall, desk):
    mall = (desk.mall.slug, desk.statement.pk)
    moved_on = ["The statement has moved on meanwhile: see its history for what happened."]
    assert said(as_mall, at("mall", "statement_pay", *mall), reference="x") == moved_on
    desk.to_state("paid")
    assert said(as_mall, at("mall", "statement_issue", *mall)) == moved_on
    assert said(as_mall, at("mall", "statement_pay", *mall), reference="x") == moved_on
    assert said(as_mall, at("mall", "statement_agree", *mall), note="x") == moved_on
    assert said(as_mall, at("mall", "statement_settle", *mall, 1), **{"settle-text": "x"}) == moved_on
    assert said(as_mall, at("mall", "statement_write", *mall, 1), **{"write-text": "x"}) == moved_on


def test_an_open_dispute_stands_in_the_way(as_mall, desk):
    desk.to_state("disputed")
    url = at("mall", "statement_agree", desk.mall.slug, desk.statement.pk)
    assert said(as_mall, url, note="x") == ["Lines of the statement are disputed. The mall settles them first."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"settle-text": ""}, {"settle-text": " "}, {"settle-text": "x" * 2_001}, {"settle-text": "a\x00b"},
        {"settle-text": "x", "settle-adjustment": "much"}, {"settle-text": "x", "settle-adjustment": "1.234"},
        {"settle-text": "x", "settle-adjustment": f"{MOST_FEN // 100 + 1}"},
        {"settle-text": "x", "settle-adjustment": f"-{MOST_FEN // 100 + 1}"},
        {"settle-text": "x", "settle-adjustment": "9" * 40},
    ],
)  # fmt: skip
def test_a_bad_settlement_is_named_and_nothing_posted(as_mall, desk, wrong):
    desk.to_state("disputed")
    answer = as_mall.post(at("mall", "statement_settle", desk.mall.slug, desk.statement.pk, 1), wrong)
    assert answer.status_code == 422 and "is-invalid" in answer.content.decode()
    assert desk.line().settled_at is None and not Entry.objects.filter(kind="adjustment").exists()


@pytest.mark.parametrize("page", ["statement_agree", "statement_pay"])
@pytest.mark.parametrize("value", ["", "x" * 501])
def test_a_bad_note_or_reference_is_named(as_mall, desk, page, value):
    desk.to_state("issued" if page == "statement_agree" else "closed")
    url = at("mall", page, desk.mall.slug, desk.statement.pk)
    assert as_mall.post(url, {"note": value, "reference": value}).status_code == 422


def test_there_is_no_such_line_or_file(as_mall, desk):
    mall = (desk.mall.slug, desk.statement.pk)
    assert as_mall.get(at("mall", "statement_line", *mall, 99)).status_code == 404
    assert as_mall.get(at("mall", "statement_file", *mall, "docx")).status_code == 404


# --- The party ---


def test_a_draft_does_not_exist_for_its_party(as_owner, desk):
    own = (desk.merchant.pk, desk.statement.pk)
    for page, *more in (("statement",), ("statement_line", 1), ("statement_file", "csv")):
        assert as_owner.get(at("merchant", page, *own, *more)).status_code == 404
    assert as_owner.post(at("merchant", "statement_agree", *own)).status_code == 404
    assert "No statement yet" in shown(as_owner, "merchant", "statements", desk.merchant.pk)


def test_the_statement_of_another_does_not_exist(client, desk):
    desk.to_state("disputed")
    other = desk.world.stores[2].merchant
    client.force_login(factories.make_member(Role.MERCHANT_OWNER, merchant=other))
    for args in ((other.pk, desk.statement.pk), (desk.merchant.pk, desk.statement.pk)):
        for page, *more in (("statement",), ("statement_line", 1), ("statement_file", "pdf")):
            assert client.get(at("merchant", page, *args, *more)).status_code == 404
        for page, *more in (("statement_agree",), ("statement_dispute", 1), ("statement_write", 1)):
            data = {"dispute-text": "x", "write-text": "x"}
            assert client.post(at("merchant", page, *args, *more), data).status_code == 404
    assert LineMessage.objects.count() == 1


def test_a_merchant_does_not_see_the_orders_of_other_stores(client, desk):
    """Who only pays a share reads what it paid and where, not what was bought there."""
    pays = desk.world.stores[2].merchant
    statement = Statement.objects.get(merchant=pays)
    Statement.objects.filter(pk=statement.pk).update(state="issued")
    client.force_login(factories.make_member(Role.MERCHANT_OWNER, merchant=pays))
    text = shown(client, "merchant", "statement_line", pays.pk, statement.pk, 1)
    assert desk.world.stores[0].name in text and "99.99" not in text
    assert not re.search(r"/redemptions/\d", text)
    file = b"".join(client.get(at("merchant", "statement_file", pays.pk, statement.pk, "csv")).streaming_content)
    assert b"99.99" not in file and b"entry,1" in file


def test_a_merchant_is_led_to_its_own_redemptions(as_owner, desk):
    desk.issue()
    text = shown(as_owner, "merchant", "statement_line", desk.merchant.pk, desk.statement.pk, 1)
    entry = Entry.objects.filter(kind="redemption").first()
    assert reverse("redeem:redemption_detail", args=[desk.merchant.pk, entry.source_id]) in text
    assert "¥99.99" in text


def test_the_mall_does_not_answer_in_the_place_of_the_party(as_mall, desk):
    desk.issue()
    own = (desk.merchant.pk, desk.statement.pk)
    assert "Agree to this statement" not in shown(as_mall, "merchant", "statement", *own)
    assert as_mall.post(at("merchant", "statement_agree", *own)).status_code == 403
    assert as_mall.post(at("merchant", "statement_dispute", *own, 1), {"dispute-text": "x"}).status_code == 403


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001])
def test_a_dispute_says_something(as_owner, desk, text):
    desk.issue()
    url = at("merchant", "statement_dispute", desk.merchant.pk, desk.statement.pk, 1)
    assert as_owner.post(url, {"dispute-text": text}).status_code == 422
    assert desk.statement.state == "issued"


def test_disputing_after_agreeing_is_explained(as_owner, desk):
    desk.to_state("closed")
    url = at("merchant", "statement_dispute", desk.merchant.pk, desk.statement.pk, 1)
    (text,) = said(as_owner, url, **{"dispute-text": "Wait"})
    assert text.startswith("The statement has moved on")


def test_what_waits_for_an_answer_is_counted_in_the_navigation(as_owner, desk):
    def badge() -> int | None:
        groups = as_owner.get(at("merchant", "statements", desk.merchant.pk)).context["nav"]
        (item,) = [item for group in groups for item in group["items"] if item["url"].endswith("/statements/")]
        return item["badge"]

    assert not badge()
    desk.issue()
    assert badge() == 1
    desk.dispute()
    assert not badge()


def test_a_provider_reads_and_answers_its_own(client, mall):
    provider = factories.make_provider(mall=mall)
    statement = factories.make_statement(party=provider)
    other = factories.make_statement(party=factories.make_provider(mall=mall))
    viewer, boss = (
        factories.make_member(role, provider=provider) for role in (Role.PROVIDER_VIEWER, Role.PROVIDER_MANAGER)
    )
    agree = at("provider", "statement_agree", provider.pk, statement.pk)
    client.force_login(viewer)
    assert "Agree to this statement" not in shown(client, "provider", "statement", provider.pk, statement.pk)
    assert client.post(agree).status_code == 403
    client.force_login(boss)
    assert client.get(at("provider", "statement", provider.pk, other.pk)).status_code == 404
    assert said(client, agree) == ["Agreed. What is found later is booked in a later month."]
    statement.refresh_from_db()
    assert (statement.state, statement.closed_by) == ("closed", boss)


def test_the_month_so_far(as_owner, desk, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: desk.world.now)
    desk.world.reverse(0)
    text = shown(as_owner, "merchant", "statement_so_far", desk.merchant.pk)
    assert "Feb 2026 so far" in text and "Redemption undone" in text
    desk.world.wait(timedelta(days=30))
    url = at("merchant", "statement_so_far", desk.merchant.pk)
    for query, month in (({}, "Mar"), ({"month": "2026-02-01"}, "Feb"), ({"month": "2026-01-01"}, "Mar")):
        assert f"{month} 2026 so far" in as_owner.get(url, query).content.decode()


# --- How much is asked of the database ---


def more_lines(desk) -> None:
    """A February with more stores and shoppers, closed."""
    for number in range(3):
        desk.world.pay(number, shopper=f"shopper {number}")
    for number in range(3, 9):
        desk.world.redeem(number, 5_000)
    desk.world.wait(timedelta(days=30))
    desk.world.close()


def test_queries_do_not_grow(as_mall, desk, django_assert_num_queries):
    more_lines(desk)
    small, large = (Statement.objects.get(merchant=desk.merchant, month=f"2026-0{month}-01") for month in (1, 2))
    assert large.lines.count() != small.lines.count()
    as_mall.get(at("mall", "statements", desk.mall.slug))
    with django_assert_num_queries(10):
        as_mall.get(at("mall", "statements", desk.mall.slug))
    for statement in (small, large):
        with django_assert_num_queries(9):
            as_mall.get(at("mall", "statement", desk.mall.slug, statement.pk))
        with django_assert_num_queries(11):
            as_mall.get(at("mall", "statement_line", desk.mall.slug, statement.pk, 1))


def test_queries_of_a_party_do_not_grow(as_owner, desk, django_assert_num_queries):
    more_lines(desk)
    Statement.objects.update(state="issued")
    with django_assert_num_queries(8):
        as_owner.get(at("merchant", "statements", desk.merchant.pk))
    with django_assert_num_queries(10):
        as_owner.get(at("merchant", "statement_so_far", desk.merchant.pk))
