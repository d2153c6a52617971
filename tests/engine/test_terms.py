"""Terms to JSON and back; whatever else is found there is refused, and nothing breaks."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.engine.terms import CODES, BadTerms, RuleTerms

from . import strategies as make

GOOD = RuleTerms(award=((1, 2),), stores=(3,), hours=((600, 720),)).to_json()
FIELDS = sorted(GOOD)
LIMITS = sorted(GOOD["limits"])

quick = settings(max_examples=100, deadline=None)
numbers = st.integers() | st.integers(-2, 10_001) | st.just(10**400) | st.floats() | st.booleans()
names = st.text(max_size=4) | st.sampled_from(LIMITS)
junk = st.recursive(
    st.none() | numbers | st.text(max_size=5) | st.sampled_from(["2026-02-30", "1", "keep", "quantity"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def errors_of(data) -> dict[str, list[str]]:
    """What is wrong with the data, by field; nothing if it can be run. Fails on any exception but BadTerms."""
    try:
        terms = RuleTerms.from_json(data)
    except BadTerms as error:
        assert error.errors and {code for codes in error.errors.values() for code in codes} <= set(CODES)
        return error.errors
    assert RuleTerms.from_json(json.loads(json.dumps(terms.to_json()))) == terms
    return {}


@quick
@given(make.terms([1, 2, 3]))
def test_round_trip_through_json(terms):
    assert RuleTerms.from_json(json.loads(json.dumps(terms.to_json()))) == terms


@quick
@given(junk)
def test_anything_but_terms_is_refused(data):
    assert errors_of(data)


@quick
@given(st.dictionaries(st.sampled_from(FIELDS), junk))
def test_junk_in_fields_is_refused_or_can_be_run(fields):
    assert set(errors_of(GOOD | fields)) <= {*fields, *LIMITS}


@quick
@given(st.dictionaries(names, junk, min_size=1))
def test_junk_in_limits_is_refused_or_can_be_run(limits):
    assert set(errors_of(GOOD | {"limits": limits})) <= {"limits", *LIMITS}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("award", []),
        ("award", [[1, 0]]),
        ("award", [[1, 21]]),
        ("award", [[1]]),
        ("award", [[1, True]]),
        ("award", [["1", 1]]),
        ("award", [[0, 1]]),
        ("award", [[2**63, 1]]),
        ("award", {"1": 1}),
        ("award", None),
        ("stores", "12"),
        ("stores", [1.5]),
        ("stores", [-1]),
        ("categories", [None]),
        ("min_fen", -1),
        ("min_fen", float("nan")),
        ("min_fen", True),
        ("min_fen", None),
        ("max_fen", "100"),
        ("max_fen", float("inf")),
        ("max_fen", 10**14),
        ("starts_on", "2026-02-29"),
        ("starts_on", 20260201),
        ("ends_on", "tomorrow"),
        ("weekdays", [0]),
        ("weekdays", [8]),
        ("weekdays", 5),
        ("hours", [[600, 600]]),
        ("hours", [[0, 1441]]),
        ("hours", [[600, 700, 800]]),
        ("group", ["a"]),
        ("group", "x" * 41),
        ("group", None),
        ("priority", 10_001),
        ("priority", 1.0),
        ("holdout_bp", 9_001),
        ("holdout_bp", -1),
        ("on_trigger_refund", "burn"),
        ("on_trigger_refund", []),
        ("on_use_refund", None),
        ("limits", {"per_store": 1}),
        ("limits", [["quantity", 1]]),
        ("limits", ""),
        ("limits", {"quantity": "1"}),
        ("unheard", 1),
    ],
)
def test_bad_value_is_blamed_on_its_field(field, value):
    assert list(errors_of(GOOD | {field: value})) == [field]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("value", [0, -1, 10**14])
def test_bad_limit_is_blamed_on_its_name(limit, value):
    limits = {"per_shopper_in_days": 1, "window_days": 7, limit: value}
    assert errors_of(GOOD | {"limits": limits}) == {limit: ["not_whole"]}


@pytest.mark.parametrize("limits", [{"window_days": 7}, {"per_shopper_in_days": 1}])
def test_a_limit_of_several_days_says_how_many(limits):
    assert errors_of(GOOD | {"limits": limits}) == {"window_days": ["together"]}


def test_window_is_a_year_at_most():
    assert errors_of(GOOD | {"limits": {"per_shopper_in_days": 1, "window_days": 366}}) == {}
    assert errors_of(GOOD | {"limits": {"per_shopper_in_days": 1, "window_days": 367}}) == {
        "window_days": ["not_whole"]
    }


def test_range_the_wrong_way_round():
    assert errors_of(GOOD | {"min_fen": 2, "max_fen": 1}) == {"max_fen": ["order"]}
    assert errors_of(GOOD | {"starts_on": "2026-03-02", "ends_on": "2026-03-01"}) == {"ends_on": ["order"]}


def test_all_that_is_wrong_is_told_at_once():
    assert set(errors_of({"award": 1, "stores": 2, "mystery": 3})) == {"award", "stores", "mystery"}
    wrong = {"award": [], "weekdays": [9], "holdout_bp": 10_000}
    assert set(errors_of(GOOD | wrong)) == set(wrong)


def test_what_is_left_out_has_its_default():
    assert RuleTerms.from_json({"award": [[1, 1]]}) == RuleTerms(award=((1, 1),))
