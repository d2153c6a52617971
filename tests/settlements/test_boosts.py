"""Traffic credits are spent on boosts: what they cost, what is refused, what they do."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from coupons.models import Boost, Decision
from merchants.choices import Standing
from merchants.models import AuditEntry
from merchants.services.refusal import Refused
from settlements import credits
from settlements.models import CreditLine
from settlements.services.boosts import boost, boostable
from tests.factories import make_provider, make_rule, make_stock

from .earning import NOON, accrue, earn_coupon, make_offer, undo, use

DAY = timedelta(days=1)
TODAY = date(2026, 3, 10)


@pytest.fixture
def rule(mall, store):
    return make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant))


@pytest.fixture
def rich(mall, store, provider, rule):
    """The provider, with 10 credits."""
    make_offer(provider)
    use(store)
    used = use(store)
    accrue(mall)
    provider.last_use = used
    return provider


def buy(provider, rule, **change) -> Boost:
    days = {"from_day": TODAY + DAY, "until_day": TODAY + 3 * DAY}
    return boost(**{"provider": provider, "rule": rule, "weight": 5, "now": NOON, "by": None, **days, **change})


def test_it_costs_weight_times_days_at_once(mall, rich, rule, provider_manager):
    made = buy(rich, rule, by=provider_manager)
    assert (made.weight, made.credits, made.made_by) == (5, 10, provider_manager)
    line = CreditLine.objects.get(kind="spent")
    assert (line.credits, line.source_id, line.day) == (-10, made.pk, TODAY)
    assert credits.balance(rich) == 0
    entry = AuditEntry.objects.get(action="boost_bought")
    assert entry.changes["credits"] == [None, 10]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"weight": 6}, "weight", "That costs 12 traffic credits; you have 10."),
        ({"weight": 0}, "weight", "A weight lies between 1 and 1,000."),
        ({"weight": 1_001}, "weight", "A weight lies between 1 and 1,000."),
        ({"from_day": TODAY}, "from_day", "A boost begins tomorrow at the earliest."),
        ({"until_day": TODAY + DAY}, "last_day", "The last day is before the first."),
        ({"until_day": TODAY + 94 * DAY, "weight": 1}, "last_day", "A boost lasts 92 days at most."),
    ],
)
def test_what_cannot_be_is_refused_and_costs_nothing(rich, rule, change, field, said):
    with pytest.raises(Refused) as caught:
        buy(rich, rule, **change)
    assert (caught.value.field, str(caught.value)) == (field, said)
    assert credits.balance(rich) == 10 and not Boost.objects.exists()


def test_only_live_rules_of_stores_served_can_be_boosted(mall, store, other_store, rich, rule):
    elsewhere = make_rule(mall=mall, stock=make_stock(mall=mall, merchant=other_store.merchant))
    paused = make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant), state="paused")
    scanned = make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant), trigger="qr")
    assert boostable(rich, TODAY) == {rule.pk}
    for other in (elsewhere, paused, scanned):
        with pytest.raises(Refused, match="no coupon that is used"):
            buy(rich, other)
    rich.agreements.update(until_day=TODAY)
    mall.save()
    with pytest.raises(Refused, match="no coupon that is used"):
        buy(rich, rule)


def test_a_suspended_provider_buys_nothing_and_its_boosts_do_not_count(mall, store, rich, rule):
    weak = make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant), group="g", priority=-1)
    make_rule(mall=mall, stock=make_stock(mall=mall, merchant=store.merchant), group="g")

    def winner(at) -> int:
        earn_coupon(store, at)
        return Decision.objects.filter(rule_version__terms__group="g", outcome="awarded").latest("pk").rule_id

    buy(rich, weak)
    assert winner(NOON) != weak.pk
    assert winner(NOON + DAY) == weak.pk
    rich.standing = Standing.SUSPENDED
    rich.save()
    assert winner(NOON + DAY) != weak.pk
    with pytest.raises(Refused, match="suspended"):
        buy(rich, weak)
    assert rich.boosts.count() == 1


def test_credits_taken_back_after_they_were_spent_leave_less_than_none(rich, rule):
    buy(rich, rule)
    undo(rich.last_use)
    assert credits.balance(rich) == -5
    with pytest.raises(Refused, match="you have -5"):
        buy(rich, rule, weight=1)


def test_credits_of_another_provider_are_no_use(mall, store, rich, rule):
    other = make_provider(mall=mall)
    with pytest.raises(Refused):
        buy(other, rule)
    assert credits.balance(other) == 0


def test_the_page_of_the_rule_tells_of_its_boosts(client, mall, rich, rule, manager):
    buy(rich, rule, from_day=date(2099, 1, 1), until_day=date(2099, 1, 3))
    client.force_login(manager)
    page = client.get(reverse("coupons:rule_detail", args=[mall.slug, rule.pk])).text
    assert f"{rich.name}: +5, 2099-01-01 – 2099-01-02" in page
