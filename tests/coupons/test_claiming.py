"""Claims of coupons without a payment: once, within the limits, where the rule is offered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from coupons.claiming import ClaimError
from coupons.engine.conditions import Leaf
from coupons.engine.terms import Limits
from coupons.geo import Position
from coupons.models import Claim, ClaimCode, Coupon, Decision, LimitCounter
from coupons.models.rule import RuleState
from mallops import pipeline
from mallops.lib import dates
from payments.models import Shopper, ShopperDevice
from payments.shoppers import digest
from tests.factories import make_category, make_mall, make_rule, make_stock, make_store, payment_event, refund_event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_agree")]


@pytest.fixture
def claim(mall):
    """Ask for a rule's coupons, by QR code unless told otherwise."""

    def claim(rule, shopper="anna", request_id="q1", **options):
        values = {"kind": "qr", "now": timezone.now(), **options}
        return pipeline.claim(
            mall_id=mall.pk, rule_id=rule.pk, shopper=digest(mall.pk, shopper), request_id=request_id, **values
        )

    return claim


@pytest.fixture
def offer(mall, store):
    """A rule by QR code whose coupons the store takes."""

    def offer(**terms):
        stock = make_stock(mall=mall, merchant=store.merchant)
        return make_rule(mall=mall, stock=stock, **{"trigger": "qr", **terms})

    return offer


def test_a_claim_gets_its_coupon_and_leaves_a_decision(mall, store, claim, offer):
    rule, now = offer(), timezone.now()
    receipt = claim(rule, now=now)
    assert (receipt.outcome, receipt.reason, receipt.is_new) == ("awarded", "", True)
    kept = Claim.objects.for_mall(mall).get()
    assert (kept.pk, kept.kind, kept.store, kept.day) == (receipt.id, "qr", store, dates.today(mall.time_zone, now))
    coupon = Coupon.objects.for_mall(mall).get()
    assert (coupon.claim, coupon.payment, coupon.code) == (kept, None, receipt.coupons[0].code)
    decision = Decision.objects.for_mall(mall).get()
    assert (decision.claim, decision.payment, decision.outcome) == (kept, None, "awarded")


def test_the_same_request_is_answered_with_what_the_first_made(mall, claim, offer):
    rule = offer()
    first, second = claim(rule), claim(rule)
    assert second.coupons == first.coupons and not second.is_new
    assert second.id == first.id
    assert Coupon.objects.for_mall(mall).count() == 1


def test_a_replay_is_answered_though_the_rule_has_ended_meanwhile(claim, offer):
    rule = offer()
    first = claim(rule)
    rule.state = RuleState.ENDED
    rule.save()
    assert claim(rule).coupons == first.coupons
    with pytest.raises(ClaimError):
        claim(rule, request_id="q2")


@pytest.mark.parametrize("other", [{"shopper": "ben"}, {"rule": "other"}])
def test_a_request_id_is_good_for_one_thing(claim, offer, other):
    rule, another = offer(), offer()
    claim(rule)
    with pytest.raises(ClaimError) as refused:
        claim(another if "rule" in other else rule, shopper=other.get("shopper", "anna"))
    assert refused.value.code == "request_reused"


def test_limits_hold_for_claims(mall, claim, offer):
    rule = offer(limits=Limits(quantity=2, per_shopper=1))
    assert claim(rule, "anna", "q1").outcome == "awarded"
    assert claim(rule, "anna", "q2").reason == "per_shopper"
    assert claim(rule, "ben", "q3").outcome == "awarded"
    assert claim(rule, "cleo", "q4").reason == "quantity"
    assert LimitCounter.objects.for_mall(mall).get(key=f"r{rule.pk}.n").used == 2


def test_limits_of_a_day_count_the_day_of_the_claim(claim, offer):
    rule, now = offer(limits=Limits(quantity_per_day=1)), timezone.now()
    assert claim(rule, "anna", "q1", now=now).outcome == "awarded"
    assert claim(rule, "ben", "q2", now=now).reason == "quantity_per_day"
    assert claim(rule, "ben", "q3", now=now + timedelta(days=1)).outcome == "awarded"


def test_the_control_group_gets_nothing_and_is_written_down(mall, claim, offer):
    rule = offer(holdout_bp=5_000)
    outcomes = [claim(rule, f"s{n}", f"q{n}").outcome for n in range(20)]
    assert set(outcomes) == {"awarded", "held_out"}
    assert Coupon.objects.for_mall(mall).count() == outcomes.count("awarded")
    assert Decision.objects.for_mall(mall).filter(outcome="held_out").count() == outcomes.count("held_out")


def test_outside_the_dates_is_refused_and_logged(mall, claim, offer):
    today = mall.today()
    receipt = claim(offer(starts_on=today + timedelta(days=1)))
    assert (receipt.outcome, receipt.reason) == ("refused", "dates")
    assert claim(offer(ends_on=today - timedelta(days=1)), request_id="q2").reason == "dates"
    assert Decision.objects.for_mall(mall).filter(outcome="refused").count() == 2


@pytest.mark.parametrize(
    ("state", "terms", "code"),
    [
        (RuleState.PAUSED, {}, "not_live"),
        (RuleState.ENDED, {}, "not_live"),
        (RuleState.LIVE, {"trigger": "payment"}, "other_trigger"),
        (RuleState.LIVE, {"trigger": "nearby"}, "other_trigger"),
    ],
)
def test_what_cannot_be_claimed_writes_nothing(mall, claim, offer, state, terms, code):
    with pytest.raises(ClaimError) as refused:
        claim(offer(state=state, **terms))
    assert refused.value.code == code
    assert not Claim.objects.for_mall(mall).exists() and not Shopper.objects.for_mall(mall).exists()


def test_a_rule_of_another_mall_is_not_live_here(claim):
    with pytest.raises(ClaimError) as refused:
        claim(make_rule(mall=make_mall(), trigger="qr"))
    assert refused.value.code == "not_live"


def test_a_store_of_another_mall_is_not_here(claim, offer):
    with pytest.raises(ClaimError) as refused:
        claim(offer(), store_id=make_store(mall=make_mall()).pk)
    assert refused.value.code == "not_here"


def test_a_closed_code_is_refused(mall, claim, offer):
    rule = offer()
    code = ClaimCode.objects.create(mall=mall, rule=rule, closed_at=timezone.now())
    with pytest.raises(ClaimError) as refused:
        claim(rule, code=code)
    assert refused.value.code == "closed_code"


def test_the_store_is_where_the_code_hangs(mall, other_store, claim, offer):
    rule = offer()
    claim(rule, code=ClaimCode.objects.create(mall=mall, rule=rule, store=other_store))
    assert Claim.objects.for_mall(mall).get().store == other_store


def test_without_a_place_it_is_the_first_open_store_of_the_rule(mall, store, claim, offer):
    category = make_category(mall=mall)
    closed = make_store(mall=mall, category=category, closed_on=mall.today())
    first = make_store(mall=mall, category=category)
    assert closed.pk < first.pk
    claim(offer(categories=(category.pk,)))
    assert Claim.objects.for_mall(mall).get().store == first


def test_a_rule_whose_stores_have_all_closed_cannot_be_claimed(mall, store, claim, offer):
    store.closed_on = mall.today()
    store.save()
    with pytest.raises(ClaimError) as refused:
        claim(offer())
    assert refused.value.code == "no_store"


def test_a_device_is_kept_as_its_digest(mall, claim, offer):
    claim(offer(), device="d" * 32)
    assert ShopperDevice.objects.for_mall(mall).get().digest == "d" * 32


def test_a_claimed_coupon_is_used_on_a_payment_and_comes_back_with_its_refund(mall, store, claim, offer, record):
    (coupon,) = claim(offer()).coupons
    paid = payment_event(store, amount_fen=9_000)
    (receipt,) = record(paid)
    pipeline.redeem(
        mall_id=mall.pk, code=coupon.code, store_id=store.pk, order_fen=10_000, request_id="r", source="test",
        now=timezone.now(), payment_id=receipt.id,
    )  # fmt: skip
    assert Coupon.objects.for_mall(mall).get().state == "redeemed"
    pipeline.record_refunds(mall.pk, [refund_event(paid)], source="test", now=timezone.now())
    assert Coupon.objects.for_mall(mall).get().state == "issued"


def test_a_claimed_coupon_expires(mall, claim, offer):
    claim(offer())
    assert pipeline.expire(mall_id=mall.pk, now=timezone.now() + timedelta(days=30)) == 1


def test_a_replay_after_its_refusal_was_forgotten_is_refused_still(mall, claim, offer):
    rule = offer(conditions=Leaf("visits", "at_least", 1))
    assert claim(rule).reason == "conditions"
    Decision.objects.for_mall(mall).all().delete()
    again = claim(rule)
    assert (again.outcome, again.is_new, again.coupons) == ("refused", False, ())


def test_history_counts_for_claims(store, claim, offer, record):
    rule = offer(conditions=Leaf("visits", "at_least", 1))
    assert claim(rule, "anna", "q1").outcome == "refused"
    record(payment_event(store, shopper="anna"))
    assert claim(rule, "anna", "q2").outcome == "awarded"


def test_two_malls_may_use_one_request_id(mall, claim, offer):
    other = make_mall()
    rule = make_rule(mall=other, trigger="qr", stock=make_stock(mall=other, merchant=make_store(mall=other).merchant))
    claim(offer())
    receipt = pipeline.claim(
        mall_id=other.pk, rule_id=rule.pk, kind="qr", shopper=digest(other.pk, "anna"), request_id="q1",
        now=timezone.now(),
    )  # fmt: skip
    assert receipt.is_new and receipt.outcome == "awarded"


def test_few_statements(claim, offer, django_assert_max_num_queries):
    rule = offer(limits=Limits(per_shopper=5, quantity=50))
    for number in range(2):  # the first opens the accounts of who pays, the second compiles them
        claim(rule, request_id=f"warm {number}")
    with django_assert_max_num_queries(16):
        claim(rule, request_id="q2")


# --- Nearby ---

HERE = Position(31.2304, 121.4737)


def north(metres: float) -> Position:
    """So many metres north of HERE."""
    return Position(HERE.latitude + metres / 111_195.08, HERE.longitude)


@pytest.fixture
def located(mall):
    mall.latitude, mall.longitude = "31.230400", "121.473700"
    mall.save()
    mall.refresh_from_db()
    return mall


@pytest.mark.parametrize(("metres", "outcome"), [(0, "awarded"), (299, "awarded"), (300, "awarded"), (301, "refused")])
def test_nearby_is_within_the_malls_radius(located, claim, offer, metres, outcome):
    receipt = claim(offer(trigger="nearby"), kind="nearby", here=north(metres))
    assert (receipt.outcome, receipt.distance_m) == (outcome, metres)
    assert Claim.objects.for_mall(located).get().distance_m == metres


def test_the_rules_own_radius_comes_first(located, claim, offer):
    rule = offer(trigger="nearby", radius_m=1_000)
    assert claim(rule, kind="nearby", here=north(999)).outcome == "awarded"


def test_too_far_is_logged_with_how_far_and_takes_nothing(located, claim, offer):
    rule = offer(trigger="nearby", limits=Limits(per_shopper=1))
    assert claim(rule, kind="nearby", here=north(2_000)).reason == "distance"
    decision = Decision.objects.for_mall(located).get()
    assert decision.trace == [["distance", False, 300, 2_000]]
    assert claim(rule, request_id="q2", kind="nearby", here=north(10)).outcome == "awarded"


def test_nearby_one_of_the_rules_stores(located, claim, offer):
    near = make_store(mall=located, latitude="31.240000", longitude="121.473700")
    far = make_store(mall=located, latitude="31.300000", longitude="121.473700")
    rule = offer(trigger="nearby", stores=(near.pk, far.pk))
    receipt = claim(rule, kind="nearby", here=Position(31.2405, 121.4737))
    assert (receipt.outcome, receipt.distance_m) == ("awarded", 56)
    assert Claim.objects.for_mall(located).get().store == near
    assert claim(rule, "ben", "q2", kind="nearby", here=HERE).reason == "distance"  # at the mall, not at its stores


def test_a_store_without_a_position_is_where_the_mall_is(located, store, claim, offer):
    assert claim(offer(trigger="nearby", stores=(store.pk,)), kind="nearby", here=HERE).distance_m == 0


@pytest.mark.parametrize("here", [None, HERE])
def test_without_a_position_nobody_is_near(claim, offer, here):
    with pytest.raises(ClaimError) as refused:
        claim(offer(trigger="nearby"), kind="nearby", here=here)
    assert refused.value.code == "no_position"
