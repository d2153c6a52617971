"""What providers earn by redemptions: once, under an agreement and an offer, in good standing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from merchants.choices import AgreementState, Capability, Standing
from settlements.models import Accrual, CreditLine, Entry, PlanOffer
from settlements.plans import PlanTerms
from tests.factories import make_agreement, make_provider, make_rule, make_stock

from .earning import MARCH, NOON, SIMPLE, accrue, amounts, balances, earn_coupon, make_offer, suspend, undo, use

DAY = timedelta(days=1)


@pytest.fixture
def rule(mall, store):
    """Each payment of 100 yuan earns 10 yuan off, usable at `store`."""
    return make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))


@pytest.fixture
def offer(provider, rule):
    return make_offer(provider)


def test_a_redemption_earns_its_share_with_its_evidence(mall, store, provider, offer):
    used = use(store)
    assert accrue(mall) == 1
    accrual = Accrual.objects.for_mall(mall).get()
    assert accrual.redemption == used
    assert (accrual.provider, accrual.offer, accrual.store) == (provider, offer, store)
    assert accrual.agreement == provider.agreements.get()
    assert (accrual.base_fen, accrual.run_fen, accrual.amount_fen, accrual.credits) == (1_000, 1_000, 100, 5)
    assert (accrual.day, accrual.month, accrual.matures_on) == (date(2026, 3, 10), MARCH, date(2026, 3, 20))
    assert accrual.state == "pending"
    assert balances(provider) == {"rebate_expense": -100, "rebate_pending": 100}
    entry = Entry.objects.for_mall(mall).get(kind="accrual")
    assert (entry.source_id, entry.coupon, entry.store, entry.rule_id) == (
        accrual.pk, used.coupon, store, used.coupon.rule_id
    )  # fmt: skip
    line = CreditLine.objects.for_mall(mall).get()
    assert (line.kind, line.source_id, line.credits, line.day) == ("earned", accrual.pk, 5, accrual.day)


def test_repeated_it_earns_nothing_more(mall, store, provider, offer):
    use(store)
    assert [accrue(mall), accrue(mall)] == [1, 0]
    use(store)
    assert [accrue(mall), accrue(mall)] == [1, 0]
    assert balances(provider) == {"rebate_expense": -200, "rebate_pending": 200}
    assert CreditLine.objects.for_mall(mall).count() == 2


def test_the_order_can_be_the_base(mall, store, provider, rule):
    make_offer(provider, replace(SIMPLE, base="order"))
    use(store, order_fen=8_000)
    accrue(mall)
    assert amounts(mall) == [800]


def test_a_month_is_rounded_once_tiered_and_capped_over_several_runs(mall, store, provider, rule, monkeypatch):
    monkeypatch.setattr("settlements.rebates.BATCH", 2)
    make_offer(provider, PlanTerms(tiers=((0, 5), (2_500, 1_000)), cap_fen=201))
    for _ in range(3):
        use(store)
    accrue(mall)
    for _ in range(2):
        use(store)
    accrue(mall)
    # 0.5, 1.0, 1.25 + 50, and 100 for each that follows, up to the cap.
    assert amounts(mall) == [0, 1, 50, 100, 50]
    assert balances(provider) == {"rebate_expense": -201, "rebate_pending": 201}
    assert list(Accrual.objects.order_by("pk").values_list("run_fen", flat=True)) == [1_000, 2_000, 3_000, 4_000, 5_000]


def test_each_month_and_each_offer_begins_anew(mall, store, provider, rule):
    steep = PlanTerms(tiers=((1_000, 1_000),))
    make_offer(provider, steep, until_day=date(2026, 3, 12))
    make_offer(provider, steep, from_day=date(2026, 3, 12))
    for at in (NOON, NOON, NOON + 3 * DAY, NOON + 3 * DAY, NOON + 30 * DAY, NOON + 30 * DAY):
        use(store, at)
    accrue(mall, NOON + 31 * DAY)
    assert amounts(mall) == [0, 100, 0, 100, 0, 100]


@pytest.mark.parametrize(
    "change",
    [
        {"capability": Capability.ACQUIRING},
        {"state": AgreementState.PROPOSED},
        {"from_day": date(2026, 3, 11)},
        {"until_day": date(2026, 3, 10)},
    ],
)
def test_without_an_agreement_in_force_nothing_is_earned(mall, store, provider, offer, change):
    provider.agreements.update(**change)
    use(store)
    assert accrue(mall) == 0


def test_agreements_hold_on_their_first_day_and_no_more_on_their_end(mall, store, provider, offer):
    provider.agreements.update(from_day=date(2026, 3, 10), until_day=date(2026, 3, 11))
    for at in (NOON - DAY, NOON, NOON + DAY):
        use(store, at)
    assert accrue(mall, NOON + 2 * DAY) == 1
    assert Accrual.objects.get().day == date(2026, 3, 10)


@pytest.mark.parametrize(
    "change",
    [
        {"state": PlanOffer.State.OFFERED},
        {"state": PlanOffer.State.WITHDRAWN},
        {"from_day": date(2026, 3, 11)},
        {"until_day": date(2026, 3, 10)},
    ],
)
def test_without_an_accepted_offer_nothing_is_earned(mall, store, provider, rule, change):
    make_offer(provider, **change)
    use(store)
    assert accrue(mall) == 0


def test_while_suspended_or_terminated_nothing_is_earned(mall, store, provider, offer):
    suspend(provider, NOON - 3 * DAY, Standing.WARNED)
    suspend(provider, NOON)
    suspend(provider, NOON + DAY, Standing.TERMINATED)
    suspend(provider, NOON + 2 * DAY, Standing.GOOD)
    for n in (-1, 0, 1, 2):
        use(store, NOON + n * DAY)
    accrue(mall, NOON + 3 * DAY)
    days = list(Accrual.objects.order_by("pk").values_list("day", flat=True))
    assert days == [date(2026, 3, 9), date(2026, 3, 12)]


def test_what_was_undone_before_earns_nothing(mall, store, provider, offer):
    undo(use(store))
    assert accrue(mall) == 0
    assert balances(provider) == {}


def test_an_offer_accepted_later_reaches_back_to_its_first_day(mall, store, provider, rule):
    use(store)
    assert accrue(mall) == 0
    make_offer(provider)
    assert accrue(mall) == 1


def test_two_providers_earn_by_their_own_stores(mall, store, other_store, provider, offer):
    second = make_provider(mall=mall)
    make_agreement(provider=second, store=other_store)
    make_offer(second, PlanTerms(tiers=((0, 2_000),)))
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=other_store.merchant), stores=(other_store.pk,))
    use(store)
    code = [earn_coupon(other_store, NOON)]
    assert code
    accrue(mall)
    assert balances(provider)["rebate_pending"] == 100
    assert balances(second) == {"rebate_expense": -100}


def test_an_opening_is_rewarded_once_at_the_first_payment(mall, store, provider, rule):
    provider.agreements.update(from_day=date(2026, 3, 5))
    make_offer(provider, PlanTerms(opening_fen=50_000, maturity_days=30))
    assert accrue(mall) == 0
    earn_coupon(store, NOON)
    assert [accrue(mall), accrue(mall)] == [1, 0]
    accrual = Accrual.objects.get()
    assert (accrual.kind, accrual.redemption, accrual.payment.store) == ("opening", None, store)
    assert (accrual.amount_fen, accrual.day, accrual.matures_on) == (50_000, date(2026, 3, 10), date(2026, 4, 9))
    assert balances(provider) == {"rebate_expense": -50_000, "rebate_pending": 50_000}


def test_a_store_live_before_the_offer_or_with_another_provider_is_no_opening(mall, store, provider, rule):
    earn_coupon(store, NOON - 15 * DAY)
    make_offer(provider, PlanTerms(opening_fen=50_000))
    earn_coupon(store, NOON)
    assert accrue(mall) == 0
    second = make_provider(mall=mall)
    provider.agreements.update(until_day=date(2026, 3, 11))
    make_agreement(provider=second, store=store, from_day=date(2026, 3, 11))
    make_offer(second, PlanTerms(opening_fen=50_000))
    earn_coupon(store, NOON + 2 * DAY)
    assert accrue(mall, NOON + 3 * DAY) == 0
