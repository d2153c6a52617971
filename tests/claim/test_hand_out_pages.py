"""The operator's pages of hand-outs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coupons import handing
from coupons.models import Coupon, HandOut
from coupons.models.rule import RuleState
from coupons.models.work import WorkState
from mallops import pipeline
from mallops.lib.tasks.worker import Worker
from tests.factories import make_rule, make_stock, payment_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(mall, store):
    return make_rule(mall=mall, trigger="hand_out", stock=make_stock(mall=mall, merchant=store.merchant))


@pytest.fixture
def crowd(mall, store):
    events = [payment_event(store, shopper=f"s{n}") for n in range(5)]
    pipeline.record_payments(mall.pk, events, source="test", now=timezone.now())


@pytest.fixture
def browser(client, manager):
    client.force_login(manager)
    return client


def url(name, rule, *more) -> str:
    return reverse(f"claim:{name}", args=[rule.mall.slug, rule.pk, *more])


def test_the_preview_counts_and_offers_the_button(browser, rule, crowd):
    page = browser.get(url("hand_out_preview", rule)).content.decode()
    assert page.count(">5<") == 2 and "Hand out now" in page and "disabled" not in page
    assert not Coupon.objects.exists()


def test_starting_runs_it_and_shows_how_far_it_is(browser, rule, crowd, manager):
    answer = browser.post(url("hand_out_start", rule))
    run = HandOut.objects.get()
    assert answer["Location"] == url("hand_out", rule, run.pk) and run.started_by == manager
    waiting = browser.get(url("hand_out", rule, run.pk)).content.decode()
    assert "Queued" in waiting and "hx-get" in waiting and "Stop" in waiting
    Worker(["long"]).drain()
    done = browser.get(url("hand_out", rule, run.pk)).content.decode()
    assert "Done" in done and "every 2s" not in done and "load delay" not in done
    assert Coupon.objects.count() == 5
    assert url("hand_out", rule, run.pk) in browser.get(url("hand_outs", rule)).content.decode()


def test_stopping(browser, rule, crowd):
    browser.post(url("hand_out_start", rule))
    run = HandOut.objects.get()
    for said in ("is being stopped", "had ended already"):
        assert said in browser.post(url("hand_out_cancel", rule, run.pk), follow=True).content.decode()
    assert HandOut.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("fields", "said"), [({"state": RuleState.PAUSED}, "The rule is not live."), ({"trigger": "qr"}, "not started by")]
)
def test_what_cannot_be_handed_out_is_said(browser, mall, fields, said):
    rule = make_rule(mall=mall, **{"trigger": "hand_out", **fields})
    assert said in browser.get(url("hand_out_preview", rule)).content.decode()
    assert said in browser.post(url("hand_out_start", rule), follow=True).content.decode()
    assert not HandOut.objects.exists()


def test_why_it_ended_early_is_said(browser, rule, crowd):
    run = handing.begin(rule=rule, now=timezone.now(), by=None)
    handing.close(run, WorkState.FAILED, "not_live", now=timezone.now())
    assert "The rule is not live." in browser.get(url("hand_out", rule, run.pk)).content.decode()


def test_a_run_of_another_rule_is_not_found(browser, rule, mall):
    other = handing.begin(rule=make_rule(mall=mall, trigger="hand_out"), now=timezone.now(), by=None)
    assert browser.get(url("hand_out", rule, other.pk)).status_code == 404
    assert browser.post(url("hand_out_cancel", rule, other.pk)).status_code == 404


def test_same_queries_for_one_run_and_for_three(browser, rule, django_assert_num_queries):
    handing.begin(rule=rule, now=timezone.now(), by=None)
    browser.get(url("hand_outs", rule))
    with CaptureQueriesContext(connection) as first:
        browser.get(url("hand_outs", rule))
    queries = len(first)
    for _ in range(2):
        handing.begin(rule=rule, now=timezone.now(), by=None)
    with django_assert_num_queries(queries):
        browser.get(url("hand_outs", rule))
