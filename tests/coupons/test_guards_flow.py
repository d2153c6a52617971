"""From a finding to a person's word: raised once, blocked at once, reviewed, counted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coupons import tasks
from coupons.guards import blocking, reviewing, running
from coupons.models import Block, Coupon, GuardFlag
from coupons.queries.guards import tallies
from mallops import pipeline
from merchants.models import AuditEntry
from payments import devices
from payments.models import Shopper
from payments.shoppers import digest
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
State = GuardFlag.State


def crowd(mall, size: int, *, at=NOW, device: str = "tablet") -> list[int]:
    shoppers = [Shopper.objects.create(mall=mall, created_at=at).pk for _ in range(size)]
    for shopper_id in shoppers:
        devices.note(
            mall_id=mall.pk, shopper_id=shopper_id, device_digest=devices.device_digest(mall.pk, device), now=at
        )
    return shoppers


def run(mall, now=NOW) -> list[GuardFlag]:
    return running.run(mall=mall, now=now)


def actions(mall) -> list[str]:
    return list(AuditEntry.objects.filter(mall=mall).order_by("pk").values_list("action", flat=True))


def test_a_finding_is_raised_once_and_blocks(mall):
    shoppers = crowd(mall, 5)
    flags = run(mall)
    assert [(flag.guard, flag.shopper_id, flag.state) for flag in flags] == [
        ("shared_device", pk, State.OPEN) for pk in shoppers
    ]
    assert set(blocking.in_force(mall, NOW).values_list("shopper", "flag")) == {
        (flag.shopper_id, flag.pk) for flag in flags
    }
    assert actions(mall) == ["finding_raised", "shopper_blocked"] * 5
    assert run(mall, NOW + timedelta(minutes=5)) == []


def test_several_findings_about_a_shopper_raise_the_first(mall, store, settings):
    settings.GUARD_PAYMENTS_PER_10_MINUTES = 2
    shoppers = crowd(mall, 5)
    identity = Shopper.objects.get(pk=shoppers[0]).identities.create(mall=mall, digest=digest(mall.pk, "anna"))
    events = [factories.payment_event(store, paid_at=NOW) for _ in range(2)]
    pipeline.record_payments(mall.pk, events, source="test", now=NOW)
    assert identity.shopper.payments.count() == 2
    assert [flag.guard for flag in run(mall) if flag.shopper_id == shoppers[0]] == ["shared_device"]


def test_a_block_stops_new_coupons_at_once(mall, store):
    factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant))

    def earn() -> tuple:
        (receipt,) = pipeline.record_payments(mall.pk, [factories.payment_event(store)], source="test", now=NOW)
        return receipt.coupons

    assert len(earn()) == 1
    anna = Coupon.objects.get().shopper
    block = blocking.block(mall=mall, shopper=anna, reason="Bots", now=NOW, by=None)
    assert earn() == ()
    assert Coupon.objects.get().state == "issued"
    assert blocking.lift(mall=mall, block=block, now=NOW, by=None) is True
    assert len(earn()) == 1


def test_a_block_ends_by_itself(mall, store):
    factories.make_rule(mall=mall, stock=factories.make_stock(mall=mall, merchant=store.merchant))
    shopper = Shopper.objects.create(mall=mall, created_at=NOW)
    shopper.identities.create(mall=mall, digest=digest(mall.pk, "anna"))
    until = NOW - timedelta(minutes=1)
    blocking.block(mall=mall, shopper=shopper, reason="", now=until - timedelta(days=1), by=None, until=until)
    pipeline.record_payments(mall.pk, [factories.payment_event(store)], source="test", now=NOW)
    assert Coupon.objects.count() == 1
    assert not blocking.in_force(mall, NOW).exists()


def test_a_block_is_lifted_once(mall, operator):
    shopper = Shopper.objects.create(mall=mall, created_at=NOW)
    block = blocking.block(mall=mall, shopper=shopper, reason="Bots", now=NOW, by=operator)
    assert blocking.lift(mall=mall, block=block, now=NOW, by=operator) is True
    assert blocking.lift(mall=mall, block=block, now=NOW, by=operator) is False
    assert actions(mall) == ["shopper_blocked", "block_lifted"]


def test_upholding_keeps_the_block(mall, operator):
    crowd(mall, 5)
    flag, *_ = run(mall)
    reviewing.uphold(mall=mall, flag=flag, note="Ten phones in one bag", now=NOW, by=operator)
    flag.refresh_from_db()
    assert (flag.state, flag.note, flag.reviewed_by, flag.reviewed_at) == (
        State.UPHELD, "Ten phones in one bag", operator, NOW,
    )  # fmt: skip
    assert blocking.in_force(mall, NOW).filter(shopper=flag.shopper).exists()
    with pytest.raises(reviewing.Reviewed):
        reviewing.uphold(mall=mall, flag=flag, note="", now=NOW, by=operator)


def test_a_false_positive_is_lifted_counted_and_not_raised_again(mall, operator):
    crowd(mall, 5)
    flags = run(mall)
    for flag in flags:
        reviewing.overrule(mall=mall, flag=flag, note="The tablet at the desk", now=NOW, by=operator)
    assert not blocking.in_force(mall, NOW).exists()
    assert Block.objects.filter(lifted_by=operator).count() == 5
    assert run(mall, NOW + timedelta(minutes=5)) == []

    crowd(mall, 4)  # on the same tablet: nine now, of whom five were judged
    news = run(mall, NOW + timedelta(minutes=10))
    assert {flag.shopper_id for flag in news}.isdisjoint({flag.shopper_id for flag in flags})
    with pytest.raises(reviewing.Reviewed):
        reviewing.overrule(mall=mall, flag=flags[0], note="", now=NOW, by=operator)


def test_enough_new_evidence_raises_an_overruled_shopper_again(mall, operator):
    crowd(mall, 5)
    first, *_ = flags = run(mall)
    for flag in flags:
        reviewing.overrule(mall=mall, flag=flag, note="", now=NOW, by=operator)
    crowd(mall, 5)
    assert first.shopper_id in {flag.shopper_id for flag in run(mall, NOW + timedelta(minutes=5))}


def test_an_upheld_finding_can_still_be_overruled(mall, operator, manager):
    crowd(mall, 5)
    flag, *_ = run(mall)
    reviewing.uphold(mall=mall, flag=flag, note="Bots", now=NOW, by=operator)
    reviewing.overrule(mall=mall, flag=flag, note="A school class", now=NOW, by=manager)
    flag.refresh_from_db()
    assert (flag.state, flag.reviewed_by) == (State.OVERRULED, manager)
    last = AuditEntry.objects.filter(action="finding_overruled").get()
    assert last.changes["note"][1] == "A school class"


def test_overruling_leaves_a_block_by_hand(mall, operator):
    crowd(mall, 5)
    flag, *_ = run(mall)
    blocking.block(mall=mall, shopper=flag.shopper, reason="Fraud, told by the police", now=NOW, by=operator)
    reviewing.overrule(mall=mall, flag=flag, note="", now=NOW, by=operator)
    (left,) = blocking.in_force(mall, NOW).filter(shopper=flag.shopper)
    assert left.flag is None


def test_how_often_the_guards_were_right(mall, operator):
    crowd(mall, 5)
    first, second, third, *_ = run(mall)
    reviewing.uphold(mall=mall, flag=first, note="", now=NOW, by=operator)
    reviewing.uphold(mall=mall, flag=second, note="", now=NOW, by=operator)
    reviewing.overrule(mall=mall, flag=third, note="", now=NOW, by=operator)
    told = {tally.guard: (tally.raised, tally.open, tally.upheld, tally.overruled) for tally in tallies(mall)}
    assert told == {
        "refund_loop": (0, 0, 0, 0), "shared_device": (5, 2, 2, 1), "staff_self": (0, 0, 0, 0), "velocity": (0, 0, 0, 0)
    }  # fmt: skip
    shares = {tally.guard: tally.false_share for tally in tallies(mall)}
    assert shares["shared_device"] == pytest.approx(1 / 3) and shares["velocity"] is None


def test_the_task_runs_at_every_mall(mall):
    other = factories.make_mall()
    crowd(mall, 5)
    crowd(other, 6)
    assert tasks.run_guards.func() == 11
    assert tasks.run_guards.func() == 0


@pytest.mark.parametrize("size", [5, 8])
def test_looking_takes_the_same_queries_however_much_is_found(mall, size, django_assert_num_queries):
    crowd(mall, size)
    run(mall)
    with django_assert_num_queries(11):
        run(mall, NOW + timedelta(minutes=5))
