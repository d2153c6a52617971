from datetime import date

import pytest

from coupons.engine.conditions import Group, Leaf
from coupons.engine.terms import Limits, RuleTerms
from coupons.forms.fields import tree
from coupons.forms.rules import RuleForm
from coupons.starting_points import Start
from merchants.models import Category
from tests.factories import make_application, make_category, make_mall, make_provider, make_stock, make_store

from .test_forms_stock import query

pytestmark = pytest.mark.django_db


@pytest.fixture
def stock(mall):
    return make_stock(mall=mall)


@pytest.fixture
def data(stock):
    return {
        "name_en": "Tea", "stock_1": stock.pk, "count_1": "1", "on_trigger_refund": "keep", "on_use_refund": "return",
    }  # fmt: skip


def test_every_field_becomes_a_term(mall, store, stock, data):
    second = make_stock(mall=mall)
    form = RuleForm(
        query(data | {
            "stores": [store.pk], "categories": [store.category_id], "min_fen": "60.50", "max_fen": "200",
            "starts_on": "2026-11-01", "ends_on": "2026-11-30", "weekdays": ["7", "6"],
            "hours": "17:00-24:00，11:00–14:00",
            "stock_3": second.pk, "count_3": "2", "quantity": "600", "budget_fen": "10000", "quantity_per_day": "70",
            "budget_per_day_fen": "500", "per_shopper": "3", "per_shopper_per_day": "1", "priority": "-5",
            "group": " meal ", "holdout_bp": "12.5", "on_trigger_refund": "revoke", "on_use_refund": "forfeit",
            "per_shopper_in_days": "2", "window_days": "30", "quantity_per_store": "50",
            "share_0": "30", f"share_{second.merchant_id}": "70", "node": ["c", "c-0"], "c-kind": "any",
            "c-0-fact": "visits", "c-0-op": "at_least", "c-0-value": "3", "c-0-days": "30",
        }), mall=mall,
    )  # fmt: skip
    assert form.is_valid(), form.errors
    assert form.terms == RuleTerms(
        award=((stock.pk, 1), (second.pk, 2)), stores=(store.pk,), categories=(store.category_id,), min_fen=6_050,
        max_fen=20_000, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), weekdays=(6, 7),
        hours=((660, 840), (1020, 1440)), limits=Limits(600, 1_000_000, 70, 50_000, 3, 1, 2, 30, 50), group="meal",
        priority=-5, shares=((0, 3_000), (second.merchant_id, 7_000)),
        conditions=Group("any", (Leaf("visits", "at_least", 3, days=30),)),
        holdout_bp=1_250, on_trigger_refund="revoke", on_use_refund="forfeit",
    )  # fmt: skip


def test_what_is_shown_again_is_what_was_entered(mall, stock):
    terms = RuleTerms(
        award=((stock.pk, 2),), min_fen=6_050, weekdays=(6,), hours=((660, 840),), holdout_bp=1_250,
        shares=((0, 2_500), (stock.merchant_id, 7_500)),
        limits=Limits(quantity=5, budget_fen=70_00),
    )  # fmt: skip
    form = RuleForm(mall=mall, start=Start("茶", "Tea", terms))
    posted = {}
    for bound in form:
        value = bound.value()
        if value not in (None, "", []):
            posted[bound.html_name] = [str(v) for v in value] if isinstance(value, list | tuple) else str(value)
    assert posted["hours"] == "11:00-14:00"
    again = RuleForm(query(posted), mall=mall)
    assert again.is_valid(), again.errors
    assert (again.terms, form.drafted) == (terms, terms)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name_en": ""}, "name_zh"),
        ({"name_en": "x" * 121}, "name_en"),
        ({"stock_1": ""}, "stock_1"),
        ({"stock_1": "999999"}, "stock_1"),
        ({"count_1": "0"}, "count_1"),
        ({"count_1": "21"}, "count_1"),
        ({"stores": ["999999"]}, "stores"),
        ({"categories": ["x"]}, "categories"),
        ({"min_fen": "1.234"}, "min_fen"),
        ({"min_fen": "-1"}, "min_fen"),
        ({"min_fen": "9" * 14}, "min_fen"),
        ({"min_fen": "100", "max_fen": "99.99"}, "max_fen"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "ends_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"weekdays": ["8"]}, "weekdays"),
        ({"hours": "noon"}, "hours"),
        ({"hours": "14:00-11:00"}, "hours"),
        ({"hours": "11:00-11:00"}, "hours"),
        ({"hours": "11:00-24:01"}, "hours"),
        ({"hours": "11:60-12:00"}, "hours"),
        ({"hours": "11:00-14:00, 13:59-15:00"}, "hours"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity_per_day": "1.5"}, "quantity_per_day"),
        ({"budget_fen": "0"}, "budget_fen"),
        ({"budget_per_day_fen": "free"}, "budget_per_day_fen"),
        ({"per_shopper": "-1"}, "per_shopper"),
        ({"per_shopper_per_day": "x"}, "per_shopper_per_day"),
        ({"priority": "10001"}, "priority"),
        ({"group": "x" * 41}, "group"),
        ({"holdout_bp": "90.01"}, "holdout_bp"),
        ({"holdout_bp": "half"}, "holdout_bp"),
        ({"on_trigger_refund": ""}, "on_trigger_refund"),
        ({"on_use_refund": "burn"}, "on_use_refund"),
        ({"trigger": "dice"}, "trigger"),
        ({"trigger": "nearby", "radius_m": "9"}, "radius_m"),
        ({"per_shopper_in_days": "1"}, "window_days"),
        ({"window_days": "7"}, "window_days"),
        ({"per_shopper_in_days": "1", "window_days": "367"}, "window_days"),
        ({"quantity_per_store": "0"}, "quantity_per_store"),
        ({"share_0": "99.99"}, "share_0"),
        ({"share_0": "101"}, "share_0"),
        ({"node": ["c", "c-0"], "c-0-fact": "mood"}, "__all__"),
    ],
    ids=str,
)
def test_each_error_is_beside_its_field(mall, data, changes, field):
    form = RuleForm(query(data | changes), mall=mall)
    assert list(form.errors) == [field]
    assert form.terms is None


def test_a_stock_is_chosen_once(mall, stock, data):
    form = RuleForm(query(data | {"stock_2": stock.pk}), mall=mall)
    assert list(form.errors) == ["stock_2"]


def test_a_closed_stock_is_offered_only_where_the_draft_has_it(mall, stock, data):
    from django.utils import timezone

    stock.closed_at = timezone.now()
    stock.save()
    assert list(RuleForm(query(data), mall=mall).errors) == ["stock_1"]
    drafted = Start(terms=RuleTerms(award=((stock.pk, 1),)))
    assert RuleForm(query(data), mall=mall, start=drafted).is_valid()


def test_stocks_and_stores_of_another_mall_are_refused(mall, data):
    elsewhere = make_mall()
    for field, value in (("stock_1", make_stock(mall=elsewhere).pk), ("stores", make_store(mall=elsewhere).pk)):
        assert list(RuleForm(query(data | {field: value}), mall=mall).errors) == [field]


def test_categories_stand_below_their_parents(mall):
    dining = make_category(mall=mall, position=2)
    retail = make_category(mall=mall, position=1)
    hotpot = make_category(mall=mall, parent=dining, position=0)
    assert list(tree(Category.objects.filter(mall=mall))) == [(retail, 0), (dining, 0), (hotpot, 1)]


def test_what_the_trigger_does_not_have_is_left_out(mall, data):
    typed = {"min_fen": "60", "max_fen": "90", "radius_m": "200"}
    shown = {}
    for trigger in ("payment", "qr", "nearby", "hand_out"):
        form = RuleForm(query(data | typed | {"trigger": trigger}), mall=mall)
        assert form.is_valid(), form.errors
        shown[trigger] = (form.terms.min_fen, form.terms.max_fen, form.terms.radius_m)
    assert shown == {
        "payment": (6_000, 9_000, None), "qr": (0, None, None), "nearby": (0, None, 200), "hand_out": (0, None, None),
    }  # fmt: skip


def test_shares_are_offered_to_the_merchants_concerned(mall, store, stock, data):
    elsewhere = make_stock(mall=make_mall())
    payers = RuleForm(query(data | {"stores": [store.pk, "x"], "stock_2": elsewhere.pk}), mall=mall).payers
    assert payers == [0, stock.merchant_id, store.merchant_id]
    kept = Start(terms=RuleTerms(shares=((0, 5_000), (store.merchant_id, 5_000))))
    assert RuleForm(mall=mall, start=kept).payers == [0, store.merchant_id]


def provider_row(provider, share: str = "40", row: int = 1) -> dict:
    return {f"provider_{row}": str(getattr(provider, "pk", provider)), f"provider_share_{row}": share}


def test_a_provider_pays_a_share(mall, stock, data):
    provider = make_provider(mall=mall, standing="warned")
    form = RuleForm(query(data | {"share_0": "60"} | provider_row(provider)), mall=mall)
    assert form.is_valid(), form.errors
    assert form.terms.shares == ((0, 6_000), (-provider.pk, 4_000))
    assert filled(RuleForm(mall=mall, start=Start(terms=form.terms))) == [(provider.pk, "40")]


def filled(form) -> list[tuple]:
    return [(who.value(), share.value()) for who, share in form.provider_rows() if who.value()]


def test_a_draft_of_many_providers_keeps_them(mall, stock):
    shares = tuple((-make_provider(mall=mall).pk, 2_000) for _ in range(5))
    form = RuleForm(mall=mall, start=Start(terms=RuleTerms(award=((stock.pk, 1),), shares=shares)))
    assert len(filled(form)) == 5 and form.has_providers()


def test_without_providers_none_is_asked_for(mall, data):
    make_application(mall=mall)
    make_provider(mall=make_mall())
    assert list(RuleForm(query(data), mall=mall).provider_rows()) == []


@pytest.mark.parametrize("standing", ["suspended", "terminated"])
def test_who_may_not_pay_cannot_be_chosen_and_it_says_why(mall, stock, data, standing):
    make_provider(mall=mall)
    barred = make_provider(mall=mall, name_en="Pearl", standing=standing)
    form = RuleForm(query(data | {"share_0": "60"} | provider_row(barred)), mall=mall)
    assert form.errors == {"provider_1": [f"Pearl may not pay now (standing: {standing.capitalize()})."]}
    fresh = str(RuleForm(mall=mall)["provider_1"])
    assert f'<option value="{barred.pk}" disabled>Pearl ({standing.capitalize()})</option>' in fresh
    drafted = Start(terms=RuleTerms(award=((stock.pk, 1),), shares=((-barred.pk, 10_000),)))
    assert f'<option value="{barred.pk}" selected>' in str(RuleForm(mall=mall, start=drafted)["provider_1"])


def test_each_error_of_a_provider_is_beside_its_row(mall, data):
    provider = make_provider(mall=mall)
    theirs, applicant = make_provider(mall=make_mall()), make_application(mall=mall)
    unknown = "Select a valid choice. {} is not one of the available choices."
    for rows, errors in (
        (provider_row(provider, "100") | provider_row(provider, "1", 2),
         {"provider_2": ["This service provider is chosen already."]}),
        (provider_row(provider, ""), {"provider_1": ["Say which share it pays."]}),
        (provider_row("", "100"), {"provider_1": ["Choose who pays this share."]}),
        (provider_row(provider, "99"), {"share_0": ["The shares must add up to 100 %."]}),
        (provider_row(provider, "101"), {"provider_share_1": ["Enter 0 to 100 percent."], "provider_1": None}),
        (provider_row(theirs, "100"), {"provider_1": [unknown.format(theirs.pk)]}),
        (provider_row(applicant, "100"), {"provider_1": [unknown.format(applicant.pk)]}),
        (provider_row("x", "100"), {"provider_1": [unknown.format("x")]}),
        (provider_row(-1, "100"), {"provider_1": [unknown.format(-1)]}),
    ):  # fmt: skip
        found = RuleForm(query(data | rows), mall=mall).errors
        assert {name: found.get(name) for name in errors} == errors, rows


def test_as_much_as_can_be_read_is_drafted(mall, store, data):
    form = RuleForm(query(data | {"stores": [store.pk], "hours": "noon", "stock_1": ""}), mall=mall, strict=False)
    assert not form.is_valid()
    assert form.drafted == RuleTerms(stores=(store.pk,), on_trigger_refund="keep")


def test_a_button_changes_the_tree_and_nothing_else(mall, data):
    form = RuleForm(query(data | {"min_fen": "60"}), mall=mall, do="leaf:c")
    assert [leaf.path for leaf in form.tree.leaves] == ["c-0"]
    assert (form.is_valid(), form.drafted.min_fen, form.drafted.conditions) == (False, 6_000, None)


def test_the_form_takes_the_same_queries_whatever_its_tree(mall, data, django_assert_num_queries):
    def leaves(number):
        paths = [f"c-{place}" for place in range(number)]
        filled = {f"{path}-{name}": value for path in paths for name, value in (("fact", "store"), ("value", ["1"]))}
        return data | {"node": ["c", *paths], **filled}

    for number in (1, 3):
        with django_assert_num_queries(5):
            RuleForm(query(leaves(number)), mall=mall).is_valid()
