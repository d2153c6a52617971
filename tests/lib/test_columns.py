from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db.models import F

from mallops.lib import columns
from mallops.lib.columns import Seconds, read_columns
from payments.models import Shopper

pytestmark = pytest.mark.django_db

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = [
    datetime(2026, 3, 1, 12, 0, 0, 0, tzinfo=UTC),
    datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2100, 2, 28, 23, 59, 59, tzinfo=UTC),
]


def test_rows_come_as_columns_in_their_order(mall):
    made = [Shopper.objects.create(mall=mall, created_at=moment) for moment in MOMENTS]
    rows = Shopper.objects.for_mall(mall).order_by("-pk").annotate(at=Seconds("created_at"), less=F("pk") - 10**12)
    found = read_columns(rows, ("pk", "at", "less"))
    assert found.dtype == np.dtype([("pk", np.int64), ("at", np.int64), ("less", np.int64)])
    expected = [(each.pk, int((each.created_at - EPOCH) // timedelta(seconds=1)), each.pk - 10**12) for each in made]
    assert found.tolist() == expected[::-1]


def test_without_rows_the_columns_are_empty(mall):
    assert len(read_columns(Shopper.objects.for_mall(mall).filter(pk__lt=0), ("pk", "mall_id"))) == 0


def test_rows_keep_their_order_over_many_arrays(mall, monkeypatch):
    monkeypatch.setattr(columns, "ARRAY", 7)
    made = Shopper.objects.bulk_create([Shopper(mall=mall, created_at=MOMENTS[0]) for _ in range(50)])
    found = read_columns(Shopper.objects.for_mall(mall).order_by("-pk"), ("pk", "mall_id"))
    assert found.tolist() == [(each.pk, mall.pk) for each in reversed(made)]
