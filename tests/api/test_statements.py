"""Statements by API: who reads which, their lines and entries page by page."""

import pytest

from merchants.services import credentials
from tests import factories
from tests.settlements.conftest import world  # noqa: F401 - a fixture
from tests.settlements.stated import january

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world):  # noqa: F811
    return january(world)


@pytest.fixture
def issued_key(mall, manager):
    def issue(**terms):
        values = {"mall": mall, "provider": None, "label": "books", "by": manager, **terms}
        return credentials.issue(**values)[1]

    return issue


def test_the_mall_reads_all(call, desk):
    found = call("get", "statements").json()
    assert found["count"] == 2
    one = next(row for row in found["results"] if row["id"] == desk.statement.pk)
    assert (one["month"], one["party"], one["code"], one["state"], one["total_fen"]) == (
        "2026-01", "merchant", desk.merchant.code, "draft", desk.statement.total_fen,
    )  # fmt: skip


def test_a_statement_has_its_lines_and_they_their_entries(call, desk):
    pk = desk.statement.pk
    found = call("get", f"statements/{pk}").json()
    assert sum(line["amount_fen"] for line in found["lines"]) == found["total_fen"]
    assert {line["group"] for line in found["lines"]} == {"reimbursement", "cost"}
    assert found["lines"][0]["store"] == desk.world.stores[0].code
    for line in found["lines"]:
        entries = call("get", f"statements/{pk}/entries?line={line['position']}").json()
        assert entries["count"] == line["count"]
        assert sum(entry["amount_fen"] for entry in entries["results"]) == line["amount_fen"]


def test_entries_come_in_pages(call, desk):
    url, got = f"statements/{desk.statement.pk}/entries?limit=2", []
    while url:
        page = call("get", url).json()
        assert 1 <= len(page["results"]) <= 2
        got += page["results"]
        url = page["next"] and page["next"].split("/api/v1/")[1]
    assert len(got) == page["count"] == len({(row["id"], row["line"]) for row in got})
    assert sum(row["amount_fen"] for row in got) == desk.statement.total_fen
    assert {row["order_fen"] for row in got} == {9_999, 501}


@pytest.mark.parametrize(
    ("query", "count"), [("month=2026-01", 2), ("month=2026-02", 0), ("state=draft", 2), ("state=paid", 0)]
)
def test_months_and_states(call, desk, query, count):
    assert call("get", f"statements?{query}").json()["count"] == count


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("?month=january", "month"), ("?month=2026-13", "month"), ("?state=lost", "state"),
        ("/{pk}/entries?line=99", "line"), ("/{pk}/entries?line=x", "line"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_named(call, desk, wrong, path, field):
    answer = call("get", "statements" + path.format(pk=desk.statement.pk))
    assert answer.status_code == 400 and wrong(answer) == {field}


def test_a_provider_reads_what_was_issued_to_it(call, desk, mall, issued_key):
    provider = factories.make_provider(mall=mall)
    mine = factories.make_statement(party=provider)
    draft = factories.make_statement(party=provider, state="draft", month="2026-04-01")
    other = factories.make_statement(party=factories.make_provider(mall=mall))
    key = issued_key(provider=provider)
    assert [row["id"] for row in call("get", "statements", key=key).json()["results"]] == [mine.pk]
    assert call("get", f"statements/{mine.pk}", key=key).json()["party"] == "provider"
    for pk in (draft.pk, other.pk, desk.statement.pk):
        assert call("get", f"statements/{pk}", key=key).status_code == 404
        assert call("get", f"statements/{pk}/entries", key=key).status_code == 404


def test_another_mall_reads_nothing_of_it(call, desk, stranger, issued_key):
    other = stranger.memberships.get().mall
    key = credentials.issue(mall=other, provider=None, label="x", by=stranger)[1]
    assert call("get", "statements", key=key).json()["count"] == 0
    assert call("get", f"statements/{desk.statement.pk}", key=key).status_code == 404


def test_the_scope_is_needed_and_all_stores(call, desk, issued_key):
    without = issued_key(scopes=["payments"])
    one_store = issued_key(scopes=["statements"], stores=[desk.world.stores[0]])
    enough = issued_key(scopes=["statements"])
    assert [call("get", "statements", key=key).status_code for key in (without, one_store, enough)] == [403, 403, 200]


def test_nothing_is_changed_by_api(call, desk):
    for path in ("statements", f"statements/{desk.statement.pk}", f"statements/{desk.statement.pk}/entries"):
        assert call("post", path, {}).status_code == 405


def test_queries_do_not_grow(call, desk, django_assert_num_queries):
    call("get", "statements")
    for path in ("statements", f"statements/{desk.statement.pk}"):
        with django_assert_num_queries(3):  # the key, and two of its own
            call("get", path)
