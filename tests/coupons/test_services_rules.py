from datetime import date

import pytest
from django.utils import timezone

from coupons.engine import conditions
from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Rule, RuleVersion
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.services import consents
from coupons.services import rules as services
from mallops import pipeline
from merchants.models import AuditEntry
from tests.factories import make_category, make_mall, make_rule, make_stock, make_store, payment_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(mall):
    return make_stock(mall=mall)


@pytest.fixture
def draft(mall, stock, manager):
    return save(mall, manager, RuleTerms(award=((stock.pk, 1),)))


def save(mall, by, terms, rule=None):
    return services.save_draft(mall=mall, rule=rule, name_zh="", name_en="Tea", terms=terms, by=by)


def propose(rule, by):
    return services.propose(rule=rule, now=timezone.now(), by=by)


def launch(rule, by):
    return services.launch(rule=rule, now=timezone.now(), by=by)


def publish(rule, by):
    """Propose, have the merchants agree, launch."""
    version = propose(rule, by)
    for consent in version.consents.exclude(state=ConsentState.ACCEPTED):
        consents.accept(consent=consent, now=timezone.now(), by=by)
    return launch(rule, by)


def problems(step, *args):
    with pytest.raises(services.RuleError) as error:
        step(*args)
    return error.value.problems


def awards(mall, store) -> int:
    (receipt,) = pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    return len(receipt.coupons)


def test_a_draft_awards_nothing_until_launched(mall, store, stock, draft, manager):
    assert (draft.state, draft.created_by, awards(mall, store)) == (RuleState.DRAFT, manager, 0)
    version = publish(draft, manager)
    draft.refresh_from_db()
    assert (version.number, draft.version, draft.state) == (1, version, RuleState.LIVE)
    assert (list(version.stocks.all()), version.published_by, awards(mall, store)) == ([stock], manager, 1)


def test_a_change_runs_only_as_another_version_and_the_first_stays(mall, store, stock, draft, manager):
    first = publish(draft, manager)
    frozen = RuleVersion.objects.values().get(pk=first.pk)
    save(mall, manager, RuleTerms(award=((stock.pk, 3),)), rule=draft)
    assert awards(mall, store) == 1
    second = publish(draft, manager)
    assert (second.number, awards(mall, store)) == (2, 3)
    assert RuleVersion.objects.values().get(pk=first.pk) == frozen


def test_pause_resume_end(mall, store, draft, manager):
    publish(draft, manager)
    services.pause(rule=draft, by=manager)
    assert awards(mall, store) == 0
    services.resume(rule=draft, by=manager)
    assert awards(mall, store) == 1
    services.end(rule=draft, by=manager)
    assert awards(mall, store) == 0


def test_every_step_is_in_the_audit_trail(mall, stock, draft, manager):
    publish(draft, manager)
    services.pause(rule=draft, by=manager)
    save(mall, manager, RuleTerms(award=((stock.pk, 2),)), rule=draft)
    publish(draft, manager)
    services.end(rule=draft, by=manager)
    trail = AuditEntry.objects.order_by("pk")
    assert [entry.action for entry in trail] == [
        "rule_created", "rule_proposed", "consent_answered", "rule_approved", "rule_launched", "rule_paused",
        "rule_changed", "rule_proposed", "consent_answered", "rule_launched", "rule_ended",
    ]  # fmt: skip
    assert {(entry.actor, entry.mall, entry.object_id) for entry in trail} == {(manager, mall, str(draft.pk))}
    assert trail[1].changes == {"state": ["draft", "waiting"], "proposed": [None, 1]}
    assert trail[4].changes == {"state": ["approved", "live"], "version": [None, 1], "proposed": [1, None]}
    assert trail[6].changes["draft"][1]["award"] == [[stock.pk, 2]]
    assert trail[9].changes == {"state": ["paused", "live"], "version": [1, 2], "proposed": [2, None]}


def test_saving_the_same_again_is_not_noted(mall, stock, draft, manager):
    save(mall, manager, RuleTerms(award=((stock.pk, 1),)), rule=draft)
    assert AuditEntry.objects.get().action == "rule_created"


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (RuleState.DRAFT, ["recall", "launch", "pause", "resume", "end"]),
        (RuleState.WAITING, ["pause", "resume"]),
        (RuleState.APPROVED, ["pause", "resume"]),
        (RuleState.LIVE, ["resume"]),
        (RuleState.PAUSED, ["pause"]),
        (RuleState.ENDED, ["propose", "recall", "launch", "pause", "resume", "end"]),
    ],
)
def test_steps_out_of_order_change_nothing(mall, manager, state, refused):
    rule = make_rule(mall=mall, state=state)
    before = Rule.objects.values().get(pk=rule.pk)
    for step in refused:
        timed = {"now": timezone.now()} if step in ("propose", "launch") else {}
        with pytest.raises(services.RuleError) as error:
            getattr(services, step)(rule=rule, by=manager, **timed)
        assert error.value.problems == [("wrong_state", [state])]
    assert Rule.objects.values().get(pk=rule.pk) == before
    assert not AuditEntry.objects.exists()


def test_an_ended_rule_is_not_edited(mall, stock, manager):
    rule = make_rule(mall=mall, stock=stock, state=RuleState.ENDED)
    with pytest.raises(services.RuleError):
        save(mall, manager, RuleTerms(award=((stock.pk, 5),)), rule=rule)


def test_ids_of_another_mall_are_refused_when_saving_and_when_proposing(mall, draft, manager):
    elsewhere = make_mall()
    store, category, stock = make_store(mall=elsewhere), make_category(mall=elsewhere), make_stock(mall=elsewhere)
    terms = RuleTerms(
        award=((stock.pk, 1),), stores=(store.pk,), categories=(category.pk,), shares=((stock.merchant_id, 10_000),)
    )  # fmt: skip
    expected = [
        ("foreign_store", [store.pk]), ("foreign_category", [category.pk]), ("foreign_stock", [stock.pk]),
        ("foreign_merchant", [stock.merchant_id]),
    ]  # fmt: skip
    assert problems(save, mall, manager, terms) == expected
    Rule.objects.filter(pk=draft.pk).update(draft=terms.to_json())
    assert problems(propose, draft, manager) == expected
    assert not RuleVersion.objects.exists()


def test_ids_in_conditions_are_of_the_mall_too(mall, stock, manager):
    elsewhere = make_mall()
    store, category, foreign = make_store(mall=elsewhere), make_category(mall=elsewhere), make_stock(mall=elsewhere)
    tree = conditions.from_json(
        {
            "any": [
                {"fact": "visits", "op": "at_least", "value": 1, "stores": [store.pk], "categories": [category.pk]},
                {"not": {"fact": "holds_stock", "op": "in", "value": [stock.pk, foreign.pk]}},
                {"fact": "category", "op": "in", "value": [category.pk + 1_000]},
            ]
        }
    )
    terms = RuleTerms(award=((stock.pk, 1),), conditions=tree)
    assert problems(save, mall, manager, terms) == [
        ("foreign_store", [store.pk]), ("foreign_category", [category.pk, category.pk + 1_000]),
        ("foreign_stock", [foreign.pk]),
    ]  # fmt: skip


def test_an_empty_draft_is_not_proposed(mall, manager):
    rule = Rule.objects.create(mall=mall, name_en="Empty")
    with pytest.raises(services.RuleError) as error:
        propose(rule, manager)
    assert error.value.problems == [("bad_terms", ["award"])]


def test_closed_and_expired_stocks_and_a_rule_that_is_over_are_not_proposed(mall, manager):
    closed = make_stock(mall=mall, closed_at=timezone.now())
    expired = make_stock(
        mall=mall, validity="fixed", valid_from_day=date(2020, 1, 1), valid_until_day=date(2020, 1, 31), valid_for=None
    )
    terms = RuleTerms(award=((closed.pk, 1), (expired.pk, 1)), ends_on=date(2020, 1, 31))
    rule = save(mall, manager, terms)
    with pytest.raises(services.RuleError) as error:
        propose(rule, manager)
    assert error.value.problems == [
        ("closed_stock", [closed.pk]), ("expired_stock", [expired.pk]), ("over", [date(2020, 1, 31)]),
    ]  # fmt: skip


def test_a_proposal_waits_while_the_live_rule_goes_on(mall, store, stock, draft, manager):
    first = publish(draft, manager)
    save(mall, manager, RuleTerms(award=((stock.pk, 3),)), rule=draft)
    second = propose(draft, manager)
    draft.refresh_from_db()
    assert (draft.state, draft.version, draft.proposed) == (RuleState.LIVE, first, second)
    assert awards(mall, store) == 1
    assert problems(launch, draft, manager) == [("consent_missing", [stock.merchant_id])]
    assert awards(mall, store) == 1


def test_proposing_again_replaces_the_proposal(draft, manager):
    first, second = propose(draft, manager), propose(draft, manager)
    draft.refresh_from_db()
    assert (first.number, second.number, draft.proposed, draft.state) == (1, 2, second, RuleState.WAITING)
    assert problems(
        lambda: consents.accept(consent=first.consents.get(), now=timezone.now(), by=manager)
    ) == [("consent_moved", [])]  # fmt: skip


def test_a_proposal_is_taken_back(mall, stock, draft, manager):
    propose(draft, manager)
    services.recall(rule=draft, by=manager)
    draft.refresh_from_db()
    assert (draft.state, draft.proposed, draft.version) == (RuleState.DRAFT, None, None)
    publish(draft, manager)
    assert problems(lambda: services.recall(rule=draft, by=manager)) == [("not_proposed", [])]
    save(mall, manager, RuleTerms(award=((stock.pk, 2),)), rule=draft)
    propose(draft, manager)
    services.recall(rule=draft, by=manager)
    draft.refresh_from_db()
    assert (draft.state, draft.proposed, draft.version.number) == (RuleState.LIVE, None, 2)


def test_publish_launches_only_where_nobody_has_to_be_asked(mall, stock, draft, manager):
    problem = ("consent_missing", [stock.merchant_id])
    assert problems(lambda: services.publish(rule=draft, now=timezone.now(), by=manager)) == [problem]
    draft.refresh_from_db()
    assert (draft.state, draft.proposed, RuleVersion.objects.count()) == (RuleState.DRAFT, None, 0)
    publish(draft, manager)
    assert services.publish(rule=draft, now=timezone.now(), by=manager).number == 2


def test_a_launch_looks_again_at_what_is_closed_meanwhile(stock, draft, manager):
    consents.accept(consent=propose(draft, manager).consents.get(), now=timezone.now(), by=manager)
    stock.closed_at = timezone.now()
    stock.save()
    assert problems(launch, draft, manager) == [("closed_stock", [stock.pk])]


def test_a_live_rule_only_widens(mall, store, stock, manager):
    wide = RuleTerms(award=((stock.pk, 2),), limits=Limits(quantity=10), holdout_bp=500)
    rule = save(mall, manager, wide)
    publish(rule, manager)
    narrow = RuleTerms(award=((stock.pk, 1),), limits=Limits(quantity=5), stores=(store.pk,), min_fen=1, holdout_bp=500)
    save(mall, manager, narrow, rule=rule)
    assert problems(propose, rule, manager) == [("narrows", ["award", "min_fen", "quantity", "stores"])]
    services.pause(rule=rule, by=manager)
    assert propose(rule, manager).number == 2


def test_what_was_proposed_while_paused_may_not_narrow_once_resumed(mall, store, stock, draft, manager):
    publish(draft, manager)
    services.pause(rule=draft, by=manager)
    save(mall, manager, RuleTerms(award=((stock.pk, 1),), stores=(store.pk,)), rule=draft)
    propose(draft, manager)
    services.resume(rule=draft, by=manager)
    assert problems(launch, draft, manager) == [("narrows", ["stores"])]
    services.pause(rule=draft, by=manager)
    assert launch(draft, manager).number == 2
    draft.refresh_from_db()
    assert draft.state == RuleState.LIVE


def test_the_control_group_stays_once_launched(mall, stock, draft, manager):
    save(mall, manager, RuleTerms(award=((stock.pk, 1),), holdout_bp=1_000), rule=draft)
    propose(draft, manager)
    save(mall, manager, RuleTerms(award=((stock.pk, 1),), holdout_bp=500), rule=draft)
    publish(draft, manager)
    services.pause(rule=draft, by=manager)
    save(mall, manager, RuleTerms(award=((stock.pk, 1),), holdout_bp=1_000), rule=draft)
    assert problems(propose, draft, manager) == [("holdout_fixed", ["holdout_bp"])]


def test_launching_notes_when(draft, manager):
    version = publish(draft, manager)
    version.refresh_from_db()
    assert version.launched_at >= version.published_at
