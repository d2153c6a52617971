from datetime import UTC, datetime, timedelta

import pytest

from coupons.queries.purchases import COLUMNS, purchase_columns
from payments.models import Payment, Shopper
from tests import factories

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 4, 0, 0, 999_999, tzinfo=UTC)


def pay(store, shopper, at, transaction_id: str, fen: int = 10_000, refunded: int = 0) -> Payment:
    return Payment.objects.create(
        mall=store.mall, store=store, shopper=shopper, channel="wechat", transaction_id=transaction_id, amount_fen=fen,
        refunded_fen=refunded, paid_at=at, day=at.date(), hour=at.hour, source="test", recorded_at=at,
    )  # fmt: skip


def test_payments_of_known_shoppers_by_shopper_and_time(mall, store, other_store):
    anna, bert = (Shopper.objects.create(mall=mall, created_at=NOON) for _ in range(2))
    late = pay(store, anna, NOON + timedelta(days=1), "1", refunded=4_000)
    of_bert = pay(other_store, bert, NOON, "2", 10**13)
    early = pay(other_store, anna, NOON, "3", refunded=10_000)
    at_once = pay(store, anna, NOON, "4")
    pay(store, None, NOON, "5")
    found = purchase_columns(Payment.objects.for_mall(mall))
    seconds = int(NOON.timestamp())
    assert found.dtype.names == COLUMNS
    assert found.tolist() == [
        (early.pk, anna.pk, other_store.pk, seconds, 0),
        (at_once.pk, anna.pk, store.pk, seconds, 10_000),
        (late.pk, anna.pk, store.pk, seconds + 86_400, 6_000),
        (of_bert.pk, bert.pk, other_store.pk, seconds, 10**13),
    ]


def test_the_query_is_obeyed_and_may_find_nothing(mall, store):
    """Other malls, and texts with what databases and templates take for a sign."""
    anna = Shopper.objects.create(mall=mall, created_at=NOON)
    pay(store, anna, NOON, "100 %s ' {}")
    pay(store, anna, NOON, "other")
    assert len(purchase_columns(Payment.objects.filter(transaction_id="100 %s ' {}"))) == 1
    assert len(purchase_columns(Payment.objects.for_mall(factories.make_mall()))) == 0
