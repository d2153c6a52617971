from datetime import timedelta

import pytest
from django.utils import timezone

from coupons import tasks
from coupons.models import Decision
from coupons.retention import purge_refusals
from mallops import pipeline
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def rule(mall, store):
    stock = factories.make_stock(mall=mall, merchant=store.merchant)
    return factories.make_rule(mall=mall, stock=stock, min_fen=5_000)


def decide(store, *, days_ago: int, amount_fen: int = 1_000) -> Decision:
    at = NOW - timedelta(days=days_ago)
    event = factories.payment_event(store, amount_fen=amount_fen, paid_at=at)
    (receipt,) = pipeline.record_payments(store.mall_id, [event], source="test", now=at)
    return Decision.objects.get(payment=receipt.id)


def left() -> set[int]:
    return set(Decision.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("block", [1, 2, 100])
def test_old_refusals_go_and_awards_stay(mall, store, rule, block):
    for days_ago in (95, 93, 91):
        decide(store, days_ago=days_ago)
    award, recent = decide(store, days_ago=92, amount_fen=6_000), decide(store, days_ago=89)
    before = NOW - timedelta(days=90)
    assert purge_refusals(mall_id=mall.pk, before=before, block=block) == 3
    assert left() == {award.pk, recent.pk}
    assert purge_refusals(mall_id=mall.pk, before=before, block=block) == 0


def test_ghost_issues_stay(mall, store):
    factories.make_rule(mall=mall, holdout_bp=9_000, stock=factories.make_stock(mall=mall, merchant=store.merchant))
    events = [factories.payment_event(store, shopper=f"guest{n}", paid_at=NOW) for n in range(10)]
    pipeline.record_payments(mall.pk, events, source="test", now=NOW)
    outcomes = set(Decision.objects.values_list("outcome", flat=True))
    assert "held_out" in outcomes and "refused" not in outcomes
    assert purge_refusals(mall_id=mall.pk, before=NOW + timedelta(days=1)) == 0


def test_another_malls_refusals_stay(mall, store, rule):
    decide(store, days_ago=95)
    assert purge_refusals(mall_id=factories.make_mall().pk, before=NOW) == 0


def test_the_task_keeps_them_as_long_as_is_set(mall, store, rule, settings):
    decide(store, days_ago=31)
    assert tasks.purge_refusals.func() == 0
    settings.REFUSALS_KEPT_DAYS = 30
    assert tasks.purge_refusals.func() == 1
