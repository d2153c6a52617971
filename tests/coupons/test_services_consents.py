"""What merchants answer, and what it does to a rule."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Consent, Rule
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.queries.names import names_of
from coupons.sentences import audit_sentence
from coupons.services import consents, rules
from mallops import pipeline
from mallops.lib.tasks.worker import Worker
from merchants.choices import Role
from merchants.models import AuditEntry, Mall, Membership
from merchants.services import providers
from tests.factories import (
    make_mall,
    make_member,
    make_merchant,
    make_provider,
    make_rule,
    make_stock,
    make_user,
    payment_event,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def stock(mall, store):
    return make_stock(mall=mall, merchant=store.merchant)


@pytest.fixture
def rule(mall, stock, manager):
    """A draft of at most ten awards."""
    return draft(mall, manager, RuleTerms(award=((stock.pk, 1),), limits=Limits(quantity=10)))


@pytest.fixture
def live(rule, manager):
    answer(propose(rule, manager), manager)
    rules.launch(rule=rule, now=NOW, by=manager)
    rule.refresh_from_db()
    return rule


def draft(mall, by, terms, rule=None):
    return rules.save_draft(mall=mall, rule=rule, name_zh="", name_en="Tea", terms=terms, by=by)


def propose(rule, by, now=NOW):
    return rules.propose(rule=rule, now=now, by=by)


def answer(version, by, state="accepted"):
    for consent in version.consents.filter(state=ConsentState.ASKED):
        consents.note_on_paper(consent=consent, state=state, reason="Signed", now=NOW, by=by)


def problems(step, **values):
    with pytest.raises(rules.RuleError) as error:
        step(**{"now": NOW, "by": None, **values})
    return error.value.problems


def state(rule) -> str:
    return Rule.objects.values_list("state", flat=True).get(pk=rule.pk)


def awards(mall, store) -> int:
    (receipt,) = pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    return len(receipt.coupons)


def test_who_gives_and_who_pays_is_asked_with_what_it_costs(mall, stock, manager):
    payer, other = make_merchant(mall=mall), make_stock(mall=mall, value_fen=3_000)
    shares = ((0, 5_000), (stock.merchant_id, 1_000), (payer.pk, 4_000))
    terms = RuleTerms(award=((stock.pk, 1), (other.pk, 1)), shares=shares, limits=Limits(quantity=10))
    rule = draft(mall, manager, terms)
    rows = propose(rule, manager).consents.order_by("merchant").values_list("merchant", "share_bp", "cost_fen", "state")
    assert sorted(rows) == sorted(
        [
            (stock.merchant_id, 1_000, 4_000, "asked"),
            (payer.pk, 4_000, 16_000, "asked"),
            (other.merchant_id, 0, 0, "asked"),
        ]
    )
    assert state(rule) == RuleState.WAITING


def test_without_limit_has_no_figure(mall, stock, manager):
    rule = draft(mall, manager, RuleTerms(award=((stock.pk, 1),)))
    assert propose(rule, manager).consents.get().cost_fen is None


def test_the_last_agreement_approves_and_a_manager_launches(mall, store, stock, manager, owner):
    other = make_stock(mall=mall)
    rule = draft(mall, manager, RuleTerms(award=((stock.pk, 1), (other.pk, 1))))
    first, second = propose(rule, manager).consents.order_by("merchant")
    consents.accept(consent=first, now=NOW, by=owner)
    assert (state(rule), problems(rules.launch, rule=rule)) == (
        RuleState.WAITING, [("consent_missing", [second.merchant_id])],
    )  # fmt: skip
    consents.accept(consent=second, now=NOW, by=manager)
    assert (state(rule), awards(mall, store)) == (RuleState.APPROVED, 0)
    rules.launch(rule=rule, now=NOW, by=manager)
    assert (state(rule), awards(mall, store)) == (RuleState.LIVE, 2)


def test_an_answer_keeps_who_when_and_why(rule, manager, owner):
    consent = propose(rule, manager).consents.get()
    consents.decline(consent=consent, reason=" Too dear ", now=NOW, by=owner)
    consent.refresh_from_db()
    assert (consent.state, consent.reason, consent.answered_at, consent.answered_by, consent.on_paper) == (
        "declined", "Too dear", NOW, owner, False,
    )  # fmt: skip
    entry = AuditEntry.objects.get(action="consent_answered")
    assert (entry.actor, entry.object_id, entry.changes) == (
        owner,
        str(rule.pk),
        {"consent": ["asked", "declined"], "merchant": [None, consent.merchant_id], "reason": ["", "Too dear"]},
    )


def test_a_decline_keeps_the_rule_waiting_until_the_merchant_comes_round(rule, manager, owner):
    consent = propose(rule, manager).consents.get()
    consents.decline(consent=consent, reason="No", now=NOW, by=owner)
    assert state(rule) == RuleState.WAITING
    consents.accept(consent=consent, now=NOW, by=owner)
    assert state(rule) == RuleState.APPROVED


def test_declining_and_withdrawing_need_a_reason(rule, live, owner):
    consent = live.version.consents.get()
    assert problems(consents.withdraw, consent=consent, reason=" ", by=owner) == [("reason_missing", [])]
    assert problems(consents.decline, consent=consent, reason="", by=owner) == [("reason_missing", [])]
    assert state(rule) == RuleState.LIVE


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ("asked", ["withdraw"]),
        ("accepted", ["accept", "decline"]),
        ("declined", ["decline", "withdraw"]),
        ("withdrawn", ["decline", "withdraw"]),
    ],
)
def test_answers_out_of_order_change_nothing(rule, manager, before, refused):
    consent = propose(rule, manager).consents.get()
    answered = None if before == "asked" else NOW
    Consent.objects.filter(pk=consent.pk).update(state=before, answered_at=answered)
    kept = Consent.objects.values().get(pk=consent.pk)
    for step in refused:
        given = problems(getattr(consents, step), consent=consent, reason="Why")
        assert given == [("consent_moved", [])], step
    assert Consent.objects.values().get(pk=consent.pk) == kept


def test_nothing_is_answered_to_what_neither_runs_nor_is_proposed(rule, manager, owner):
    first = propose(rule, manager).consents.get()
    propose(rule, manager)
    assert problems(consents.accept, consent=first) == [("consent_moved", [])]
    rules.end(rule=rule, by=manager)
    assert problems(consents.accept, consent=first) == [("wrong_state", ["ended"])]


def test_withdrawing_stops_new_coupons_at_once_and_leaves_those_issued(mall, store, live, owner, redeem):
    (receipt,) = pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    revision = Mall.objects.get(pk=mall.pk).revision
    consents.withdraw(consent=live.version.consents.get(), reason="Short of hands", now=NOW, by=owner)
    assert state(live) == RuleState.PAUSED
    assert Mall.objects.get(pk=mall.pk).revision > revision
    assert awards(mall, store) == 0
    assert redeem(receipt.coupons[0].code, store).discount_fen == 1_000
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
        "consent_answered", "rule_stopped",
    ]  # fmt: skip


def test_a_rule_is_not_resumed_while_a_consent_is_missing(mall, store, live, manager, owner):
    consent = live.version.consents.get()
    consents.withdraw(consent=consent, reason="Short of hands", now=NOW, by=owner)
    with pytest.raises(rules.RuleError) as error:
        rules.resume(rule=live, by=manager)
    assert error.value.problems == [("consent_missing", [consent.merchant_id])]
    consents.accept(consent=consent, now=NOW, by=owner)
    assert state(live) == RuleState.PAUSED
    rules.resume(rule=live, by=manager)
    assert awards(mall, store) == 1


def test_withdrawing_before_the_launch_makes_the_rule_wait(rule, manager, owner):
    consent = propose(rule, manager).consents.get()
    consents.accept(consent=consent, now=NOW, by=owner)
    consents.withdraw(consent=consent, reason="Changed my mind", now=NOW, by=owner)
    assert state(rule) == RuleState.WAITING
    assert problems(rules.launch, rule=rule) == [("consent_missing", [consent.merchant_id])]


def test_who_withdraws_from_what_runs_does_so_from_the_next_version_too(mall, stock, live, manager, owner):
    propose(live, manager)  # the same again, so agreed already
    live.refresh_from_db()
    assert live.proposed.consents.get().state == ConsentState.ACCEPTED
    consents.withdraw(consent=live.version.consents.get(), reason="Enough", now=NOW, by=owner)
    assert set(Consent.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert problems(rules.launch, rule=live) == [("consent_missing", [stock.merchant_id])]


def test_withdrawing_from_the_next_version_leaves_what_runs(mall, stock, live, manager, owner):
    version = propose(live, manager)
    consents.withdraw(consent=version.consents.get(), reason="Not that one", now=NOW, by=owner)
    live.refresh_from_db()
    assert (live.state, live.version.consents.get().state) == (RuleState.LIVE, ConsentState.ACCEPTED)


def test_the_mall_notes_an_answer_given_on_paper(rule, manager):
    consent = propose(rule, manager).consents.get()
    consents.note_on_paper(consent=consent, state="accepted", reason="Folder 7", now=NOW, by=manager)
    consent.refresh_from_db()
    assert (consent.state, consent.on_paper, consent.answered_by) == ("accepted", True, manager)
    assert AuditEntry.objects.filter(action="consent_noted").exists()


# --- Providers that pay ---


@pytest.fixture
def paid(mall, stock, provider, manager):
    """A draft of which the provider pays three tenths."""
    shares = ((0, 7_000), (-provider.pk, 3_000))
    return draft(mall, manager, RuleTerms(award=((stock.pk, 1),), shares=shares, limits=Limits(quantity=10)))


def suspend(provider, by, standing="suspended"):
    providers.change_standing(provider=provider, standing=standing, reason="Late", by=by)


def of_provider(version) -> Consent:
    return version.consents.get(merchant=None)


def test_a_provider_that_pays_is_asked(paid, stock, provider, manager):
    version = propose(paid, manager)
    rows = version.consents.values_list("merchant", "provider", "share_bp", "cost_fen")
    assert set(rows) == {(stock.merchant_id, None, 0, 0), (None, provider.pk, 3_000, 3_000)}
    version.consents.filter(provider=None).update(state="accepted", answered_at=NOW)
    assert problems(rules.launch, rule=paid) == [("consent_missing", [-provider.pk])]


def test_its_agreement_lets_the_rule_run_and_its_withdrawal_stops_it(mall, store, paid, manager, provider_manager):
    version = propose(paid, manager)
    answer(version, manager)
    rules.launch(rule=paid, now=NOW, by=manager)
    assert awards(mall, store) == 1
    consents.withdraw(consent=of_provider(version), reason="Enough", now=NOW, by=provider_manager)
    assert (state(paid), awards(mall, store)) == (RuleState.PAUSED, 0)
    (said,) = [
        entry for entry in AuditEntry.objects.filter(action="consent_answered")
        if entry.changes["consent"] == ["accepted", "withdrawn"]
    ]  # fmt: skip
    assert said.changes["provider"] == [None, of_provider(version).provider_id]
    sentence = audit_sentence(said.action, said.changes, names_of(mall))
    assert sentence == f"{of_provider(version).provider.name} withdrew its consent: “Enough”"


def test_what_costs_a_provider_no_more_is_agreed_already(mall, stock, provider, paid, manager):
    answer(propose(paid, manager), manager)
    shares = ((0, 8_000), (-provider.pk, 2_000))
    draft(mall, manager, RuleTerms(award=((stock.pk, 1),), shares=shares, limits=Limits(quantity=10)), paid)
    assert of_provider(propose(paid, manager)).state == ConsentState.ACCEPTED


def test_a_version_asks_a_party_once(paid, manager, stock, provider):
    version = propose(paid, manager)
    for party in (
        {"provider": provider},
        {"merchant": stock.merchant},
        {},
        {"provider": provider, "merchant": stock.merchant},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(mall=version.rule.mall, version=version, asked_at=NOW, **party)


@pytest.mark.parametrize("standing", ["suspended", "terminated"])
def test_who_may_not_pay_is_not_asked_and_agrees_to_nothing(paid, provider, manager, provider_manager, standing):
    version = propose(paid, manager)
    suspend(provider, manager, standing)
    barred = [("barred_provider", [provider.pk])]
    assert problems(consents.accept, consent=of_provider(version)) == barred
    assert problems(rules.propose, rule=paid) == barred
    consents.decline(consent=of_provider(version), reason="No money", now=NOW, by=provider_manager)
    assert of_provider(version).state == ConsentState.DECLINED


def test_a_suspension_keeps_a_rule_from_being_launched_or_resumed(paid, provider, manager):
    answer(propose(paid, manager), manager)
    suspend(provider, manager)
    assert problems(rules.launch, rule=paid) == [("barred_provider", [provider.pk])]
    suspend(provider, manager, "good")
    rules.launch(rule=paid, now=NOW, by=manager)
    rules.pause(rule=paid, by=manager)
    suspend(provider, manager)
    with pytest.raises(rules.RuleError) as error:
        rules.resume(rule=paid, by=manager)
    assert error.value.problems == [("barred_provider", [provider.pk])]


def test_a_provider_of_another_mall_pays_nothing(mall, stock, manager):
    theirs = make_provider(mall=make_mall())
    shares = ((0, 7_000), (-theirs.pk, 3_000))
    with pytest.raises(rules.RuleError) as error:
        draft(mall, manager, RuleTerms(award=((stock.pk, 1),), shares=shares))
    assert error.value.problems == [("foreign_provider", [theirs.pk])]


def test_a_suspension_stops_new_coupons_at_once_and_leaves_those_issued(mall, store, paid, provider, manager, redeem):
    answer(propose(paid, manager), manager)
    rules.launch(rule=paid, now=NOW, by=manager)
    (receipt,) = pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    suspend(provider, manager)
    assert (state(paid), awards(mall, store)) == (RuleState.LIVE, 0)
    assert redeem(receipt.coupons[0].code, store).discount_fen == 1_000
    suspend(provider, manager, "warned")
    assert awards(mall, store) == 1


# --- The next version ---


def test_what_costs_no_more_is_agreed_already(mall, stock, live, manager, owner):
    draft(mall, manager, RuleTerms(award=((stock.pk, 1),), limits=Limits(quantity=10), on_trigger_refund="keep"), live)
    later = NOW + timedelta(days=1)
    version = propose(live, manager, now=later)
    consent = version.consents.get()
    assert (consent.state, consent.asked_at, consent.answered_at) == ("accepted", later, NOW)
    rules.launch(rule=live, now=later, by=manager)
    live.refresh_from_db()
    assert live.version == version


def test_what_costs_more_is_asked_anew(mall, stock, live, manager):
    draft(mall, manager, RuleTerms(award=((stock.pk, 1),), limits=Limits(quantity=11)), live)
    assert propose(live, manager).consents.get().state == ConsentState.ASKED
    assert problems(rules.launch, rule=live) == [("consent_missing", [stock.merchant_id])]


def test_only_who_pays_more_is_asked_anew(mall, stock, manager):
    other = make_stock(mall=mall)

    def terms(share):
        shares = ((stock.merchant_id, share), (other.merchant_id, 10_000 - share))
        return RuleTerms(award=((stock.pk, 1), (other.pk, 1)), shares=shares, limits=Limits(quantity=10))

    rule = draft(mall, manager, terms(5_000))
    answer(propose(rule, manager), manager)
    rules.launch(rule=rule, now=NOW, by=manager)
    draft(mall, manager, terms(4_000), rule)
    states = dict(propose(rule, manager).consents.values_list("merchant", "state"))
    assert states == {stock.merchant_id: "accepted", other.merchant_id: "asked"}


def test_an_agreement_to_a_version_that_never_ran_counts(mall, rule, manager):
    answer(propose(rule, manager), manager)
    rules.recall(rule=rule, by=manager)
    assert propose(rule, manager).consents.get().state == ConsentState.ACCEPTED
    assert state(rule) == RuleState.APPROVED


def test_a_decline_of_more_leaves_the_agreement_to_less(mall, stock, live, manager, owner):
    draft(mall, manager, RuleTerms(award=((stock.pk, 1),), limits=Limits(quantity=99)), live)
    answer(propose(live, manager), manager, "declined")
    draft(mall, manager, RuleTerms(award=((stock.pk, 1),), limits=Limits(quantity=10)), live)
    assert propose(live, manager).consents.get().state == ConsentState.ACCEPTED


def test_after_a_withdrawal_everything_is_asked_anew(live, manager, owner):
    propose(live, manager)
    rules.launch(rule=live, now=NOW, by=manager)
    live.refresh_from_db()
    consents.withdraw(consent=live.version.consents.get(), reason="Enough", now=NOW, by=owner)
    assert propose(live, manager).consents.get().state == ConsentState.ASKED


# --- Mails ---


def test_owners_are_asked_by_mail_in_their_language(mall, store, rule, manager, owner):
    chinese = make_member(Role.MERCHANT_OWNER, merchant=store.merchant)
    chinese.language = "zh-hans"
    chinese.save()
    left = make_member(Role.MERCHANT_OWNER, merchant=store.merchant)
    left.is_active = False
    left.save()
    make_member(Role.MERCHANT_CASHIER, merchant=store.merchant)
    Membership.objects.create(user=make_user(email=""), role=Role.MERCHANT_OWNER, merchant=store.merchant)
    consent = propose(rule, manager).consents.get()
    Worker().drain()
    assert {message.to[0] for message in mail.outbox} == {owner.email, chinese.email}
    english = next(message for message in mail.outbox if message.to == [owner.email])
    assert "It costs you ¥100.00 at most." in english.body
    assert f"/merchants/{store.merchant_id}/consents/{consent.pk}/" in english.body


def test_managers_of_the_provider_are_asked_by_mail(paid, provider, manager, provider_manager):
    make_member(Role.PROVIDER_VIEWER, provider=provider)
    consent = of_provider(propose(paid, manager))
    Worker().drain()
    (message,) = [message for message in mail.outbox if message.to == [provider_manager.email]]
    assert f"with {provider.name}." in message.body and "It costs you ¥30.00 at most." in message.body
    assert f"/providers/{provider.pk}/consents/{consent.pk}/" in message.body


def test_nobody_is_asked_again_for_what_was_agreed_to(rule, manager, owner):
    consents.accept(consent=propose(rule, manager).consents.get(), now=NOW, by=owner)
    propose(rule, manager)
    Worker().drain()
    assert len(mail.outbox) == 1


def test_the_factory_makes_rules_that_everyone_agreed_to(mall, stock):
    rule = make_rule(mall=mall, stock=stock)
    assert consents.missing(rule.version) == []
