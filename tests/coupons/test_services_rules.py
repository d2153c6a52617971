from datetime import date

import pytest
from django.utils import timezone

from coupons.engine.terms import RuleTerms
from coupons.models import Rule, RuleVersion
from coupons.models.rule import RuleState
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


def publish(rule, by):
    return services.publish(rule=rule, now=timezone.now(), by=by)


def awards(mall, store) -> int:
    (receipt,) = pipeline.record_payments(mall.pk, [payment_event(store)], source="test", now=timezone.now())
    return len(receipt.coupons)


def test_a_draft_awards_nothing_until_published(mall, store, stock, draft, manager):
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
        "rule_created", "rule_published", "rule_paused", "rule_changed", "rule_published", "rule_ended",
    ]  # fmt: skip
    assert {(entry.actor, entry.mall, entry.object_id) for entry in trail} == {(manager, mall, str(draft.pk))}
    assert trail[1].changes == {"state": ["draft", "live"], "version": [None, 1]}
    assert trail[3].changes["draft"][1]["award"] == [[stock.pk, 2]]
    assert trail[4].changes == {"state": ["paused", "live"], "version": [1, 2]}


def test_saving_the_same_again_is_not_noted(mall, stock, draft, manager):
    save(mall, manager, RuleTerms(award=((stock.pk, 1),)), rule=draft)
    assert AuditEntry.objects.get().action == "rule_created"


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (RuleState.DRAFT, ["pause", "resume", "end"]),
        (RuleState.LIVE, ["resume"]),
        (RuleState.PAUSED, ["pause"]),
        (RuleState.ENDED, ["publish", "pause", "resume", "end"]),
    ],
)
def test_steps_out_of_order_change_nothing(mall, manager, state, refused):
    rule = make_rule(mall=mall, state=state)
    before = Rule.objects.values().get(pk=rule.pk)
    for step in refused:
        with pytest.raises(services.RuleError) as error:
            publish(rule, manager) if step == "publish" else getattr(services, step)(rule=rule, by=manager)
        assert error.value.problems == [("wrong_state", [state])]
    assert Rule.objects.values().get(pk=rule.pk) == before
    assert not AuditEntry.objects.exists()


def test_an_ended_rule_is_not_edited(mall, stock, manager):
    rule = make_rule(mall=mall, stock=stock, state=RuleState.ENDED)
    with pytest.raises(services.RuleError):
        save(mall, manager, RuleTerms(award=((stock.pk, 5),)), rule=rule)


def test_ids_of_another_mall_are_refused_when_saving_and_when_publishing(mall, draft, manager):
    elsewhere = make_mall()
    store, category, stock = make_store(mall=elsewhere), make_category(mall=elsewhere), make_stock(mall=elsewhere)
    terms = RuleTerms(award=((stock.pk, 1),), stores=(store.pk,), categories=(category.pk,))
    problems = [
        ("foreign_store", [store.pk]), ("foreign_category", [category.pk]), ("foreign_stock", [stock.pk]),
    ]  # fmt: skip
    with pytest.raises(services.RuleError) as error:
        save(mall, manager, terms)
    assert error.value.problems == problems
    Rule.objects.filter(pk=draft.pk).update(draft=terms.to_json())
    with pytest.raises(services.RuleError) as error:
        publish(draft, manager)
    assert error.value.problems == problems
    assert not RuleVersion.objects.exists()


def test_an_empty_draft_is_not_published(mall, manager):
    rule = Rule.objects.create(mall=mall, name_en="Empty")
    with pytest.raises(services.RuleError) as error:
        publish(rule, manager)
    assert error.value.problems == [("bad_terms", ["award"])]


def test_closed_and_expired_stocks_and_a_rule_that_is_over_are_not_published(mall, manager):
    closed = make_stock(mall=mall, closed_at=timezone.now())
    expired = make_stock(
        mall=mall, validity="fixed", valid_from_day=date(2020, 1, 1), valid_until_day=date(2020, 1, 31), valid_for=None
    )
    terms = RuleTerms(award=((closed.pk, 1), (expired.pk, 1)), ends_on=date(2020, 1, 31))
    rule = save(mall, manager, terms)
    with pytest.raises(services.RuleError) as error:
        publish(rule, manager)
    assert error.value.problems == [
        ("closed_stock", [closed.pk]), ("expired_stock", [expired.pk]), ("over", [date(2020, 1, 31)]),
    ]  # fmt: skip
