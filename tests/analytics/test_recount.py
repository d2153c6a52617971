"""Proving and rebuilding: a wrong figure is found and named, and a rebuild mends it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone
from pyroaring import BitMap64

from analytics import recount, rollups
from analytics.models import (
    CouponDay,
    MallHour,
    MallHourMix,
    MallMonthMix,
    MallVisitors,
    RollupDelta,
    StoreDay,
    StoreDayMix,
    StoreHour,
    StoreMonth,
    StoreVisitors,
)
from analytics.visitors import SPANS, unpacked
from coupons.models import Coupon, LimitCounter
from mallops import ledger_check, pipeline
from payments.models import Payment, Shopper
from tests.factories import make_mall, make_rule, make_store, payment_event, refund_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(mall, store):
    """A mall with payments, coupons and roll-ups, some folded and some not."""
    make_rule(mall=mall)
    for fold in (True, False):
        pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
        if fold:
            rollups.fold(mall.pk)
    assert list(ledger_check.problems(mall)) == []
    return mall


@pytest.mark.parametrize("model", [MallHour, StoreHour, StoreDay, StoreMonth, CouponDay, RollupDelta])
def test_wrong_figure_is_found_and_named_and_a_rebuild_mends_it(busy, model):
    model.objects.update(issued=F("issued") + 1)
    lines = recount.differences(busy.pk)
    if model is not RollupDelta:
        assert all(line.startswith(model.__name__) for line in lines)
    assert any("issued is" in line and "the ledger says" in line for line in lines)
    recount.rebuild(busy.pk)
    assert recount.differences(busy.pk) == []


@pytest.mark.parametrize("model", [MallHourMix, MallMonthMix, StoreDayMix])
def test_wrong_figure_by_channel_is_found_and_a_rebuild_mends_it(busy, model):
    model.objects.update(gross_fen=F("gross_fen") + 1)
    assert [line.startswith(model.__name__) for line in recount.differences(busy.pk)] == [True]
    recount.rebuild(busy.pk)
    assert recount.differences(busy.pk) == []


@pytest.mark.parametrize("model", [MallVisitors, StoreVisitors])
def test_a_shopper_too_many_is_found_and_a_rebuild_mends_it(busy, model):
    row = model.objects.get(span="day")
    model.objects.filter(pk=row.pk).update(shoppers=(unpacked(row.shoppers) | BitMap64([10**12])).serialize())
    (line,) = recount.differences(busy.pk)
    assert line.startswith(f"{model.__name__} at span day") and line.endswith("1 shoppers too many, 0 missing")
    recount.rebuild(busy.pk)
    assert recount.differences(busy.pk) == []


@pytest.mark.parametrize("model", [*rollups.KEYS, RollupDelta])
def test_lost_rows_are_found(busy, model):
    model.objects.all().delete()
    assert recount.differences(busy.pk)


@pytest.mark.parametrize("model", [MallVisitors, StoreVisitors])
def test_lost_sets_are_found(busy, model):
    rollups.fold(busy.pk)
    model.objects.all().delete()
    lines = [line.partition(":")[2] for line in recount.differences(busy.pk)]
    assert lines == [" 0 shoppers too many, 1 missing"] * len(SPANS[model])


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda: Payment.objects.update(refunded_fen=1), "refunded_fen is 1, its refunds sum to 0"),
        (lambda: Payment.objects.update(hour=(Payment.objects.first().hour + 1) % 24), "is another hour"),
        (lambda: Coupon.objects.update(state="redeemed"), "its rows say issued"),
        (lambda: Coupon.objects.update(turn=1), "turn 1"),
        (lambda: LimitCounter.objects.filter(key__endswith=".n").update(used=0), "counter says 0"),
        (lambda: LimitCounter.objects.filter(key__startswith="k").delete(), "counter says 0"),
    ],
)
def test_ledger_check_finds(busy, spoil, named):
    spoil()
    assert any(named in line for line in ledger_check.problems(busy))


def test_rebuild_leaves_other_malls_alone(busy):
    elsewhere = make_store(mall=make_mall())
    pipeline.record_payments(elsewhere.mall_id, [payment_event(elsewhere)], source="test", now=timezone.now())
    rollups.fold(elsewhere.mall_id)
    recount.rebuild(busy.pk)
    assert StoreDay.objects.for_mall(elsewhere.mall_id).count() == 1
    assert recount.differences(elsewhere.mall_id) == []


def test_rebuild_of_an_empty_mall(mall):
    assert recount.rebuild(mall.pk) == 0


def test_rebuild_takes_one_month_after_the_other(mall, store, monkeypatch):
    """All cells of a large mall at once would not fit into memory."""
    now, parts = timezone.now(), []
    events = [payment_event(store, paid_at=now - timedelta(days=40 * n), shopper=f"s{n % 2}") for n in range(4)]
    pipeline.record_payments(mall.pk, events, source="test", now=now)
    pipeline.record_refunds(mall.pk, [refund_event(events[3])], source="test", now=now)

    def add(mall_id, changes):
        parts.append(len(changes.cells))
        rollups.add_changes(mall_id, changes)

    monkeypatch.setattr(recount, "add_changes", add)
    assert recount.rebuild(mall.pk, first_days=True) == 5
    assert parts == [1, 1, 1, 2, 0]  # the payments of four months, the refund in the last; nothing shown
    assert recount.differences(mall.pk) == []


def test_check_ledger_tells_and_fails(busy, capsys):
    call_command("check_ledger")
    assert "galaxy: no disagreements" in capsys.readouterr().out
    StoreDay.objects.update(payments=7)
    with pytest.raises(CommandError, match="1 disagreements"):
        call_command("check_ledger", mall="galaxy")
    assert "StoreDay at" in capsys.readouterr().out


def test_rollups_of_an_older_version_are_missing(busy, capsys):
    assert not recount.is_missing(busy.pk)
    for model in (StoreDayMix, MallHourMix, MallVisitors, StoreVisitors):
        model.objects.all().delete()
    RollupDelta.objects.update(channel="", newness="", shoppers=None)
    assert recount.is_missing(busy.pk)
    call_command("rebuild_rollups", missing=True)
    assert recount.differences(busy.pk) == []
    call_command("rebuild_rollups", missing=True)
    assert capsys.readouterr().out.count("cells") == 1


def test_a_mall_without_payments_misses_nothing(mall):
    assert not recount.is_missing(mall.pk)


def test_first_days_are_set_to_the_earliest_on_record(busy, store):
    first = Payment.objects.first().day
    earlier = payment_event(store, paid_at=timezone.now() - timedelta(days=3))
    pipeline.record_payments(busy.pk, [earlier], source="test", now=timezone.now())
    assert Shopper.objects.get().first_day == first
    recount.rebuild(busy.pk)
    assert Shopper.objects.get().first_day == first
    call_command("rebuild_rollups", first_days=True)
    assert Shopper.objects.get().first_day == first - timedelta(days=3)
    assert list(ledger_check.problems(busy)) == []
    assert dict(StoreDayMix.objects.values_list("day", "newness")) == {
        first - timedelta(days=3): "new", first: "returning"
    }  # fmt: skip


def test_rebuild_rollups_mends(busy):
    StoreDay.objects.update(payments=7)
    call_command("rebuild_rollups")
    assert list(ledger_check.problems(busy)) == []


def test_check_ledger_of_an_unknown_mall():
    with pytest.raises(CommandError, match="nowhere"):
        call_command("check_ledger", mall="nowhere")
