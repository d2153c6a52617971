"""The administration of every model: lists without a query per row, ledgers that cannot be touched."""

from datetime import date, timedelta
from itertools import count

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import (
    Annotation,
    CouponDay,
    FlowReport,
    MailReport,
    RollupDelta,
    SavedView,
    ShopperReport,
    StoreDay,
    StoreHour,
    StoreMonth,
)
from coupons.models import (
    Backtest,
    Block,
    Claim,
    ClaimCode,
    Consent,
    Coupon,
    CouponClosure,
    Decision,
    Dispute,
    GuardFlag,
    HandOut,
    LimitCounter,
    Notice,
    NoticeChannel,
    Redemption,
    Reversal,
    Rule,
    RuleVersion,
    Stock,
    SuggestionReport,
    UpliftReport,
)
from mallops.imports.models import ImportRun
from mallops.lib.tasks.models import PeriodicRun, TaskRun
from merchants.choices import Role
from merchants.models import (
    Agreement,
    ApiCredential,
    AuditEntry,
    Category,
    Floor,
    Invitation,
    Mall,
    Membership,
    Merchant,
    NegativeListing,
    Onboarding,
    ProviderCapability,
    ProviderDocument,
    ServiceProvider,
    StandingChange,
    Store,
    User,
)
from payments.models import (
    EventConflict,
    ParkingStay,
    Payment,
    Refund,
    Shopper,
    ShopperContact,
    ShopperDevice,
    ShopperIdentity,
    ShopperTag,
)
from settlements.models import (
    Account,
    Accrual,
    Books,
    ClosedMonth,
    CreditLine,
    Entry,
    LineMessage,
    MonthBalance,
    PlanOffer,
    PlanVersion,
    RebatePlan,
    Statement,
    StatementLine,
)
from tests import factories

pytestmark = pytest.mark.django_db

ONE_PER_MALL = {Books, ShopperReport, SuggestionReport}
EDITABLE = {Category, Floor, Mall, Membership, Merchant, ServiceProvider, Stock, Store, User}
READ_ONLY = {
    Account, Accrual, Agreement, Annotation, ApiCredential, AuditEntry, Backtest, Block, Books, Claim, ClaimCode,
    ClosedMonth, Consent, Coupon, CouponClosure, CouponDay, CreditLine, Decision, Dispute, Entry, FlowReport,
    GuardFlag, HandOut, ImportRun, Invitation, LimitCounter, LineMessage, MailReport, MonthBalance, NegativeListing,
    Notice, NoticeChannel, Onboarding, ParkingStay, Payment, PlanOffer, PlanVersion, ProviderCapability,
    ProviderDocument, RebatePlan, Redemption,
    Refund, Reversal, RollupDelta, Rule, RuleVersion, SavedView, Shopper, ShopperContact, ShopperDevice,
    ShopperIdentity, ShopperReport, ShopperTag, StandingChange, Statement, StatementLine, StoreDay, StoreHour,
    StoreMonth, SuggestionReport, UpliftReport,
}  # fmt: skip
OWN = {EventConflict, PeriodicRun, TaskRun}  # with rights of their own, see below and tests/tasks
APPS = ("merchants.", "payments.", "coupons.", "settlements.", "analytics.", "mallops.")
OURS = sorted(EDITABLE | READ_ONLY | OWN, key=lambda model: model._meta.label)

_next = count(1)
_NOW = timezone.now()
MAKERS = {
    Mall: lambda mall: factories.make_mall(),
    User: lambda mall: factories.make_user(),
    Floor: lambda mall: factories.make_floor(mall=mall),
    Category: lambda mall: factories.make_category(mall=mall, parent=factories.make_category(mall=mall)),
    Merchant: lambda mall: factories.make_merchant(mall=mall),
    Store: lambda mall: factories.make_store(mall=mall, floor=factories.make_floor(mall=mall)),
    ServiceProvider: lambda mall: factories.make_provider(mall=mall),
    Stock: lambda mall: factories.make_stock(mall=mall),
    Rule: lambda mall: factories.make_rule(mall=mall),
    RuleVersion: lambda mall: factories.make_rule(mall=mall).version,
    Account: lambda mall: mall.accounts.create(kind="cost", merchant=factories.make_merchant(mall=mall)),
    ClosedMonth: lambda mall: mall.closed_months.create(
        month=date(2000 + next(_next) % 1_000, 1, 1), entries=1, amount_fen=1, closed_at=_NOW
    ),
}
FIXED = {
    Accrual: {"kind": "opening", "redemption": None},
    LineMessage: {"of_mall": True},
    PlanOffer: {"until_day": None},
    Statement: {"provider": None, "paid_at": None},
    Membership: {"role": Role.MERCHANT_OWNER, "mall": None, "provider": None},
    Invitation: {"role": Role.PROVIDER_VIEWER, "mall": None, "merchant": None},
    Agreement: {"until_day": None},
    ApiCredential: {"expires_at": None},
    Block: {"until": None},
    Coupon: {"expires_at": _NOW + timedelta(days=7), "claim": None},
    Decision: {"claim": None},
    Consent: {"answered_at": None, "answered_by": None, "provider": None},
    Onboarding: {"decided_at": None, "store": None},
    Redemption: {"discount_fen": 0},
    SavedView: {"merchant": None, "provider": None},
}


def make(model: type[models.Model], mall: Mall) -> models.Model:
    """One row with all its foreign objects, each made anew; of the same mall."""
    if model in MAKERS:
        return MAKERS[model](mall)
    fields = [field for field in model._meta.concrete_fields if field.name != "id"]
    values = FIXED.get(model, {})
    values = values | {field.name: value_of(field, mall) for field in fields if field.name not in values}
    return model._default_manager.create(**values)


def value_of(field: models.Field, mall: Mall):
    if field.related_model is Mall:
        return mall
    if field.related_model is field.model:  # what a row replaces: nothing
        return None
    if field.related_model:
        return make(field.related_model, mall)
    if field.has_default() or field.choices:
        return field.get_default() if field.has_default() else field.choices[0][0]
    if isinstance(field, models.DateTimeField):
        return _NOW
    if isinstance(field, models.DateField):
        return _NOW.date()
    if isinstance(field, models.BinaryField):
        return b"x"
    return next(_next) if isinstance(field, models.IntegerField) else f"x{next(_next)}"


def page(model: type[models.Model], name: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.fixture
def staff(client):
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    return client


def count_queries(client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_every_model_of_ours_is_administered_and_listed_here():
    ours = {model for model in admin.site._registry if model.__module__.startswith(APPS)}
    assert ours == set(OURS)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_list_asks_the_same_number_of_queries_for_one_and_three_rows(staff, mall, model):
    make(model, mall)
    one = count_queries(staff, page(model, "changelist"))
    for _ in range(2):
        make(model, factories.make_mall() if model in ONE_PER_MALL else mall)
    assert count_queries(staff, page(model, "changelist")) == one


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_lists_search_and_rows_open(staff, mall, model):
    row = make(model, mall)
    for asked in ("7", "é' OR 1=1 --"):
        assert staff.get(page(model, "changelist"), {"q": asked}).status_code == 200
    assert staff.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", sorted(READ_ONLY, key=lambda model: model._meta.label), ids=lambda m: m._meta.label)
def test_ledgers_facts_and_traces_cannot_be_changed(staff, mall, model):
    row = make(model, mall)
    before = model._default_manager.values().get(pk=row.pk)
    assert staff.get(page(model, "add")).status_code == 403
    assert staff.post(page(model, "add"), {}).status_code == 403
    assert staff.post(page(model, "change", row.pk), {}).status_code == 403
    assert staff.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in staff.get(page(model, "changelist")).text
    assert model._default_manager.values().get(pk=row.pk) == before


@pytest.mark.parametrize("model", sorted(EDITABLE, key=lambda model: model._meta.label), ids=lambda m: m._meta.label)
def test_configuration_can_be_added(staff, model):
    assert staff.get(page(model, "add")).status_code == 200


def test_secrets_are_not_shown(staff, mall):
    credential, invitation = make(ApiCredential, mall), make(Invitation, mall)
    assert credential.secret_digest not in staff.get(page(ApiCredential, "change", credential.pk)).text
    assert invitation.token_digest not in staff.get(page(Invitation, "change", invitation.pk)).text
    coupon = make(Coupon, mall)
    Coupon.objects.update(code="SECRET23CODE")
    for shown in (page(Coupon, "changelist"), page(Coupon, "change", coupon.pk)):
        assert "SECRET23CODE" not in staff.get(shown).text


def floor_form(floor: Floor, **change) -> dict:
    values = {"mall": floor.mall_id, "code": floor.code, "name_zh": "", "name_en": floor.name_en, "level": floor.level}
    return values | change


def test_saving_moves_the_revision_and_leaves_a_trace(staff, mall):
    floor = factories.make_floor(mall=mall, level=1)
    before = Mall.objects.get().revision
    staff.post(page(Floor, "change", floor.pk), floor_form(floor, level=2))
    assert Mall.objects.get().revision == before + 1
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.mall, entry.changes) == ("changed", mall, {"level": [1, 2]})


def test_deleting_several_moves_the_revision_and_leaves_traces(staff, mall):
    floors = [factories.make_floor(mall=mall) for _ in range(2)]
    before = Mall.objects.get().revision
    chosen = {"action": "delete_selected", "_selected_action": [floor.pk for floor in floors], "post": "yes"}
    staff.post(page(Floor, "changelist"), chosen)
    assert not Floor.objects.exists()
    assert Mall.objects.get().revision == before + 2
    assert [entry.action for entry in AuditEntry.objects.all()] == ["deleted", "deleted"]


def test_a_store_of_two_malls_is_refused(staff, mall, store):
    other = factories.make_store(mall=factories.make_mall())
    form = {
        "mall": mall.pk,
        "merchant": other.merchant_id,
        "category": store.category_id,
        "code": "new",
        "name_en": "New",
    }
    answer = staff.post(page(Store, "add"), form)
    assert "Choose one of the same mall." in answer.text


def test_the_first_payment_pins_the_time_zone(staff, mall, store):
    zone = '<select name="time_zone"', '<input type="text" name="time_zone"'
    assert any(control in staff.get(page(Mall, "change", mall.pk)).text for control in zone)
    make(Payment, mall)
    assert not any(control in staff.get(page(Mall, "change", mall.pk)).text for control in zone)
    form = {"slug": mall.slug, "name_en": "Renamed", "currency": "¥", "time_zone": "Europe/Berlin",
            "radius_m": 300, "holdout_bp": 0}  # fmt: skip
    staff.post(page(Mall, "change", mall.pk), form)
    mall.refresh_from_db()
    assert (mall.name_en, mall.time_zone) == ("Renamed", "Asia/Shanghai")


def test_the_first_coupon_freezes_the_terms_of_its_stock(staff, mall):
    stock = make(Stock, mall)
    assert 'name="value_fen"' in staff.get(page(Stock, "change", stock.pk)).text
    make(Coupon, mall)
    Coupon.objects.update(stock=stock)
    frozen = staff.get(page(Stock, "change", stock.pk)).text
    assert 'name="value_fen"' not in frozen and 'name="quantity"' in frozen


def test_a_conflict_is_resolved_with_a_note_and_nothing_else(staff, mall):
    conflict = make(EventConflict, mall)
    form = {"note": "Asked the bank", "resolved_at_0": "2026-03-01", "resolved_at_1": "10:00:00", "amount_fen": "1"}
    staff.post(page(EventConflict, "change", conflict.pk), form)
    amount = conflict.amount_fen
    conflict.refresh_from_db()
    assert (conflict.note, conflict.amount_fen) == ("Asked the bank", amount)
    assert staff.get(page(EventConflict, "add")).status_code == 403


def test_keys_are_revoked_from_the_list(staff, mall):
    credential = make(ApiCredential, mall)
    ApiCredential.objects.update(revoked_at=None)
    staff.post(page(ApiCredential, "changelist"), {"action": "revoke", "_selected_action": [credential.pk]})
    assert ApiCredential.objects.get().revoked_at
    assert AuditEntry.objects.get(action="credential_revoked").mall == mall


def test_addresses_are_kept_in_lower_case(staff):
    form = {
        "username": "lin",
        "email": "Lin@Example.com",
        "password1": "correct horse 9",
        "password2": "correct horse 9",
    }
    staff.post(page(User, "add"), form | {"usable_password": "true"})
    assert User.objects.get(username="lin").email == "lin@example.com"
    second = staff.post(page(User, "add"), form | {"username": "lin2", "usable_password": "true"})
    assert second.status_code == 200 and not User.objects.filter(username="lin2").exists()


def test_staff_without_rights_see_nothing(client):
    client.force_login(factories.make_user(is_staff=True))
    for model in OURS:
        assert client.get(page(model, "changelist")).status_code == 403


def test_the_face_follows_the_language(staff):
    staff.cookies["django_language"] = "zh-hans"
    answer = staff.get(reverse("admin:index"))
    assert 'lang="zh-hans"' in answer.text and "ui/admin.css" in answer.text
