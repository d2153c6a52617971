import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.models import Stock
from mallops import pipeline
from merchants.choices import Role
from tests import factories

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


@pytest.fixture
def stock(mall, store):
    return factories.make_stock(mall=mall, merchant=store.merchant, name_en="Tea off", budget_fen=500_000)


@pytest.fixture
def issued(mall, store, stock):
    """The stock with one coupon out."""
    factories.make_rule(mall=mall, stock=stock)
    pipeline.record_payments(mall.pk, [factories.payment_event(store)], source="test", now=timezone.now())
    return stock


def new_stock(store, **changes) -> dict:
    return {
        "name_en": "Cake", "code": "cake", "merchant": store.merchant_id, "funder": "mall", "kind": "amount_off",
        "value_fen": "8", "validity": "days", "valid_days": "14", "quantity": "100", **changes,
    }  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_whatever_its_length(client, mall, manager, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.make_stock(mall=mall)
    client.force_login(manager)
    with django_assert_num_queries(9):
        answer = client.get(page("stock_list", mall.slug))
    assert len(answer.context["table"].page) == rows


def test_list_shows_what_is_used_and_filters(client, mall, manager, issued):
    closed = factories.make_stock(mall=mall, closed_at=timezone.now())
    client.force_login(manager)

    def rows(**query):
        return list(client.get(page("stock_list", mall.slug), query).context["table"].page)

    assert [(row, row.issued, row.claimed_fen) for row in rows(state="open")] == [(issued, 1, 1_000)]
    assert rows(state="closed") == [closed]
    assert rows(merchant=issued.merchant_id) == [issued]
    assert len(rows(state="nonsense", merchant="x")) == 2


def test_list_without_script_and_the_part_for_htmx(client, mall, manager, stock):
    client.force_login(manager)
    part = client.get(page("stock_list", mall.slug), headers={"HX-Request": "true", "HX-Target": "board"})
    assert part.content.startswith(b'<div class="stack" id="board">')


def test_a_stock_is_made(client, mall, store, manager):
    client.force_login(manager)
    answer = client.post(page("stock_new", mall.slug), new_stock(store))
    made = Stock.objects.get()
    assert answer["Location"] == page("stock_detail", mall.slug, made.pk)
    assert (made.mall, made.value_fen, made.valid_for, made.funder) == (mall, 800, 14, "mall")


def test_errors_are_shown_and_nothing_is_made(client, mall, store, manager):
    client.force_login(manager)
    answer = client.post(page("stock_new", mall.slug), new_stock(store, value_fen="8.005", quantity=""))
    assert answer.status_code == 422
    assert "Enter an amount in yuan" in answer.text
    assert not Stock.objects.exists()


def test_before_the_first_issue_all_is_editable(client, mall, store, stock, manager):
    client.force_login(manager)
    form = client.get(page("stock_edit", mall.slug, stock.pk)).context["form"]
    assert (form["value_fen"].value(), form["valid_days"].value()) == ("10.00", 7)
    client.post(page("stock_edit", mall.slug, stock.pk), new_stock(store, value_fen="9"))
    stock.refresh_from_db()
    assert (stock.code, stock.value_fen, stock.valid_for) == ("cake", 900, 14)


def test_after_the_first_issue_only_more_is_possible(client, mall, issued, manager):
    url = page("stock_edit", mall.slug, issued.pk)
    client.force_login(manager)
    assert list(client.get(url).context["form"].fields) == [
        "name_zh",
        "name_en",
        "quantity",
        "budget_fen",
        "remind_hours",
    ]
    refused = client.post(url, {"name_en": "Less", "quantity": "999", "budget_fen": "1"})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"quantity", "budget_fen"}
    assert "Tea off" in refused.text
    client.post(url, {"name_en": "More", "quantity": "2000", "budget_fen": "", "value_fen": "1"})
    issued.refresh_from_db()
    assert (issued.name_en, issued.quantity, issued.budget_fen, issued.value_fen) == ("More", 2_000, None, 1_000)


def test_detail_counts_coupons_and_names_the_rules(client, mall, issued, manager):
    client.force_login(manager)
    answer = client.get(page("stock_detail", mall.slug, issued.pk))
    assert [(state[0], number) for state, number in answer.context["counts"]] == [
        ("Issued", 1), ("Redeemed", 0), ("Expired", 0), ("Revoked", 0),
    ]  # fmt: skip
    assert [(label, use.used, use.ceiling) for label, use in answer.context["uses"]] == [
        ("Quantity", 1, 1_000), ("Money budget", 1_000, 500_000),
    ]  # fmt: skip
    assert len(answer.context["table"].page) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_takes_the_same_queries_whatever_awards_it(
    client, mall, stock, manager, rows, django_assert_num_queries
):
    for _ in range(rows):
        factories.make_rule(mall=mall, stock=stock)
    client.force_login(manager)
    with django_assert_num_queries(18):
        client.get(page("stock_detail", mall.slug, stock.pk))


def test_closing(client, mall, stock, manager):
    client.force_login(manager)
    client.post(page("stock_close", mall.slug, stock.pk))
    stock.refresh_from_db()
    assert stock.closed_at is not None
    assert page("stock_close", mall.slug, stock.pk) not in client.get(page("stock_detail", mall.slug, stock.pk)).text


def test_who_may_what(client, mall, stock, store, manager, operator, owner, cashier, provider_manager, stranger):
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    reads = [page("stock_list", mall.slug), page("stock_detail", mall.slug, stock.pk)]
    forms = [page("stock_new", mall.slug), page("stock_edit", mall.slug, stock.pk)]
    for user, read, write in (
        (manager, 200, 200), (operator, 200, 200), (viewer, 200, 403), (owner, 404, 404), (cashier, 404, 404),
        (provider_manager, 404, 404), (stranger, 404, 404),
    ):  # fmt: skip
        client.force_login(user)
        assert [client.get(url).status_code for url in reads] == [read] * 2
        assert [client.get(url).status_code for url in forms] == [write] * 2
        if write != 200:
            assert client.post(page("stock_close", mall.slug, stock.pk)).status_code == write
            assert client.post(page("stock_new", mall.slug), new_stock(store)).status_code == write
    stock.refresh_from_db()
    assert (stock.closed_at, Stock.objects.count()) == (None, 1)


def test_a_stock_of_another_mall_is_not_found_under_ones_own(client, stock, stranger):
    own = stranger.memberships.get().mall
    client.force_login(stranger)
    assert client.get(page("stock_detail", own.slug, stock.pk)).status_code == 404
    assert client.post(page("stock_close", own.slug, stock.pk)).status_code == 404


def test_a_merchant_sees_its_own_stocks_and_the_rules_awarding_them(
    client, mall, issued, owner, cashier, manager, stranger
):
    other = factories.make_stock(mall=mall, name_en="Not mine")
    factories.make_rule(mall=mall, stock=other)
    url = page("merchant_stocks", issued.merchant_id)
    client.force_login(owner)
    answer = client.get(url)
    assert list(answer.context["table"].page) == [issued]
    assert len(answer.context["rules"].page) == 1
    assert "Not mine" not in answer.text
    assert "/malls/" not in answer.text
    for user, status in ((manager, 200), (cashier, 403), (stranger, 404)):
        client.force_login(user)
        assert client.get(url).status_code == status
    client.force_login(owner)
    assert client.get(page("merchant_stocks", other.merchant_id)).status_code == 404
