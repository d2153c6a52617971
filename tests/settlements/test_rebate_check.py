"""check_ledger tells of rebates that are wrong, and of nothing else; after any sequence of events nothing is."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.models import Boost, Redemption, Reversal
from mallops.lib.dates import next_month
from merchants.choices import Standing
from settlements import months, rebate_check
from settlements.maturity import mature
from settlements.models import Accrual, CreditLine, Entry
from settlements.plans import PlanTerms
from tests.factories import make_rule, make_stock

from .earning import NOON, accrue, make_offer, suspend, undo, use

DAY = timedelta(days=1)
TERMS = PlanTerms(tiers=((0, 333), (2_500, 1_777)), cap_fen=900, credits_per_100_yuan=33, maturity_days=2)


@pytest.fixture
def rule(mall, store):
    return make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))


@pytest.fixture
def earned(mall, store, provider, rule):
    """Three rewards: due, waiting, taken back."""
    make_offer(provider, TERMS)
    uses = [use(store, NOON - n * DAY) for n in (3, 0, 0)]
    accrue(mall)
    mature(mall, (NOON - DAY).date(), now=NOON)
    undo(uses[2])
    assert list(Accrual.objects.order_by("pk").values_list("state", flat=True)) == ["matured", "pending", "clawed"]


def found(mall) -> list[str]:
    return list(rebate_check.problems(mall))


def test_what_is_right_is_right(mall, earned):
    assert found(mall) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda: Accrual.objects.filter(state="pending").update(amount_fen=1), "should be 2000, [33, 3]"),
        (lambda: Accrual.objects.filter(state="pending").update(run_fen=7), "month so far 7"),
        (lambda: Accrual.objects.filter(state="matured").update(state="pending"), "33 due"),
        (lambda: Accrual.objects.filter(state="pending").update(state="matured"), "0 due"),
        (lambda: Accrual.objects.filter(state="clawed").update(state="pending"), "was not taken back"),
        (lambda: Reversal.objects.all().delete(), "but its redemption stands"),
        (lambda: Entry.objects.filter(kind="accrual").delete(), "but posted 0"),
        (lambda: Entry.objects.filter(kind="clawback").delete(), "0 taken back"),
        (lambda: Entry.objects.filter(kind="maturity").update(source_id=999), "that is not there"),
        (lambda: CreditLine.objects.filter(kind="earned").delete(), "credits earned"),
        (lambda: CreditLine.objects.filter(kind="clawed").update(credits=-99), "credits clawed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(mall, earned, spoil, said):
    spoil()
    assert any(said in line for line in found(mall)), found(mall)


def test_a_boost_without_its_line_is_told(mall, earned, provider, rule):
    Boost.objects.create(mall=mall, provider=provider, rule=rule, weight=1, from_day=NOON.date(),
                         until_day=(NOON + DAY).date(), credits=1, made_at=NOON)  # fmt: skip
    assert len(found(mall)) == 1 and "credits spent" in found(mall)[0]


steps = st.lists(
    st.tuples(st.sampled_from(["use", "use", "undo", "accrue", "mature", "wait", "suspend", "restore", "close"]),
              st.integers(0, 9)),
    max_size=25,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_happens_each_reward_has_its_evidence_and_is_posted_once(mall, store, provider, rule, steps):
    with transaction.atomic():
        run(mall, store, provider, steps)
        transaction.set_rollback(True)


def run(mall, store, provider, steps) -> None:
    make_offer(provider, TERMS)
    now, frozen = NOON, {}
    for step, number in steps:
        now += timedelta(minutes=number)
        if step == "use":
            use(store, now)
        elif step == "undo":
            used = Redemption.objects.filter(reversals=None).order_by("pk")
            if number < len(used):
                undo(used[number], now)
        elif step == "accrue":
            accrue(mall, now)
        elif step == "mature":
            mature(mall, now.date(), now=now)
        elif step == "wait":
            now += number * 3 * DAY
        elif step == "close":
            frozen |= close_next(mall, now)
        else:
            suspend(provider, now, Standing.SUSPENDED if step == "suspend" else Standing.GOOD)
    accrue(mall, now)
    assert found(mall) == []
    assert {month: of_month(mall, month) for month in frozen} == frozen
    assert Accrual.objects.filter(redemption__isnull=False).count() == len(
        set(Accrual.objects.values_list("redemption", flat=True))
    )


def close_next(mall, now) -> dict:
    """Close the next month, if it is over; what it says then."""
    month = months.to_close(mall)
    if month is None or next_month(month) > now.date():
        return {}
    months.close(mall=mall, month=month, by=None, now=now)
    return {month: of_month(mall, month)}


def of_month(mall, month) -> list[tuple]:
    return list(Entry.objects.for_mall(mall).filter(month=month).order_by("pk").values_list("pk", "kind", "amount_fen"))
