"""The explain pages: what is told of payments, claims and shoppers, and to whom."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coupons.engine.conditions import Leaf
from coupons.engine.terms import Limits
from coupons.guards import blocking
from coupons.models import Coupon, Decision, GuardFlag, Rule, RuleVersion
from coupons.services import rules as services
from mallops import pipeline
from merchants.choices import Role
from payments.models import Payment
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def page(name: str, *args) -> str:
    return reverse(f"coupons:{name}", args=args)


@pytest.fixture
def stock(mall, store):
    return factories.make_stock(mall=mall, merchant=store.merchant, name_en="Tea voucher")


def pay(store, *, now=NOW, **fields) -> Payment:
    event = factories.payment_event(store, paid_at=now, **fields)
    (receipt,) = pipeline.record_payments(store.mall_id, [event], source="test", now=now)
    return Payment.objects.get(pk=receipt.id)


def explained(client, payment: Payment) -> str:
    return client.get(page("explain_payment", payment.mall.slug, payment.pk)).text


def test_a_refusal_says_what_would_have_been_enough(client, mall, store, stock, manager):
    factories.make_rule(mall=mall, stock=stock, min_fen=11_250, conditions=Leaf("visits", "at_least", 1))
    client.force_login(manager)
    text = explained(client, pay(store))
    for part in (
        "1 rule was asked.", "Refused", "Amount outside the range",
        "It would have been enough: <strong>¥12.50 more</strong>.",
        "Paid ¥100; the rule asks for ¥112.50 or more.", "The conditions of the rule were not looked at",
    ):  # fmt: skip
        assert part in text


def test_a_rule_rests_while_a_payer_may_not_pay(client, mall, store, stock, provider, manager):
    rule = factories.make_rule(mall=mall, stock=stock, shares=((-provider.pk, 10_000),))
    provider.standing = "suspended"
    provider.save()
    client.force_login(manager)
    text = explained(client, pay(store))
    for part in (
        "A service provider may not pay",
        f"{provider.name} pays a share and may not now (standing: Suspended); until it may, the rule rests.",
        f"It would have been enough: <strong>{provider.name} in good standing</strong>.",
    ):
        assert part in text
    shown = client.get(page("rule_detail", mall.slug, rule.pk))
    assert shown.context["state"] == ("Resting", "warn")
    assert "It awards nothing now:" in shown.text and f"so it may not pay: {provider.name}." in shown.text
    assert "Resting" in client.get(page("rule_list", mall.slug)).text


def test_what_would_not_be_paid_is_not_offered_to_run(client, mall, stock, provider, manager):
    rule = factories.make_rule(mall=mall, stock=stock, shares=((-provider.pk, 10_000),))
    services.pause(rule=rule, by=manager)
    client.force_login(manager)
    assert "resume" in client.get(page("rule_detail", mall.slug, rule.pk)).context["steps"]
    provider.standing = "suspended"
    provider.save()
    shown = client.get(page("rule_detail", mall.slug, rule.pk))
    assert "resume" not in shown.context["steps"]
    assert "It cannot be launched or resumed now:" in shown.text
    assert f"so it may not pay: {provider.name}." in shown.text


def test_conditions_are_told_with_what_was_found(client, mall, store, stock, manager):
    factories.make_rule(mall=mall, stock=stock, conditions=Leaf("visits", "at_least", 2))
    client.force_login(manager)
    pay(store, now=NOW - timedelta(days=1))
    text = explained(client, pay(store))
    for part in (
        "<strong>1 visit more to the mall</strong>",
        "The shopper was at the mall on at least 2 days so far; found: 1 day.",
    ):  # fmt: skip
        assert part in text


def test_an_award_shows_limits_coupons_and_version(client, mall, store, stock, manager):
    factories.make_rule(mall=mall, stock=stock, limits=Limits(quantity=50))
    client.force_login(manager)
    payment = pay(store)
    text, code = explained(client, payment), payment.coupons.get().code
    for part in ("Awards in all: 0 of 50 used before, 50 left; the award takes 1.", "version 1", f"…{code[-4:]}"):
        assert part in text
    assert code not in text


def test_who_won_the_ranking(client, mall, store, stock, manager):
    factories.make_rule(mall=mall, stock=stock, group="lunch", priority=1)
    winner = factories.make_rule(mall=mall, stock=stock, group="lunch", priority=2)
    client.force_login(manager)
    text = explained(client, pay(store))
    assert f"“{winner.name}” won the ranking in the group “lunch”." in text
    assert text.index(f"1. {winner.name}") < text.index("2. ")


def test_a_held_out_shopper(client, mall, store, stock, manager):
    factories.make_rule(mall=mall, stock=stock, holdout_bp=9_000)
    client.force_login(manager)
    for n in range(20):
        payment = pay(store, shopper=f"guest{n}")
    held_out = Decision.objects.filter(outcome="held_out").first()
    assert "The shopper is in the control group" in explained(client, held_out.payment)
    assert payment.mall_id == mall.pk


def test_rules_that_were_not_asked(client, mall, store, other_store, stock, manager):
    there = factories.make_rule(mall=mall, stock=stock, stores=(other_store.pk,))
    scanned = factories.make_rule(mall=mall, stock=stock, trigger="qr")
    factories.make_rule(mall=mall, stock=stock, state="ended")
    client.force_login(manager)
    payment = pay(store, now=timezone.now())
    later = factories.make_rule(mall=mall, stock=stock)
    answer = client.get(page("explain_payment", mall.slug, payment.pk))
    others = {other.rule: other.said for other in answer.context["others"]}
    assert others == {
        there: f"Paid at another store: the rule asks for a payment at {other_store.name}.",
        scanned: "It answers a scanned QR code, not a payment.",
        later: others[later],
    }
    assert others[later].startswith("It did not run yet: launched ")


def test_rules_that_were_not_asked_are_told_as_they_were_then(client, mall, store, other_store, stock, manager):
    """By the version that ran when the payment arrived, and whether it was paused as the audit trail has it."""
    moved = factories.make_rule(mall=mall, stock=stock, stores=(other_store.pk,))
    paused = factories.make_rule(mall=mall, stock=stock)
    services.pause(rule=paused, by=manager)
    later = factories.make_rule(mall=mall, stock=stock)
    Rule.objects.filter(pk=later.pk).update(state="paused")  # since when, nobody knows
    RuleVersion.objects.update(launched_at=NOW - timedelta(days=3))
    payment = pay(store, now=timezone.now())
    services.resume(rule=paused, by=manager)
    now, terms = timezone.now(), moved.version.terms | {"stores": [store.pk]}
    moved.version = moved.versions.create(number=2, terms=terms, published_at=now, launched_at=now)
    moved.save()
    client.force_login(manager)
    answer = client.get(page("explain_payment", mall.slug, payment.pk))
    assert {other.rule: other.said for other in answer.context["others"]} == {
        moved: f"Paid at another store: the rule asks for a payment at {other_store.name}.",
        paused: "It was paused when the payment arrived.",
        later: "It was not running when the payment arrived, or the payment came without awards, as from a file.",
    }


def test_refusals_that_were_deleted_are_owned_up_to(client, mall, store, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock, min_fen=20_000)
    rule.versions.update(launched_at=NOW - timedelta(days=200))
    payment = pay(store, now=NOW - timedelta(days=100))
    Decision.objects.all().delete()
    client.force_login(manager)
    text = explained(client, payment)
    assert "No rule was asked, or its refusals have been deleted since." in text
    assert "Refused or not asked: refusals are deleted after 90 days." in text


def claim_of(rule, store, payment: Payment, *, trace: list, **fields) -> Decision:
    made = factories.make_claim(rule=rule, store=store, shopper=payment.shopper)
    return Decision.objects.create(
        mall=rule.mall, claim=made, rule=rule, rule_version=rule.version, shopper=payment.shopper, trace=trace,
        decided_at=NOW, **fields,
    )  # fmt: skip


def test_a_claim_is_explained(client, mall, store, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock, trigger="qr")
    trace = [["hours", False, [[840, 960]], 700]]
    decision = claim_of(rule, store, pay(store), outcome="refused", reason="hours", trace=trace)
    client.force_login(manager)
    text = client.get(page("explain_claim", mall.slug, decision.claim_id)).text
    for part in ("QR code", rule.name, "<strong>open from 14:00</strong>"):
        assert part in text
    assert "Rules that were not asked" not in text


def test_decisions_on_claims_are_listed_and_shown(client, mall, store, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock, trigger="qr")
    decision = claim_of(rule, store, pay(store), outcome="awarded", trace=[["shopper", True, None, 1]])
    client.force_login(manager)
    listed = client.get(page("decision_list", mall.slug, rule.pk)).text
    assert "QR code" in listed and store.name in listed
    text = client.get(page("decision_detail", mall.slug, rule.pk, decision.pk)).text
    assert page("explain_claim", mall.slug, decision.claim_id) in text


def test_a_coupon_of_a_claim(client, mall, store, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock)
    payment = pay(store)
    claim = factories.make_claim(rule=rule, store=store, shopper=payment.shopper)
    Coupon.objects.update(payment=None, claim=claim)
    client.force_login(manager)
    text = client.get(page("coupon_detail", mall.slug, Coupon.objects.get().pk)).text
    assert f"for a claim (QR code) at {store.name}" in text
    assert page("explain_claim", mall.slug, claim.pk) in text
    assert "for a payment" not in text
    assert client.get(page("coupon_list", mall.slug)).status_code == 200


# --- The box ---


def test_the_box_leads_straight_to_what_it_finds(client, mall, store, stock, manager):
    factories.make_rule(mall=mall, stock=stock)
    payment = pay(store, transaction_id="T-1")
    client.force_login(manager)
    box = page("explain", mall.slug)
    assert client.get(box).status_code == 200
    for typed in ("T-1", payment.coupons.get().code):
        assert client.post(box, {"search": typed})["Location"] == page("explain_payment", mall.slug, payment.pk)
    answer = client.post(box, {"search": "anna"})
    assert answer["Location"] == page("explain_shopper", mall.slug, payment.shopper_id)


def test_the_box_shows_all_that_fits(client, mall, store, manager):
    pay(store, transaction_id="T-1")
    pay(store, transaction_id="T-1", channel="alipay")
    client.force_login(manager)
    answer = client.post(page("explain", mall.slug), {"search": "T-1"})
    assert answer.status_code == 200
    assert [title.split(",")[0] for _url, title in answer.context["hits"]] == [
        f"Payment of ¥100.00 at {store.name}"
    ] * 2


@pytest.mark.parametrize("typed", ["", "nothing", "a" * 129, "\x00", "2222-2222-2222"])
def test_the_box_answers_what_it_does_not_find(client, mall, manager, typed):
    client.force_login(manager)
    answer = client.post(page("explain", mall.slug), {"search": typed})
    assert answer.status_code == 422 and answer.context["form"].errors["search"]


# --- One shopper ---


def test_a_shopper_with_what_rules_said(client, mall, store, stock, manager):
    rule = factories.make_rule(mall=mall, stock=stock)
    payment = pay(store)
    claim_of(rule, store, payment, outcome="refused", reason="hours", trace=[])
    client.force_login(manager)
    answer = client.get(page("explain_shopper", mall.slug, payment.shopper_id))
    told = {seen.kind: seen.outcomes for seen in answer.context["table"].rows}
    assert told == {"payment": {"awarded": 1}, "claim": {"refused": 1}}
    assert "1 × Awarded" in answer.text


def test_findings_and_blocks_are_for_who_may_review_them(client, mall, store, manager):
    payment = pay(store)
    flag = GuardFlag.objects.create(
        mall=mall, guard="velocity", shopper=payment.shopper, raised_at=NOW, evidence={"what": "payments", "ids": []}
    )
    blocking.block(mall=mall, shopper=payment.shopper, reason="", now=NOW, by=None, flag=flag)
    viewer = factories.make_member(Role.MALL_VIEWER, mall=mall)
    for user, sees in ((manager, True), (viewer, False)):
        client.force_login(user)
        text = client.get(page("explain_shopper", mall.slug, payment.shopper_id)).text
        assert (page("guard_detail", mall.slug, flag.pk) in text) is sees


def test_merchants_and_other_malls_see_nothing(client, mall, store, owner, cashier, provider_manager, stranger):
    payment = pay(store)
    for user in (owner, cashier, provider_manager, stranger):
        client.force_login(user)
        assert client.get(page("explain", mall.slug)).status_code == 404
        assert client.get(page("explain_payment", mall.slug, payment.pk)).status_code == 404
    own = stranger.memberships.get().mall
    assert client.get(page("explain_payment", own.slug, payment.pk)).status_code == 404
    assert client.get(page("explain_shopper", own.slug, payment.shopper_id)).status_code == 404
    assert client.post(page("explain", own.slug), {"search": "anna"}).status_code == 422


@pytest.mark.parametrize("rules", [1, 3])
def test_explaining_takes_the_same_queries(client, mall, store, stock, manager, rules, django_assert_num_queries):
    for _ in range(rules):
        factories.make_rule(mall=mall, stock=stock)
    payment = pay(store)
    for _ in range(rules):
        factories.make_rule(mall=mall, stock=stock)
    client.force_login(manager)
    with django_assert_num_queries(21):
        explained(client, payment)


@pytest.mark.parametrize("payments", [1, 3])
def test_a_shopper_takes_the_same_queries(client, mall, store, stock, manager, payments, django_assert_num_queries):
    factories.make_rule(mall=mall, stock=stock)
    for _ in range(payments):
        payment = pay(store)
    client.force_login(manager)
    with django_assert_num_queries(12):
        client.get(page("explain_shopper", mall.slug, payment.shopper_id))
