"""Agreements: who proposes, who answers, what is refused, and what the provider sees of it."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from mallops.lib import dates
from mallops.lib.tasks.worker import Worker
from merchants.choices import AgreementState, Capability, ProviderState, Role, Standing
from merchants.models import Agreement, AuditEntry, Store
from merchants.queries import agreements as queries
from merchants.queries import directory
from merchants.services import agreements as services
from merchants.services.agreement_checks import BACKDATED
from merchants.services.refusal import Refused
from merchants.views.agreement_parts import agreement_state
from tests import factories

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = dates.today("Asia/Shanghai", NOW)
DAY = timedelta(days=1)
SOON = TODAY + 10 * DAY


@pytest.fixture(autouse=True)
def _no_day_begins_meanwhile(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def page(name: str, *args) -> str:
    return reverse(f"merchants:{name}", args=args)


@pytest.fixture
def helper(mall):
    """A provider that is granted operations and acquiring and serves nothing."""
    provider = factories.make_provider(mall=mall)
    factories.make_capability(provider=provider)
    factories.make_capability(provider=provider, capability=Capability.ACQUIRING)
    return provider


@pytest.fixture
def propose(helper, other_store, manager):
    def make(**change) -> Agreement:
        terms = {"provider": helper, "store": other_store, "capability": Capability.OPERATIONS, "from_day": SOON}
        return services.propose(**{**terms, "until_day": None, "now": NOW, "by": manager, **change})

    return make


@pytest.fixture
def boss(other_store):
    return factories.make_member(Role.MERCHANT_OWNER, merchant=other_store.merchant)


def confirm(agreement: Agreement, by, now=NOW) -> Agreement:
    services.confirm(agreement=agreement, now=now, by=by)
    agreement.refresh_from_db()
    return agreement


# --- Proposing ---


def test_a_proposal_waits_for_the_merchant(propose, helper, manager):
    made = propose(until_day=SOON + DAY)
    assert (made.state, made.proposed_at, made.proposed_by) == (AgreementState.PROPOSED, NOW, manager)
    assert made.last_day == SOON and not made.by_provider
    entry = AuditEntry.objects.get()
    assert entry.action == "agreement_proposed"
    assert entry.changes["until_day"] == [None, str(SOON + DAY)]
    assert entry.changes["provider"] == [None, str(helper.pk)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"until_day": SOON}, "last_day"),
        ({"until_day": SOON - DAY}, "last_day"),
        ({"from_day": TODAY - BACKDATED - DAY}, "from_day"),
        ({"from_day": date(2000, 1, 1)}, "from_day"),
        ({"capability": Capability.SAAS}, "capability"),
    ],
)
def test_bad_terms_are_refused(propose, change, field):
    with pytest.raises(Refused) as refused:
        propose(**change)
    assert refused.value.field == field
    assert not Agreement.objects.exists()


def test_an_agreement_may_begin_a_month_back(propose):
    assert propose(from_day=TODAY - BACKDATED).from_day == TODAY - BACKDATED


@pytest.mark.parametrize(
    "change",
    [
        {"standing": Standing.SUSPENDED}, {"standing": Standing.TERMINATED},
        {"state": ProviderState.APPLIED}, {"state": ProviderState.DECLINED},
    ],
)  # fmt: skip
def test_an_inactive_provider_gets_no_agreement(propose, helper, change):
    for name, value in change.items():
        setattr(helper, name, value)
    helper.save()
    with pytest.raises(Refused, match="not active"):
        propose()


def test_a_capability_taken_back_is_not_granted(propose, helper):
    helper.capabilities.update(revoked_at=NOW)
    with pytest.raises(Refused, match="granted"):
        propose()


def test_a_closed_store_and_one_of_another_mall_are_refused(propose, other_store):
    Store.objects.filter(pk=other_store.pk).update(closed_on=SOON)
    other_store.refresh_from_db()
    with pytest.raises(Refused, match="closed since"):
        propose()
    assert propose(from_day=TODAY, until_day=SOON).from_day == TODAY
    with pytest.raises(Refused, match="provider's mall"):
        propose(store=factories.make_store(mall=factories.make_mall()))


@pytest.mark.parametrize(
    ("first", "last", "is_free"),
    [(-5, None, False), (-5, 0, True), (-5, 1, False), (9, 20, False), (10, None, True), (3, 4, False)],
)
def test_an_exclusive_capability_is_one_providers_at_a_time(propose, mall, first, last, is_free):
    propose(until_day=SOON + 10 * DAY)
    rival = factories.make_provider(mall=mall)
    factories.make_capability(provider=rival)
    days = {"from_day": SOON + first * DAY, "until_day": None if last is None else SOON + last * DAY}
    if is_free:
        assert propose(provider=rival, **days)
    else:
        with pytest.raises(Refused, match="One service provider at a time"):
            propose(provider=rival, **days)


@pytest.mark.parametrize("state", [AgreementState.DECLINED, AgreementState.WITHDRAWN])
def test_what_was_declined_or_taken_back_holds_no_day(propose, state):
    Agreement.objects.filter(pk=propose().pk).update(state=state)
    assert propose()


def test_other_capabilities_are_shared_but_not_doubled(propose, mall):
    propose(capability=Capability.ACQUIRING)
    rival = factories.make_provider(mall=mall)
    factories.make_capability(provider=rival, capability=Capability.ACQUIRING)
    assert propose(provider=rival, capability=Capability.ACQUIRING)
    with pytest.raises(Refused, match="such an agreement"):
        propose(capability=Capability.ACQUIRING, from_day=SOON + DAY)


def test_a_provider_is_not_told_who_else_serves_the_store(propose, mall, provider_manager):
    propose()
    rival = factories.make_provider(mall=mall)
    factories.make_capability(provider=rival)
    with pytest.raises(Refused, match="Another service provider does this") as refused:
        propose(provider=rival, by_provider=True, by=provider_manager)
    assert "Provider" not in str(refused.value)


# --- Answering ---


def test_the_owner_confirms(propose, boss):
    agreement = confirm(propose(), boss)
    assert (agreement.state, agreement.answered_at, agreement.answered_by) == ("confirmed", NOW, boss)
    assert AuditEntry.objects.order_by("pk").last().changes["state"] == ["proposed", "confirmed"]
    with pytest.raises(Refused, match="changed meanwhile"):
        services.decline(agreement=agreement, reason="Late", now=NOW, by=boss)


def test_a_decline_needs_a_reason(propose, boss):
    agreement = propose()
    with pytest.raises(Refused) as refused:
        services.decline(agreement=agreement, reason=" ", now=NOW, by=boss)
    assert refused.value.field == "reason"
    services.decline(agreement=agreement, reason="Too dear", now=NOW, by=boss)
    agreement.refresh_from_db()
    assert (agreement.state, agreement.reason, agreement.on_paper) == (AgreementState.DECLINED, "Too dear", False)


def test_what_is_sound_no_more_is_not_confirmed(propose, helper, boss):
    agreement = propose()
    helper.standing = Standing.SUSPENDED
    helper.save()
    with pytest.raises(Refused, match="not active"):
        services.confirm(agreement=agreement, now=NOW, by=boss)
    helper.standing = Standing.GOOD
    helper.save()
    with pytest.raises(Refused, match="at the earliest"):
        services.confirm(agreement=agreement, now=NOW + 60 * DAY, by=boss)


def test_confirming_looks_for_overlaps_again(propose, helper, other_store, boss):
    agreement = propose()
    factories.make_agreement(provider=factories.make_provider(mall=helper.mall), store=other_store, from_day=TODAY)
    with pytest.raises(Refused, match="One service provider at a time"):
        services.confirm(agreement=agreement, now=NOW, by=boss)


# --- Handing over, ending, taking back ---


@pytest.fixture
def running(provider, store):
    """Operations at `store`, since 2020 without end."""
    return provider.agreements.get()


def hand_over(old, provider, manager, **change) -> Agreement:
    terms = {"store": old.store, "capability": old.capability, "from_day": SOON, "until_day": None, "replaces": old}
    return services.propose(provider=provider, now=NOW, by=manager, **{**terms, **change})


def test_a_hand_over_leaves_neither_gap_nor_overlap(running, helper, manager, owner):
    new = hand_over(running, helper, manager)
    running.refresh_from_db()
    assert running.until_day is None
    confirm(new, owner)
    running.refresh_from_db()
    assert (running.until_day, new.from_day) == (SOON, SOON)
    served = directory.current(helper.mall_id)
    before, after = SOON - DAY, SOON
    assert [bool(served.served_by(running.provider_id, day)) for day in (before, after)] == [True, False]
    assert [bool(served.served_by(helper.pk, day)) for day in (before, after)] == [False, True]


def test_a_declined_hand_over_changes_nothing(running, helper, manager, owner):
    services.decline(agreement=hand_over(running, helper, manager), reason="No", now=NOW, by=owner)
    running.refresh_from_db()
    assert running.until_day is None


def test_a_hand_over_keeps_an_earlier_end(running, helper, manager, owner):
    new = hand_over(running, helper, manager)
    Agreement.objects.filter(pk=running.pk).update(until_day=SOON - DAY)
    with pytest.raises(Refused, match="ended by then"):
        services.confirm(agreement=new, now=NOW, by=owner)
    Agreement.objects.filter(pk=running.pk).update(until_day=SOON)
    confirm(new, owner)
    running.refresh_from_db()
    assert running.until_day == SOON


@pytest.mark.parametrize("from_day", [TODAY, TODAY - DAY])
def test_a_day_that_has_begun_is_not_handed_over(running, helper, manager, from_day):
    with pytest.raises(Refused, match="tomorrow at the earliest"):
        hand_over(running, helper, manager, from_day=from_day)


def test_a_hand_over_that_lay_too_long_is_proposed_anew(running, helper, manager, owner):
    new = hand_over(running, helper, manager)
    with pytest.raises(Refused, match="tomorrow at the earliest"):
        services.confirm(agreement=new, now=NOW + 10 * DAY, by=owner)


def test_odd_hand_overs_are_refused(running, helper, manager, other_store, propose):
    factories.make_capability(provider=running.provider)
    with pytest.raises(Refused, match="has the store already"):
        hand_over(running, running.provider, manager)
    with pytest.raises(Refused, match="another store or capability"):
        hand_over(running, helper, manager, store=other_store)
    with pytest.raises(Refused, match="another store or capability"):
        hand_over(running, helper, manager, capability=Capability.ACQUIRING)
    third = factories.make_provider(mall=helper.mall)
    factories.make_capability(provider=third)
    hand_over(running, helper, manager)
    with pytest.raises(Refused, match="One service provider at a time"):
        hand_over(running, third, manager, from_day=SOON + DAY)
    with pytest.raises(Refused, match="ended by then"):
        hand_over(propose(), third, manager, store=other_store)


def test_an_agreement_ends_with_notice(running, manager):
    services.end(agreement=running, until_day=SOON, reason="Poor", now=NOW, by=manager)
    running.refresh_from_db()
    assert (running.until_day, running.reason) == (SOON, "Poor")
    assert AuditEntry.objects.get().changes["until_day"] == [None, str(SOON)]
    services.end(agreement=running, until_day=TODAY + DAY, now=NOW, by=manager)
    with pytest.raises(Refused, match="longer time is a new agreement"):
        services.end(agreement=running, until_day=SOON, now=NOW, by=manager)
    with pytest.raises(Refused, match="ended already"):
        services.end(agreement=running, until_day=SOON, now=NOW + DAY, by=manager)


@pytest.mark.parametrize("until", [TODAY, TODAY - DAY, date(2019, 1, 1)])
def test_no_day_that_has_begun_is_taken_away(running, manager, until):
    with pytest.raises(Refused) as refused:
        services.end(agreement=running, until_day=until, now=NOW, by=manager)
    assert refused.value.field == "last_day"


def test_taking_back(propose, boss, manager, running):
    agreement = propose()
    services.withdraw(agreement=agreement, now=NOW, by=manager)
    with pytest.raises(Refused, match="changed meanwhile"):
        services.confirm(agreement=agreement, now=NOW, by=boss)
    services.withdraw(agreement=confirm(propose(), boss), now=NOW, by=manager)
    assert set(Agreement.objects.exclude(pk=running.pk).values_list("state", flat=True)) == {"withdrawn"}
    with pytest.raises(Refused, match="has begun"):
        services.withdraw(agreement=running, now=NOW, by=manager)


def test_a_confirmed_hand_over_is_not_called_off(running, helper, manager, owner):
    new = confirm(hand_over(running, helper, manager), owner)
    with pytest.raises(Refused, match="Hand the store over anew"):
        services.withdraw(agreement=new, now=NOW, by=manager)


# --- What follows ---


@pytest.mark.parametrize(
    ("state", "first", "until", "is_seen"),
    [
        ("proposed", -5, None, False), ("declined", -5, None, False), ("withdrawn", -5, None, False),
        ("confirmed", -5, None, True), ("confirmed", 0, 1, True), ("confirmed", -5, 0, False),
        ("confirmed", 1, None, False),
    ],
)  # fmt: skip
def test_a_provider_sees_a_store_only_within_a_confirmed_agreement(mall, other_store, state, first, until, is_seen):
    provider = factories.make_provider(mall=mall)
    days = {"from_day": TODAY + first * DAY, "until_day": None if until is None else TODAY + until * DAY}
    factories.make_agreement(provider=provider, store=other_store, state=state, **days)
    reader = factories.make_member(Role.PROVIDER_VIEWER, provider=provider)
    assert Store.objects.visible_to(reader).exists() == is_seen
    assert bool(directory.current(mall.pk).served_by(provider.pk, TODAY)) == is_seen


def test_states_and_their_conditions_agree(mall, provider, store):
    Agreement.objects.all().delete()
    rows = [
        ("proposed", -1, None), ("declined", -1, None), ("withdrawn", 1, 2), ("confirmed", 1, None),
        ("confirmed", 0, None), ("confirmed", -2, 1), ("confirmed", -3, 0),
    ]  # fmt: skip
    for state, first, until in rows:
        days = {"from_day": TODAY + first * DAY, "until_day": None if until is None else TODAY + until * DAY}
        factories.make_agreement(provider=provider, store=store, state=state, **days)
    told = [queries.state_of(row, TODAY) for row in Agreement.objects.order_by("pk")]
    assert told == ["proposed", "declined", "withdrawn", "upcoming", "running", "running", "ended"]
    for state in set(told):
        found = Agreement.objects.filter(queries.in_state(state, TODAY))
        assert found.count() == told.count(state)
        assert {queries.state_of(row, TODAY) for row in found} == {state}
        assert agreement_state(found[0], TODAY)[1] in {"good", "info", "warn", "bad", "off"}


def test_each_party_is_mailed(propose, boss, helper, manager):
    other_side = factories.make_member(Role.PROVIDER_MANAGER, provider=helper)
    factories.make_member(Role.PROVIDER_VIEWER, provider=helper)

    def told() -> set[tuple[str, str]]:
        Worker().drain()
        found = {(message.to[0], message.subject.split("] ")[1]) for message in mail.outbox}
        mail.outbox.clear()
        return found

    agreement = propose()
    subject = f"{helper.name} is to serve {agreement.store.name}: {agreement.store.merchant.name} is asked to agree"
    assert told() == {(boss.email, subject), (other_side.email, subject)}
    confirm(agreement, boss)
    subject = f"{agreement.store.merchant.name} agreed: {helper.name} serves {agreement.store.name}"
    assert told() == {(manager.email, subject), (other_side.email, subject)}
    services.end(agreement=agreement, until_day=SOON + DAY, now=NOW, by=manager)
    subject = f"The agreement of {helper.name} about {agreement.store.name} ends"
    assert told() == {(boss.email, subject), (other_side.email, subject)}


# --- Pages ---


def terms(place: Store, **change) -> dict:
    return {
        "stores": [place.pk], "capability": "operations", "from_day": str(SOON), "last_day": str(SOON + 5 * DAY)
    } | change  # fmt: skip


def test_the_mall_proposes_on_its_page(client, mall, helper, other_store, manager):
    client.force_login(manager)
    url = page("agreement_add", mall.slug, helper.pk)
    assert client.get(url).status_code == 200
    answer = client.post(url, terms(other_store))
    assert answer["Location"] == page("provider_detail", mall.slug, helper.pk)
    made = Agreement.objects.get()
    assert (made.store, made.from_day, made.until_day) == (other_store, SOON, SOON + 6 * DAY)


@pytest.mark.parametrize(
    "change",
    [
        {"stores": []}, {"stores": ["999999"]}, {"stores": ["x"]}, {"capability": "magic"}, {"capability": "saas"},
        {"from_day": ""}, {"from_day": "2026-02-30"}, {"from_day": "0001-01-01"}, {"from_day": "2020-01-01"},
        {"last_day": "9999-12-31"}, {"last_day": str(SOON - DAY)}, {"last_day": ""}, {"is_open": "on"},
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_told_at_its_field(client, mall, helper, other_store, manager, change):
    client.force_login(manager)
    answer = client.post(page("agreement_add", mall.slug, helper.pk), terms(other_store, **change))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) <= {*change, "last_day"}
    assert not Agreement.objects.exists()


def test_several_stores_at_once_or_none(client, mall, helper, store, other_store, manager):
    client.force_login(manager)
    url, both = page("agreement_add", mall.slug, helper.pk), [store.pk, other_store.pk]
    taken = factories.make_agreement(provider=factories.make_provider(mall=mall), store=other_store)
    answer = client.post(url, terms(store, stores=both))
    (said,) = answer.context["form"].non_field_errors()
    assert said.startswith(f"{other_store.name}: One service provider at a time")
    assert not helper.agreements.exists()
    taken.delete()
    assert client.post(url, terms(store, stores=both)).status_code == 302
    assert set(helper.agreements.values_list("store", flat=True)) == set(both)


def test_an_agreement_without_end_is_meant(client, mall, helper, other_store, manager):
    client.force_login(manager)
    client.post(page("agreement_add", mall.slug, helper.pk), terms(other_store, last_day="", is_open="on"))
    assert Agreement.objects.get().until_day is None


def test_the_owner_answers_on_its_page(client, propose, boss):
    agreement = propose()
    merchant = agreement.store.merchant_id
    client.force_login(boss)
    assert "Agree" in client.get(page("merchant_agreement", merchant, agreement.pk)).text
    url = page("merchant_agreement_answer", merchant, agreement.pk)
    assert client.post(url, {"answer": "decline"}).status_code == 422
    assert client.post(url, {"answer": "maybe"}).status_code == 422
    assert client.post(url, {"answer": "confirm"}).status_code == 302
    assert client.post(url, {"answer": "confirm"}).status_code == 422
    agreement.refresh_from_db()
    assert (agreement.state, agreement.on_paper) == (AgreementState.CONFIRMED, False)


def test_what_waits_is_counted_beside_the_page(client, propose, boss):
    propose()
    client.force_login(boss)
    items = [
        item
        for group in client.get(page("merchant_agreements", boss.memberships.get().merchant_id)).context["nav"]
        for item in group["items"]
    ]
    assert {item["label"]: item["badge"] for item in items}["Agreements"] == 1


def test_the_mall_notes_an_answer_on_paper(client, mall, propose, manager):
    agreement = propose()
    client.force_login(manager)
    url = page("agreement_answer", mall.slug, agreement.pk)
    assert client.post(url, {"answer": "confirm", "reason": ""}).status_code == 422
    client.post(url, {"answer": "confirm", "reason": "Contract 7"})
    agreement.refresh_from_db()
    assert (agreement.state, agreement.on_paper, agreement.reason) == ("confirmed", True, "Contract 7")


def test_the_mall_hands_over_and_ends(client, mall, running, helper, manager):
    client.force_login(manager)
    url = page("agreement_hand_over", mall.slug, running.pk)
    assert list(client.get(url).context["form"].fields["provider"].queryset) == [helper]
    data = {"provider": helper.pk, "from_day": str(TODAY), "is_open": "on"}
    assert client.post(url, data).context["form"].errors.keys() == {"from_day"}
    assert client.post(url, data | {"from_day": str(SOON)}).status_code == 302
    assert Agreement.objects.get(provider=helper).replaces == running
    assert helper.name in client.get(page("agreement_detail", mall.slug, running.pk)).text
    url = page("agreement_end", mall.slug, running.pk)
    assert client.get(url).context["form"].initial == {"last_day": TODAY}
    assert client.post(url, {"last_day": str(TODAY - DAY), "reason": "Over"}).status_code == 422
    assert client.post(url, {"last_day": str(TODAY), "reason": ""}).status_code == 422
    assert client.post(url, {"last_day": str(TODAY), "reason": "Over"}).status_code == 302
    running.refresh_from_db()
    assert running.until_day == TODAY + DAY


@pytest.mark.parametrize(
    ("side", "told"),
    [("mall", {"owner", "provider"}), ("merchant", {"mall", "provider"}), ("provider", {"mall", "owner"})],
)
def test_each_party_ends_it_and_the_others_are_told(
    client, mall, running, manager, owner, provider_manager, side, told, django_capture_on_commit_callbacks
):
    who, url = {
        "mall": (manager, page("agreement_end", mall.slug, running.pk)),
        "merchant": (owner, page("merchant_agreement_end", running.store.merchant_id, running.pk)),
        "provider": (provider_manager, page("provider_agreement_end", running.provider_id, running.pk)),
    }[side]
    client.force_login(who)
    assert client.post(url, {"last_day": str(TODAY - DAY), "reason": "Over"}).status_code == 422
    assert client.post(url, {"last_day": str(SOON), "reason": " "}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url, {"last_day": str(SOON), "reason": "Over"})["Location"] == url.removesuffix("end/")
    running.refresh_from_db()
    assert (running.last_day, running.reason) == (SOON, "Over")
    assert AuditEntry.objects.get(action="agreement_ended").actor == who
    Worker().drain()
    addresses = {manager.email: "mall", owner.email: "owner", provider_manager.email: "provider"}
    assert {addresses[to] for letter in mail.outbox for to in letter.to} == told


def test_what_is_over_offers_no_end(client, running, owner, provider_manager):
    for who, url in (
        (owner, page("merchant_agreement", running.store.merchant_id, running.pk)),
        (provider_manager, page("provider_agreement", running.provider_id, running.pk)),
    ):
        client.force_login(who)
        Agreement.objects.update(until_day=None)
        assert f"{url}end/" in client.get(url).text
        Agreement.objects.update(until_day=TODAY)
        assert f"{url}end/" not in client.get(url).text


def test_a_provider_proposes_for_stores_it_serves(client, provider, store, other_store, provider_manager):
    factories.make_capability(provider=provider, capability=Capability.SAAS)
    client.force_login(provider_manager)
    url = page("agreement_propose", provider.pk)
    assert client.post(url, terms(other_store, capability="saas")).status_code == 422
    assert client.post(url, terms(store, capability="saas")).status_code == 302
    made = Agreement.objects.get(capability="saas")
    assert (made.by_provider, made.state) == (True, AgreementState.PROPOSED)
    assert client.get(page("provider_agreement", provider.pk, made.pk)).status_code == 200
    client.post(page("provider_agreement_withdraw", provider.pk, made.pk))
    made.refresh_from_db()
    assert made.state == AgreementState.WITHDRAWN


def test_a_provider_does_not_take_back_what_the_mall_proposed(client, provider, other_store, manager):
    factories.make_capability(provider=provider)
    made = services.propose(
        provider=provider, store=other_store, capability="operations", from_day=SOON, until_day=None, now=NOW,
        by=manager,
    )  # fmt: skip
    client.force_login(factories.make_member(Role.PROVIDER_MANAGER, provider=provider))
    assert client.post(page("provider_agreement_withdraw", provider.pk, made.pk)).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3), ("?search=hotpot", 2), ("?search=nothing", 0), ("?state=proposed", 1), ("?state=running", 1),
        ("?state=ended", 1), ("?capability=saas", 1), ("?state=nonsense", 3),
    ],
)  # fmt: skip
def test_the_list_is_filtered(client, mall, store, provider, propose, manager, query, found):
    propose()
    factories.make_agreement(provider=provider, store=store, capability=Capability.SAAS, until_day=TODAY)
    client.force_login(manager)
    answer = client.get(page("agreement_list", mall.slug) + query)
    assert len(answer.context["table"].page.object_list) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("?search=tea", 1),
        ("?capability=saas", 1),
        ("?state=running", 1),
        ("?state=proposed", 1),
        ("?state=x", 2),
    ],
)
def test_a_provider_finds_its_own_agreements(client, mall, helper, query, found):
    tea = factories.make_store(mall=mall, name_en="Tea room")
    factories.make_agreement(provider=helper, store=tea, capability=Capability.SAAS)
    waiting = {"capability": Capability.EXPANSION, "state": AgreementState.PROPOSED}
    factories.make_agreement(provider=helper, store=factories.make_store(mall=mall), **waiting)
    factories.make_agreement(provider=factories.make_provider(mall=mall), store=tea, capability=Capability.OPERATIONS)
    client.force_login(factories.make_member(Role.PROVIDER_VIEWER, provider=helper))
    answer = client.get(page("provider_agreements", helper.pk) + query)
    assert len(answer.context["table"].page.object_list) == found


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_number_of_queries(client, mall, helper, store, rows, django_assert_num_queries, manager):
    for capability in list(Capability.values)[:rows]:
        factories.make_agreement(provider=helper, store=store, capability=capability)
    client.force_login(manager)
    with django_assert_num_queries(9):
        client.get(page("agreement_list", mall.slug))
    with django_assert_num_queries(8):
        client.get(page("merchant_agreements", store.merchant_id))
    with django_assert_num_queries(8):
        client.get(page("provider_agreements", helper.pk))
