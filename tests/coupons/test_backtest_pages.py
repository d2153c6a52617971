"""The pages of backtests and the command."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from coupons.backtest import services
from coupons.engine.terms import RuleTerms
from coupons.models import Backtest
from mallops import pipeline
from mallops.lib.tasks.worker import Worker
from tests import factories

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def rule(mall, store):
    """A draft that would have given two coupons."""
    stock = factories.make_stock(
        mall=mall, name_en="Tea", merchant=factories.make_merchant(mall=mall, name_en="Teahouse")
    )
    factories.make_store(mall=mall, merchant=stock.merchant)
    for name in ("anna", "ben"):
        event = factories.payment_event(store, paid_at=NOON, shopper=name)
        pipeline.record_payments(mall.pk, [event], source="test", now=NOON + timedelta(minutes=1))
    return factories.make_rule(mall=mall, stock=stock, stores=(store.pk,))


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    return client


def page(name, mall, *args):
    return reverse(f"coupons:backtest_{name}", args=[mall.slug, *args])


def asked(chosen, **changes):
    values = {
        "rule": chosen.pk,
        "which": "draft",
        "first_day": "2026-03-01",
        "last_day": "2026-03-31",
        "label": "first",
    }
    return values | changes


def made(mall, rule, **changes):
    terms = RuleTerms.from_json(rule.draft | changes)
    backtest = services.start(mall, rule, terms)
    Worker().drain()
    return backtest


def test_a_backtest_from_the_form_to_its_result(desk, mall, rule, store):
    opened = desk.get(page("new", mall), {"rule": rule.pk})
    assert b'value="2026-03-02"' in opened.content
    answer = desk.post(page("new", mall), asked(rule))
    backtest = Backtest.objects.get()
    here = page("detail", mall, backtest.pk)
    assert (answer.status_code, answer["Location"]) == (302, here)
    waiting = desk.get(here)
    assert (b'hx-trigger="load delay:1s"' in waiting.content, b"<progress" in waiting.content) == (True, True)
    Worker().drain()
    board = desk.get(here, headers={"HX-Request": "true", "HX-Target": "board"})
    assert (b"<html" in board.content, b"load delay" in board.content) == (False, False)
    assert (
        "On 1 day of payments this rule would have given 2 coupons to 2 shoppers, at most ¥20; "
        "it is too early to say how many would have come anyway." in board.text
    )
    assert "Teahouse" in board.text


def test_a_finished_ledger_tells_who_came_anyway(desk, mall, rule, store):
    late = NOON + timedelta(days=20)
    pipeline.record_payments(mall.pk, [factories.payment_event(store, paid_at=late)], source="t", now=late, award=False)
    backtest = made(mall, rule)
    assert "; in 0% of the cases they came anyway." in desk.get(page("detail", mall, backtest.pk)).text


def test_a_rule_that_gives_nothing_says_so(desk, mall, rule):
    backtest = made(mall, rule, min_fen=10**9)
    said = desk.get(page("detail", mall, backtest.pk)).text
    assert "On 1 day of payments this rule would have given nothing." in said


def test_a_scan_says_that_it_cannot_be_tried(desk, mall, rule):
    backtest = made(mall, rule, trigger="qr")
    said = desk.get(page("detail", mall, backtest.pk)).text
    assert "The ledger holds payments only, so it cannot be tried." in said
    assert "Cannot be tried" in desk.get(page("list", mall)).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_day": "2026-02-01"}, "last_day"),
        ({"last_day": "2999-01-01"}, "last_day"),
        ({"first_day": "2010-01-01"}, "first_day"),
        ({"first_day": "yesterday"}, "first_day"),
        ({"rule": "999999"}, "rule"),
        ({"which": "proposed"}, "which"),
        ({"which": "newest"}, "which"),
    ],
)
def test_bad_input_is_told_at_its_field(desk, mall, rule, changes, field):
    answer = desk.post(page("new", mall), asked(rule, **changes))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not Backtest.objects.exists()


def test_an_incomplete_draft_and_a_foreign_rule_are_told(desk, mall, rule):
    rule.draft = {"award": []}
    rule.save()
    assert desk.post(page("new", mall), asked(rule)).context["form"].errors["rule"] == [
        "The draft of this rule is not complete."
    ]
    foreign = factories.make_rule(mall=factories.make_mall())
    assert desk.post(page("new", mall), asked(foreign)).status_code == 422


def test_an_empty_ledger_is_told(desk, mall):
    rule = factories.make_rule(mall=mall)
    assert "This mall has no payments yet" in desk.get(page("new", mall)).text
    assert desk.post(page("new", mall), asked(rule)).status_code == 422


def test_cancelling(desk, mall, rule):
    backtest = services.start(mall, rule, RuleTerms.from_json(rule.draft))
    assert "The backtest is being stopped." in desk.post(page("cancel", mall, backtest.pk), follow=True).text
    assert "The backtest had ended already." in desk.post(page("cancel", mall, backtest.pk), follow=True).text


def test_two_side_by_side(desk, mall, rule):
    a, b = made(mall, rule), made(mall, rule, min_fen=10**9)
    answer = desk.get(page("compare", mall), {"a": a.pk, "b": b.pk})
    rows = {cells[0].text: [cell.text for cell in cells[1:3]] for cells in answer.context["table"].body}
    assert (rows["Awards"], rows["Cost at most"]) == (["2", "0"], ["¥20.00", "¥0.00"])
    for query in ({}, {"a": a.pk}, {"a": "x", "b": b.pk}, {"a": 10**9, "b": b.pk}):
        assert "Choose two backtests" in desk.get(page("compare", mall), query).text


def test_the_list_asks_as_often_for_three_as_for_one(desk, mall, rule, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made(mall, rule)
    with CaptureQueriesContext(connection) as one:
        desk.get(page("list", mall))
    made(mall, rule), made(mall, rule)
    with django_assert_num_queries(len(one)):
        desk.get(page("list", mall))


def test_the_command(mall, rule, capsys):
    call_command("backtest", mall.slug, str(rule.pk), "--from", "2026-03-01", "--until", "2026-03-05")
    backtest = Backtest.objects.get()
    assert (backtest.state, backtest.result["awards"]) == ("done", 2)
    assert "would have given 2 coupons to 2 shoppers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", "1"], "There is no mall 'nowhere'."),
        (["galaxy", "999999"], "The mall has no rule 999999."),
        (["galaxy", "{rule}", "--from", "2026-03-05", "--until", "2026-03-01"], "the last day lies before the first"),
    ],
)
def test_the_command_says_what_is_wrong(mall, rule, arguments, says):
    with pytest.raises(CommandError, match=says):
        call_command("backtest", *[each.format(rule=rule.pk) for each in arguments])
