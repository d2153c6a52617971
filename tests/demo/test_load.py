"""Loading, loading again, taking away."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Sum
from django.test import override_settings

from analytics.models import RollupDelta, StoreDay
from coupons.models import (
    Block,
    Consent,
    Coupon,
    Decision,
    Dispute,
    GuardFlag,
    Notice,
    NoticeChannel,
    Redemption,
    Rule,
    Stock,
)
from mallops.demo import marks, people, reset
from mallops.demo.load import Request, load
from mallops.imports.models import ImportRun
from mallops.ledger_check import problems
from mallops.lib.cache import forget_compiled
from mallops.lib.tasks.models import TaskRun
from merchants.models import (
    Agreement,
    ApiCredential,
    AuditEntry,
    Category,
    Floor,
    Mall,
    Membership,
    Merchant,
    NegativeListing,
    Onboarding,
    ServiceProvider,
    StandingChange,
    Store,
)
from payments.models import EventConflict, Payment, Refund
from settlements.models import Accrual, PlanOffer, RebatePlan

SMALL = Request(datetime(2026, 10, 31, 12, tzinfo=UTC), days=10, seed=7, scale=0.15)


def load_small() -> dict[str, str]:
    return load(SMALL, say=lambda line: None)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demonstration, loaded once for this module and rolled back after it."""
    files = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), files, transaction.atomic():
        forget_compiled()
        yield load_small()
        transaction.set_rollback(True)
    forget_compiled()


@pytest.fixture
def loaded(demo, db):
    return demo


def test_books_are_clean(loaded):
    for mall in Mall.objects.all():
        assert list(problems(mall)) == []


def test_every_page_has_something_to_show(loaded):
    for mall in Mall.objects.all():
        for model in (Payment, Refund, Coupon, Redemption, Decision, EventConflict, StoreDay):
            assert model.objects.for_mall(mall).exists(), (mall.slug, model)
        assert set(Coupon.objects.for_mall(mall).values_list("state", flat=True)) >= {"issued", "redeemed", "expired"}
        assert set(Rule.objects.filter(mall=mall).values_list("state", flat=True)) == {
            "draft",
            "waiting",
            "approved",
            "live",
            "paused",
            "ended",
        }
        assert AuditEntry.objects.filter(mall=mall, action="rule_paused").exists()
        answers = Consent.objects.filter(mall=mall).values_list("state", flat=True)
        assert set(answers) == {"asked", "accepted", "declined", "withdrawn"}
        assert Agreement.objects.filter(mall=mall).exclude(until_day=None).exists()
    assert Decision.objects.filter(outcome="held_out").exists()


def test_coupons_are_redeemed_on_payments_of_their_shopper(loaded):
    redemptions = Redemption.objects.select_related("coupon", "payment")
    assert redemptions.exists()
    for redemption in redemptions:
        assert redemption.payment.shopper_id == redemption.coupon.shopper_id
        assert redemption.payment.amount_fen == redemption.order_fen - redemption.discount_fen


def test_nothing_waits_to_be_done_but_the_studies(loaded):
    assert not RollupDelta.objects.exists()
    waiting = {path.rpartition(".")[2] for path in TaskRun.objects.values_list("path", flat=True)}
    assert waiting == {"study_suggestions", "study_uplift", "study_uplift_of_mall"}


def test_the_sample_import_is_finished(loaded):
    for run in ImportRun.objects.all():
        assert (run.state, run.encoding, run.rows, run.added, run.known, run.bad) == (
            "done", "gb18030", 205, 3, 200, 2,
        )  # fmt: skip


def test_notices_went_out_and_one_channel_gave_up(loaded):
    for mall in Mall.objects.all():
        notices = Notice.objects.for_mall(mall)
        assert notices.filter(state="sent", hours_before=0, channel__sender="console").exists()
        assert notices.filter(sent_at__gt=SMALL.until).count() == 0
        dead = notices.filter(state="dead")
        assert dead.exists() and {notice.attempts for notice in dead} == {8}
        assert NoticeChannel.objects.get(mall=mall, sender="webhook").is_active is False
    assert Notice.objects.filter(state="sent", hours_before__gt=0).exists()


def test_guards_found_the_abuse_and_people_judged_it(loaded):
    found = GuardFlag.objects.values_list("mall__slug", "guard", "state").annotate(Count("id")).order_by()
    loop = ("harbour", "refund_loop", "upheld")  # may be in the control group, and get no coupons
    assert {tuple(row[:3]): row[3] for row in found} | {loop: 1} == {
        ("galaxy", "shared_device", "overruled"): 6, ("harbour", "shared_device", "overruled"): 6,
        ("galaxy", "refund_loop", "upheld"): 1, loop: 1, ("galaxy", "staff_self", "open"): 1,
        ("galaxy", "velocity", "open"): 1, ("harbour", "velocity", "open"): 1,
    }  # fmt: skip
    for mall in Mall.objects.all():
        blocks = Block.objects.for_mall(mall)
        assert blocks.filter(flag__guard="shared_device").exclude(lifted_at=None).count() == 6
        assert blocks.filter(flag=None, lifted_at=None).count() == 1


def test_what_was_taken_twice_is_settled_or_waits(loaded):
    for mall in Mall.objects.all():
        disputes = Dispute.objects.for_mall(mall).order_by("state").values_list("state", "reason")
        assert list(disputes) == [("open", "already_redeemed"), ("settled", "already_redeemed")]


def test_one_mall_keeps_a_control_group_of_all_rules(loaded):
    assert dict(Mall.objects.values_list("slug", "holdout_bp")) == {"galaxy": 0, "harbour": 600}


def test_stores_lie_on_plans_and_some_open_close_or_fall_silent(loaded):
    assert not Store.objects.filter(plan_x=None).exists() and not Store.objects.filter(latitude=None).exists()
    for mall in Mall.objects.all():
        stores = Store.objects.filter(mall=mall)
        assert stores.exclude(opened_on=None).exists() and stores.exclude(closed_on=None).exists()
        silent = stores.filter(closed_on=None).exclude(pk__in=Payment.objects.for_mall(mall).values("store"))
        assert Agreement.objects.filter(store__in=silent, until_day=None).exists()


def test_names_in_both_languages(loaded):
    for model in (Mall, Floor, Category, Merchant, Store, ServiceProvider, Stock, Rule):
        names = model.objects.values_list("name_zh", "name_en")
        assert names and all(zh and en and zh != en for zh, en in names), model


def test_a_person_for_each_role_and_all_can_sign_in(loaded, client):
    assert len(people.logins()) == 17
    assert Membership.objects.values("role").distinct().count() == 7
    assert client.login(username="galaxy.manager", password=people.PASSWORD)


def test_keys_of_all_providers(loaded):
    assert set(loaded) == set(ServiceProvider.objects.filter(state="approved").values_list("code", flat=True))
    assert all(key.startswith("mk_") for key in loaded.values())


def test_providers_have_documents_a_history_and_business(loaded):
    for mall in Mall.objects.all():
        standings = StandingChange.objects.filter(provider__mall=mall).values_list("standing", flat=True)
        assert set(standings) == {"warned", "good"}
        states = ServiceProvider.objects.filter(mall=mall).values_list("state", flat=True)
        assert set(states) >= {"approved", "applied"}
        assert not ServiceProvider.objects.filter(mall=mall, documents=None).exists()
        assert NegativeListing.objects.filter(mall=mall).count() == 2
        onboardings = Onboarding.objects.filter(mall=mall).values_list("state", flat=True)
        assert sorted(onboardings) == ["approved", "declined", "proposed", "proposed"]


def test_agreements_were_handed_over_declined_and_wait_for_an_owner_who_can_sign_in(loaded):
    for mall in Mall.objects.all():
        agreements = Agreement.objects.filter(mall=mall)
        taken_over = agreements.get(state="confirmed", replaces__isnull=False)
        assert taken_over.replaces.until_day == taken_over.from_day
        assert agreements.filter(state="declined").exclude(reason="").count() == 1
        waiting = agreements.get(state="proposed")
        assert Membership.objects.filter(merchant=waiting.store.merchant_id, role="merchant_owner").exists()


def test_keys_are_scoped_rotated_revoked_and_one_plays(loaded):
    for mall in Mall.objects.all():
        keys = ApiCredential.objects.filter(mall=mall)
        assert keys.filter(is_sandbox=True).count() == 1
        assert keys.exclude(revoked_at=None).count() == 1
        assert keys.exclude(replaces=None).get().scopes == ["payments", "refunds"]
        assert keys.exclude(last_used_at=None).filter(last_used_at__gt=SMALL.until).count() == 0


def test_a_plan_in_two_versions_gives_rebates(loaded):
    for mall in Mall.objects.all():
        plan = RebatePlan.objects.get(mall=mall)
        assert plan.versions.count() == 2
        offers = PlanOffer.objects.filter(mall=mall).values_list("state", flat=True)
        assert sorted(offers) == ["accepted", "accepted", "offered"]
    assert Accrual.objects.filter(kind="redemption").exists()


def test_second_run_adds_nothing(loaded, settings, capsys):
    settings.DEBUG = True
    before = [model.objects.count() for model in (Payment, Store, Membership, Coupon)]
    call_command("load_demo", "--print-logins")
    assert [model.objects.count() for model in (Payment, Store, Membership, Coupon)] == before
    said = capsys.readouterr().out
    assert "loaded already" in said
    assert "galaxy.cashier" in said and people.PASSWORD in said


def test_reset_takes_everything_and_the_same_seed_brings_it_back(loaded, mall_of_another):
    before = totals()
    kept = {model: model.objects.count() for model in (Mall, Store, Payment)}
    assert reset.reset() == 2
    assert not Payment.objects.exists() and not people.accounts().exists()
    assert Mall.objects.count() == kept[Mall] - 2
    assert list(Store.objects.all()) == [mall_of_another]
    forget_compiled()
    load_small()
    assert totals() == before


def test_an_interrupted_load_is_cleared_away_and_begun_anew(loaded, settings, capsys, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr("mallops.management.commands.load_demo.load", lambda request, say: {})
    marks.unmark_loaded()
    call_command("load_demo")
    assert "2 demo malls deleted." in capsys.readouterr().out
    assert not marks.demo_malls().exists()


def totals():
    """Of the payments that do not depend on coupons: the control group is drawn by ids, which never come twice."""
    rows = Payment.objects.exclude(transaction_id__regex="^(GAC|HAC|DEMO)")
    return list(
        rows.values("mall__slug", "channel").annotate(n=Count("id"), fen=Sum("amount_fen")).order_by("mall", "channel")
    )


@pytest.fixture
def mall_of_another(loaded):
    from tests.factories import make_mall, make_store

    return make_store(mall=make_mall(slug="elsewhere"))


def test_reset_knows_every_table_that_names_a_mall():
    known = {*reset.FACTS, *(model for model, _paths in reset.DIMENSIONS)}
    with_mall = {
        model
        for model in apps.get_models(include_auto_created=True)
        if any(field.name == "mall" for field in model._meta.concrete_fields)
    }
    assert with_mall <= known
