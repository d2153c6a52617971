"""Many rows in one statement, on whichever database the suite runs, few enough and enough for each way."""

from datetime import UTC, datetime

import pytest

from coupons.models import LimitCounter
from mallops.lib import sql
from mallops.lib.sql import Writes, add_to, insert_new, is_any, reserve_ids
from payments.models import Shopper, ShopperIdentity

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 16, 0, 0, 123456, tzinfo=UTC)
COUNTS = [1, sql.COPY_FROM, sql.STAGE_FROM, 12_000]
IDENTITY = {"columns": ("mall_id", "shopper_id", "digest"), "conflict": ("mall_id", "digest")}


@pytest.fixture
def shopper(mall):
    return Shopper.objects.create(mall=mall, created_at=NOW)


@pytest.mark.parametrize("count", COUNTS)
def test_insert_new_gives_back_what_was_not_there(mall, shopper, count):
    ShopperIdentity.objects.create(mall=mall, shopper=shopper, digest="d0")
    rows = [(mall.pk, shopper.pk, f"d{n}") for n in range(count)]
    new = insert_new(ShopperIdentity, rows=rows, returning=("digest",), **IDENTITY)
    assert sorted(new) == sorted((f"d{n}",) for n in range(1, count))
    assert ShopperIdentity.objects.count() == count


@pytest.mark.parametrize("count", [2, sql.STAGE_FROM])
def test_insert_new_takes_the_first_of_equal_rows(mall, shopper, count):
    other = Shopper.objects.create(mall=mall, created_at=NOW)
    rows = [(mall.pk, shopper.pk, "same")] + [(mall.pk, other.pk, "same")] * (count - 1)
    assert len(insert_new(ShopperIdentity, rows=rows, **IDENTITY)) == 1
    assert ShopperIdentity.objects.get().shopper == shopper


@pytest.mark.parametrize("count", COUNTS)
def test_moments_are_kept_exactly(mall, count):
    insert_new(Shopper, ("mall_id", "created_at"), [(mall.pk, NOW)] * count)
    assert set(Shopper.objects.values_list("created_at", flat=True)) == {NOW}
    assert Shopper.objects.filter(created_at=NOW).count() == count


@pytest.mark.parametrize("count", COUNTS)
def test_writes_insert_all_at_the_end(mall, count):
    writes = Writes()
    writes.insert(Shopper, ("mall_id", "created_at"), [(mall.pk, NOW)] * count)
    writes.insert(Shopper, ("mall_id", "created_at"), [])
    assert not Shopper.objects.exists()
    writes.flush()
    writes.flush()
    assert Shopper.objects.count() == count


class TooFew(Exception):
    pass


UPDATE = f"UPDATE {LimitCounter._meta.db_table} SET used = used + 1 WHERE key = %s"


@pytest.mark.parametrize("inserts", [0, 1, sql.COPY_FROM])
def test_writes_check_what_each_statement_changed(mall, inserts):
    LimitCounter.objects.create(mall=mall, key="a", used=0, ceiling=9)
    writes = Writes()
    writes.insert(Shopper, ("mall_id", "created_at"), [(mall.pk, NOW)] * inserts)
    writes.check(UPDATE, ["a"], 1, TooFew)
    writes.flush()
    assert LimitCounter.objects.get().used == 1
    writes.check(UPDATE, ["a"], 1, TooFew)
    writes.check(UPDATE, ["none"], 1, TooFew)
    with pytest.raises(TooFew):
        writes.flush()


@pytest.mark.parametrize("count", [1, sql.STAGE_FROM])
def test_add_to_makes_rows_and_adds_to_them(mall, count):
    rows = [(mall.pk, f"k{n:03}", n, 2 * n) for n in reversed(range(count))]
    for _ in range(2):
        add_to(LimitCounter, ("mall_id", "key"), ("used", "ceiling"), rows)
    found = LimitCounter.objects.order_by("key").values_list("key", "used", "ceiling")
    assert list(found) == [(f"k{n:03}", 2 * n, 4 * n) for n in range(count)]


@pytest.mark.parametrize("values", [[], ["a"], ["a", "b'; --", "ü"], [f"k{n}" for n in range(40_000)] + ["a"]])
def test_is_any_takes_any_number_of_values(mall, values):
    LimitCounter.objects.create(mall=mall, key="a", used=0, ceiling=9)
    condition, value = is_any("key", values)
    found = LimitCounter.objects.extra(where=[condition], params=[value])
    assert found.count() == ("a" in values)


@pytest.mark.parametrize("counts", [(1, 1, 1), (3, sql.KEPT_IDS + 1, 2), (0, 1)])
def test_reserved_ids_are_free_and_given_once(mall, shopper, counts):
    ids = [pk for count in counts for pk in reserve_ids(Shopper, count)]
    assert len(set(ids)) == len(ids) == sum(counts)
    assert shopper.pk not in ids
    for pk in ids:
        Shopper.objects.create(pk=pk, mall=mall, created_at=NOW)
    assert Shopper.objects.create(mall=mall, created_at=NOW).pk not in ids


def test_ids_are_reserved_in_an_empty_table(mall):
    first, second = reserve_ids(LimitCounter, 1), reserve_ids(LimitCounter, 1)
    assert first[0] < second[0]


def test_statements_run_after_all_inserts_and_before_the_checks(mall):
    """A statement sees what is inserted with it, and a check sees what it changed."""
    writes, table = Writes(), LimitCounter._meta.db_table
    add = f"UPDATE {table} SET used = used + %s WHERE mall_id = %s AND key = %s"
    writes.check(f"{add} AND used = 5", [1, mall.pk, "a"], 1, AssertionError)
    writes.run(add, [4, mall.pk, "a"])
    writes.insert(LimitCounter, ("mall_id", "key", "used", "ceiling"), [(mall.pk, "a", 1, 9)])
    writes.flush()
    assert LimitCounter.objects.get().used == 6
