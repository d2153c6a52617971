"""Short ways into the pipeline."""

import pytest
from django.utils import timezone

from mallops import ledger_check, pipeline


@pytest.fixture
def record(mall):
    """Record payments; returns the receipts."""

    def record(*events, now=None):
        return pipeline.record_payments(mall.pk, events, source="test", now=now or timezone.now())

    return record


@pytest.fixture
def redeem(mall):
    def redeem(code, store, **options):
        values = {"order_fen": 10_000, "request_id": "q1", "now": timezone.now(), **options}
        return pipeline.redeem(mall_id=mall.pk, code=code, store_id=store.pk, source="test", **values)

    return redeem


@pytest.fixture
def books_agree(mall):
    """At the end of the test the ledger, the counters and the roll-ups agree."""
    yield
    assert list(ledger_check.problems(mall)) == []
