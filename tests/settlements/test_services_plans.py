"""Plans from their first wording to the provider's answer, and what is refused on the way."""

from datetime import date, timedelta

import pytest
from django.core import mail

from mallops.lib.tasks.models import TaskRun
from merchants.choices import Standing
from merchants.models import AuditEntry
from merchants.services.refusal import Refused
from merchants.tasks import mail as send_mail
from settlements.models import PlanOffer, PlanVersion
from settlements.plans import BadPlan, PlanTerms
from settlements.services import plans
from tests.factories import make_provider

from .earning import MARCH, NOON, SIMPLE

DAY = timedelta(days=1)
TODAY = date(2026, 3, 10)


@pytest.fixture
def version(mall, manager):
    return plans.create(mall=mall, name_zh="运营返佣", name_en="Operations", terms=SIMPLE, now=NOON, by=manager)


@pytest.fixture
def offered(version, provider, manager):
    return plans.offer(
        version=version, provider=provider, from_day=MARCH, until_day=date(2026, 5, 1), now=NOON, by=manager
    )


def send_mails() -> None:
    for run in TaskRun.objects.filter(path="merchants.tasks.mail").order_by("pk"):
        send_mail.func(*run.args)


def refused(service, **values) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        service(now=NOON, by=None, **values)
    return str(caught.value), caught.value.field


def actions(mall) -> list[str]:
    return list(AuditEntry.objects.filter(mall=mall).order_by("pk").values_list("action", flat=True))


def test_a_plan_has_versions_that_never_change(mall, manager, version):
    other = PlanTerms(opening_fen=1)
    second = plans.reword(plan=version.plan, terms=other, now=NOON, by=manager)
    assert [(row.number, row.terms) for row in PlanVersion.objects.order_by("number")] == [
        (1, SIMPLE.to_json() | {"tiers": [[0, 1_000]]}), (2, other.to_json() | {"tiers": []})
    ]  # fmt: skip
    assert refused(plans.reword, plan=second.plan, terms=other)[0] == "Nothing differs from the version before."
    assert actions(mall) == ["plan_written", "plan_written"]


def test_absurd_terms_make_no_plan(mall):
    with pytest.raises(BadPlan):
        plans.create(mall=mall, name_zh="", name_en="X", terms=PlanTerms(opening_fen=-1), now=NOON, by=None)
    assert not PlanVersion.objects.exists()


def test_an_offer_is_mailed_accepted_and_answered(mall, provider, provider_manager, manager, offered):
    assert (offered.state, offered.mall, offered.offered_by) == ("offered", mall, manager)
    plans.accept(offer=offered, now=NOON, by=provider_manager)
    offered.refresh_from_db()
    assert (offered.state, offered.answered_by, offered.answered_at) == ("accepted", provider_manager, NOON)
    assert actions(mall) == ["plan_written", "plan_offered", "plan_accepted"]
    send_mails()
    assert [(each.to, each.subject) for each in mail.outbox] == [
        ([provider_manager.email], "[MallOps] Galaxy offers you the rebate plan Operations"),
        ([manager.email], f"[MallOps] {provider.name} accepts the rebate plan Operations"),
    ]
    assert "From 2026-03-01 until before 2026-05-01." in mail.outbox[0].body
    assert f"/providers/{provider.pk}/plans/{offered.pk}/" in mail.outbox[0].body


def test_declined_and_withdrawn_need_a_reason_and_free_the_days(version, provider, offered):
    assert refused(plans.decline, offer=offered, reason=" ") == ("Say why.", "reason")
    assert refused(plans.withdraw, offer=offered, reason="") == ("Say why.", "reason")
    plans.decline(offer=offered, reason="Too little", now=NOON, by=None)
    offered.refresh_from_db()
    assert (offered.state, offered.reason) == ("declined", "Too little")
    again = plans.offer(version=version, provider=provider, from_day=MARCH, until_day=None, now=NOON, by=None)
    plans.withdraw(offer=again, reason="A slip", now=NOON, by=None)
    assert PlanOffer.objects.get(pk=again.pk).state == "withdrawn"


@pytest.mark.parametrize("step", [plans.withdraw, plans.accept, plans.decline])
def test_an_answer_is_given_once(offered, step):
    plans.accept(offer=offered, now=NOON, by=None)
    said, _field = refused(step, offer=offered, reason="x")
    assert said == "The offer has been answered or taken back meanwhile."


@pytest.mark.parametrize(
    ("from_day", "until_day", "free"),
    [
        (date(2026, 3, 15), None, False),
        (date(2026, 4, 30), date(2026, 6, 1), False),
        (MARCH, date(2026, 3, 2), False),
        (date(2026, 5, 1), None, True),
    ],
)
def test_overlapping_offers_are_refused(version, provider, offered, from_day, until_day, free):
    values = {"version": version, "provider": provider, "from_day": from_day, "until_day": until_day}
    if free:
        assert plans.offer(**values, now=NOON, by=None)
    else:
        said = "Operations is offered or accepted from 2026-03-01 to 2026-04-30 already."
        assert refused(plans.offer, **values) == (said, "from_day")


def test_days_before_and_behind_are_refused(version, provider):
    values = {"version": version, "provider": provider}
    early = refused(plans.offer, **values, from_day=MARCH - DAY, until_day=None)
    assert early == ("A plan begins in this month or later: the months before are reckoned.", "from_day")
    assert refused(plans.offer, **values, from_day=TODAY, until_day=TODAY)[1] == "last_day"


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.TERMINATED])
def test_a_suspended_provider_is_offered_nothing_and_accepts_nothing(version, provider, offered, standing):
    provider.standing = standing
    provider.save()
    for service, values in (
        (plans.offer, {"version": version, "provider": provider, "from_day": date(2026, 6, 1), "until_day": None}),
        (plans.accept, {"offer": offered}),
    ):
        assert refused(service, **values) == ("The service provider is not approved, or suspended.", "provider")


@pytest.mark.parametrize(("days", "until_day"), [(32, None), (5, date(2026, 3, 12))])
def test_it_can_be_too_late_to_accept(version, provider, days, until_day):
    made = plans.offer(version=version, provider=provider, from_day=TODAY, until_day=until_day, now=NOON, by=None)
    with pytest.raises(Refused, match="too late"):
        plans.accept(offer=made, now=NOON + days * DAY, by=None)


def test_an_accepted_plan_can_end_earlier_but_not_in_the_past(mall, offered):
    plans.accept(offer=offered, now=NOON, by=None)
    for until_day in (TODAY, MARCH, date(2026, 5, 2)):
        assert refused(plans.end, offer=offered, until_day=until_day, reason="x")[1] == "last_day"
    plans.end(offer=offered, until_day=TODAY + DAY, reason="A better one follows", now=NOON, by=None)
    offered.refresh_from_db()
    assert (offered.state, offered.until_day) == ("accepted", TODAY + DAY)
    assert actions(mall)[-1] == "plan_ended"


def test_offers_to_others_are_in_nobodys_way(mall, version, offered):
    other = make_provider(mall=mall)
    assert plans.offer(version=version, provider=other, from_day=MARCH, until_day=None, now=NOON, by=None)
