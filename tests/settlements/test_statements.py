"""Statements: made of the entries of a month, each step in its order and once, numbers that never change."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.core import mail

from coupons.models import Coupon
from mallops.lib.tasks.worker import Worker
from merchants.choices import Role
from merchants.models import AuditEntry
from merchants.queries import directory as directories
from settlements import check, months, statement_check
from settlements.accounts import Key
from settlements.models import Entry, LineMessage, Statement, StatementLine
from settlements.posting import Line, post
from settlements.queries.sofar import so_far
from settlements.queries.statements import (
    EveryEntry,
    asked,
    disputed_lines,
    entries_of,
    entries_of_all,
    line_rows,
    own_statements,
)
from settlements.sentences import history_sentence, reasons
from settlements.services import statements as services
from settlements.services.statements import CODES, MOST_FEN, StatementError
from settlements.tables.statements import order_of
from tests import factories

from .stated import january, mails

pytestmark = pytest.mark.django_db
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
STEPS = ("issue", "dispute", "settle", "agree", "pay")


@pytest.fixture
def desk(world):
    return january(world)


def numbers(statement: Statement) -> tuple:
    columns = ("position", "kind", "account", "store", "rule", "count", "amount_fen")
    return statement.total_fen, list(line_rows(statement).values_list(*columns))


def refused(step, *args, **kwargs) -> str:
    with pytest.raises(StatementError) as error:
        step(*args, **kwargs)
    return error.value.code


# --- Numbers ---


def test_a_draft_for_each_party_with_entries_in_the_month(desk):
    gives, pays = desk.merchant, desk.world.stores[2].merchant
    rows = {row.party: row for row in Statement.objects.all()}
    assert rows.keys() == {gives, pays}
    assert {row.state for row in rows.values()} == {"draft"} and {row.month for row in rows.values()} == {JANUARY}


def test_the_total_is_the_sum_of_lines_and_they_of_entries(desk):
    for statement in Statement.objects.all():
        lines = list(line_rows(statement))
        assert statement.total_fen == sum(line.amount_fen for line in lines)
        for line in lines:
            entries = list(entries_of(line, statement))
            assert (line.count, line.amount_fen) == (len(entries), sum(entry.signed_fen for entry in entries))
        assert [line.position for line in lines] == list(range(1, len(lines) + 1))


def test_the_balances_of_the_accounts_are_what_statements_say(desk):
    said = {row.merchant_id: row.total_fen for row in Statement.objects.all()}
    found: dict[int, int] = {}
    for (kind, merchant, _provider), fen in desk.world.balances().items():
        if merchant and kind in ("cost", "reimbursement"):
            found[merchant] = found.get(merchant, 0) + fen
    assert said == found


def test_what_comes_later_stands_in_the_next_month(desk):
    before = numbers(desk.statement)
    desk.world.reverse(0)
    assert numbers(desk.statement) == before
    assert sum(line.amount_fen for line in so_far(desk.merchant, JANUARY)) == before[0]
    assert {line.kind for line in so_far(desk.merchant, FEBRUARY)} == {"reversal"}
    assert list(statement_check.problems(desk.mall)) == []


def test_so_far_is_what_the_statement_will_say(desk):
    world = desk.world
    world.pay(shopper="berta")
    assert world.redeem(3, 7_777)
    lines = so_far(desk.merchant, FEBRUARY)
    world.wait(timedelta(days=40))
    world.close()
    statement = Statement.objects.get(merchant=desk.merchant, month=FEBRUARY)
    said = [(line.position, line.kind, line.store_id, line.rule_id, line.count, line.amount_fen) for line in lines]
    assert said == list(statement.lines.order_by("position").values_list(
        "position", "kind", "store", "rule", "count", "amount_fen"
    ))  # fmt: skip
    assert said


def test_entries_of_a_part_of_all_lines(desk):
    statement = desk.statement
    lines = list(line_rows(statement))
    whole = [(line.pk, entry.pk) for line, entry in entries_of_all(statement, lines)]
    every = EveryEntry(statement, lines)
    assert len(every) == len(whole) > 3
    for start, stop in ((0, 2), (1, 4), (3, 100), (0, 100), (50, 60)):
        assert [(line.pk, entry.pk) for line, entry in every[start:stop]] == whole[start:stop]


def test_each_entry_names_its_redemption_its_order_and_whether_it_was_undone(desk):
    evidence = {
        (entry.kind, entry.order_fen, entry.undone)
        for line, entry in entries_of_all(desk.statement, list(line_rows(desk.statement)))
    }
    assert evidence == {("redemption", 9_999, True), ("redemption", 501, False), ("reversal", 9_999, True)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"total_fen": 1}, "its entries"),
        ({"month": date(2025, 12, 1)}, "is missing"),
    ],
)
def test_the_check_finds_a_wrong_statement(desk, change, said):
    Statement.objects.filter(pk=desk.statement.pk).update(**change)
    assert any(said in problem for problem in statement_check.problems(desk.mall))


def test_the_check_finds_a_wrong_line(desk):
    StatementLine.objects.filter(pk=desk.line().pk).update(amount_fen=5)
    (problem,) = statement_check.problems(desk.mall)
    assert problem.endswith("its lines are not the sums of the entries")


def test_the_check_finds_an_entry_too_many(desk):
    Entry.objects.filter(kind="redemption").update(amount_fen=7)
    assert list(statement_check.problems(desk.mall))


# --- Steps ---


@pytest.mark.parametrize("state", ["draft", "issued", "disputed", "closed", "paid"])
def test_steps_out_of_order_change_nothing(desk, state):
    desk.to_state(state)
    possible = {"draft": {"issue"}, "issued": {"dispute", "agree"}, "disputed": {"dispute", "settle"},
                "closed": {"pay"}, "paid": set()}[state]  # fmt: skip
    before = numbers(desk.statement), Entry.objects.count(), AuditEntry.objects.count(), LineMessage.objects.count()
    for step in set(STEPS) - possible:
        code = refused(getattr(desk, step))
        assert code in {"wrong_state", "open_disputes", "not_disputed"} and code in reasons()
    after = numbers(desk.statement), Entry.objects.count(), AuditEntry.objects.count(), LineMessage.objects.count()
    assert (after, desk.statement.state) == (before, state)


def test_every_reason_is_said():
    assert set(reasons()) == set(CODES)


def test_a_stale_page_does_not_pay_twice(desk):
    desk.to_state("closed")
    first, second = desk.statement, desk.statement
    pay = {"reference": "bank 7", "by": desk.manager, "now": desk.world.now}
    services.pay(statement=first, **pay)
    assert refused(services.pay, statement=second, **pay) == "wrong_state"
    assert Entry.objects.filter(kind="payout").count() == 1


def test_paying_posts_what_it_comes_to(desk):
    owed = desk.statement.total_fen
    assert owed > 0
    statement = desk.to_state("paid")
    balances = desk.world.balances()
    assert balances["paid", desk.merchant.pk, None] == -owed and balances["bank", None, None] == owed
    assert sum(balances.values()) == 0
    assert (statement.payment_reference, statement.paid_by) == ("bank 7", desk.manager)


def test_who_owes_pays_the_mall(desk):
    pays = desk.world.stores[2].merchant
    statement = Statement.objects.get(merchant=pays)
    assert statement.total_fen < 0
    Statement.objects.filter(pk=statement.pk).update(state="closed")
    statement.refresh_from_db()
    services.pay(statement=statement, reference="bank 8", by=desk.manager, now=desk.world.now)
    assert desk.world.balances()["paid", pays.pk, None] == -statement.total_fen


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_message_says_something(desk, text):
    desk.issue()
    assert refused(desk.dispute, text=text) == "no_text"
    assert desk.statement.state == "issued" and desk.line().disputed_at is None
    desk.dispute()
    assert refused(desk.settle, text=text) == "no_text"


def test_a_payment_has_a_reference(desk):
    desk.to_state("closed")
    assert refused(desk.pay, " ") == "no_reference"


@pytest.mark.parametrize("fen", [MOST_FEN + 1, -MOST_FEN - 1, 10**20])
def test_an_absurd_adjustment_is_refused(desk, fen):
    desk.to_state("disputed")
    assert refused(desk.settle, fen=fen) == "too_large"
    assert desk.line().settled_at is None and not Entry.objects.filter(kind="adjustment").exists()


@pytest.mark.parametrize("fen", [250, -250])
def test_an_adjustment_is_booked_in_the_open_month_and_stands_on_its_statement(desk, fen):
    desk.to_state("disputed")
    before = numbers(desk.statement)
    desk.settle(fen=fen, text="They came late")
    assert numbers(desk.statement) == before and desk.statement.state == "issued"
    (line,) = so_far(desk.merchant, FEBRUARY)
    assert (line.kind, line.amount_fen, line.store_id) == ("adjustment", fen, desk.line().store_id)
    entry = Entry.objects.get(kind="adjustment")
    assert (entry.note, entry.month) == ("They came late", FEBRUARY)
    desk.world.wait(timedelta(days=30))
    desk.world.close()
    assert Statement.objects.get(merchant=desk.merchant, month=FEBRUARY).total_fen == fen
    assert list(statement_check.problems(desk.mall)) == []
    assert sum(desk.world.balances().values()) == 0


def test_a_statement_waits_until_its_last_line_is_settled(desk):
    desk.issue()
    desk.dispute(1)
    desk.dispute(2)
    assert refused(desk.agree) == "open_disputes"
    desk.settle(1)
    assert desk.statement.state == "disputed"
    assert refused(desk.settle, 1) == "not_disputed"
    desk.settle(2)
    assert desk.statement.state == "issued"
    desk.dispute(2, "Still wrong")
    assert desk.line(2).settled_at is None
    desk.settle(2)
    assert desk.agree().state == "closed"
    assert LineMessage.objects.filter(line=desk.line(2)).count() == 4


def test_a_thread_belongs_to_a_disputed_line(desk):
    desk.issue()
    write = {"by": desk.manager, "of_mall": True, "now": desk.world.now, "text": "Hello"}
    assert refused(services.write, line=desk.line(), **write) == "not_disputed"
    desk.dispute()
    services.write(line=desk.line(), **write)
    desk.settle()
    desk.agree()
    assert refused(services.write, line=desk.line(), **write) == "wrong_state"


def test_the_mall_notes_what_was_agreed_on_paper(desk):
    desk.issue()
    services.agree(statement=desk.statement, by=desk.manager, now=desk.world.now, note="Folder 3")
    assert desk.statement.closed_by == desk.manager
    entry = AuditEntry.objects.get(action="statement_closed")
    assert history_sentence(entry.action, entry.changes, "¥") == "Agreed on paper: Folder 3"


def test_all_at_once(desk):
    now, rows = desk.world.now, Statement.objects.order_by("pk")
    assert services.issue_all(statements=rows, by=desk.manager, now=now) == 2
    assert services.issue_all(statements=rows, by=desk.manager, now=now) == 0
    desk.agree()
    assert services.pay_all(statements=rows, reference="run 1", by=desk.manager, now=now) == 1
    assert services.pay_all(statements=rows, reference="run 1", by=desk.manager, now=now) == 0
    assert refused(services.pay_all, statements=rows, reference="", by=desk.manager, now=now) == "no_reference"


def test_the_trail_says_who_did_what(desk):
    desk.issue()
    desk.dispute()
    desk.settle(fen=-1_250)
    desk.agree()
    desk.pay()
    trail = AuditEntry.objects.filter(object_id=str(desk.statement.pk), object_type="settlements.Statement")
    assert [history_sentence(entry.action, entry.changes, "¥") for entry in trail.order_by("pk")] == [
        "Issued", "Disputed line 1", "Settled line 1 with an adjustment of -¥12.50", "All lines are settled", "Agreed",
        "Paid, reference bank 7",
    ]  # fmt: skip
    assert {entry.actor for entry in trail} == {desk.manager, desk.owner}


# --- Who reads what ---


def test_a_party_reads_what_was_issued_to_it(desk):
    assert not own_statements(desk.merchant).exists() and not asked(desk.merchant).exists()
    desk.issue()
    assert list(own_statements(desk.merchant)) == [desk.statement] == list(asked(desk.merchant))
    assert not own_statements(desk.world.stores[2].merchant).exists()
    desk.dispute()
    assert not asked(desk.merchant).exists() and list(disputed_lines(desk.mall)) == [desk.line()]
    desk.settle()
    assert not disputed_lines(desk.mall).exists()


def test_mails_go_to_the_other_side(desk):
    factories.make_member(Role.MERCHANT_CASHIER, merchant=desk.merchant)
    factories.make_member(Role.MALL_OPERATOR, mall=desk.mall)
    owner, manager, name = desk.owner.email, desk.manager.email, desk.merchant.name
    mails()
    desk.issue()
    assert mails() == {(owner, "Statement of Jan 2026 from Galaxy")}
    desk.dispute()
    assert mails() == {(manager, f"{name}: line 1 of the statement of Jan 2026")}
    services.write(line=desk.line(), text="Which?", by=desk.manager, of_mall=True, now=desk.world.now)
    assert mails() == {(owner, f"{name}: line 1 of the statement of Jan 2026")}
    desk.settle(fen=5)
    assert mails() == {(owner, "Galaxy settled line 1 of the statement of Jan 2026")}
    desk.agree()
    assert mails() == set()
    desk.pay()
    assert mails() == {(owner, "Galaxy: the statement of Jan 2026 is paid")}


def test_a_mail_leads_to_the_readers_own_page(desk, settings):
    desk.issue()
    desk.dispute()
    mails()
    desk.settle(fen=-5)
    Worker().drain()
    (message,) = mail.outbox
    path = f"/merchants/{desk.merchant.pk}/statements/{desk.statement.pk}/lines/1/"
    assert f"{settings.SITE_URL}{path}" in message.body
    assert "An adjustment of -¥0.05 is booked" in message.body and "Here they are" in message.body


def test_a_step_that_fails_mails_nobody(desk):
    desk.to_state("disputed")
    mails()
    refused(desk.settle, text="")
    refused(desk.agree)
    assert mails() == set()


def test_what_a_provider_pays_is_set_against_its_rebates(world, mall):
    """Of 7.77 it pays a third, 2.59, twice; one use is undone. Its rebate of 7.00 became due."""
    provider = mall.providers.get()
    key = partial(Key, merchant_id=None, provider_id=provider.pk)
    post(directories.current(mall.pk), [Line("maturity", 1, key("rebate_pending"), key("rebate"), 700, world.day)],
         now=world.now)  # fmt: skip
    for _ in range(2):
        own = world.pay()[2]
        world.redeem(list(Coupon.objects.order_by("pk")).index(own), 5_000)
    world.reverse(0)
    world.wait(timedelta(days=13))
    world.close()
    statement = Statement.objects.get(provider=provider)
    lines = list(line_rows(statement))
    assert [(line.account.kind, line.kind, line.count, line.amount_fen) for line in lines] == [
        ("cost", "redemption", 2, -518), ("cost", "reversal", 1, 259), ("rebate", "maturity", 1, 700),
    ]  # fmt: skip
    assert statement.total_fen == 441
    entries = list(entries_of(lines[0], statement))
    assert [entry.signed_fen for entry in entries] == [-259, -259]
    assert [(entry.order_fen, order_of(provider)(entry)) for entry in entries] == [(5_000, None)] * 2
    assert [*check.entries_of_coupons(mall), *statement_check.problems(mall)] == []


def test_a_provider_has_statements_too(world, mall):
    provider = factories.make_provider(mall=mall)
    boss = factories.make_member(Role.PROVIDER_MANAGER, provider=provider)
    factories.make_member(Role.PROVIDER_VIEWER, provider=provider)
    line = Line(
        "maturity", 1, Key("rebate_pending", None, provider.pk), Key("rebate", None, provider.pk), 700, world.day
    )
    post(directories.current(mall.pk), [line], now=world.now)
    world.wait(timedelta(days=13))
    world.close()
    statement = Statement.objects.get(provider=provider)
    assert (statement.total_fen, statement.lines.get().count, statement.side) == (700, 1, "provider")
    mails()
    services.issue(statement=statement, by=boss, now=world.now)
    assert mails() == {(boss.email, "Statement of Jan 2026 from Galaxy")}
    assert months.closing(mall) is None
