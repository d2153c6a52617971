"""Rules by API."""

import pytest

from coupons.models import Rule
from coupons.models.rule import RuleState
from tests.factories import make_mall, make_provider, make_rule, make_stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def body(mall):
    conditions = {"any": [{"fact": "visits", "op": "at_least", "value": 2, "days": 30}]}
    return {"name_en": "Tea", "draft": {"award": [[make_stock(mall=mall).pk, 1]], "conditions": conditions}}


def test_a_rule_is_drafted_and_changed(call, body):
    made = call("post", "rules", body)
    assert made.status_code == 201, made.json()
    assert (made.json()["state"], made.json()["version"]) == ("draft", None)
    assert made.json()["draft"]["conditions"] == body["draft"]["conditions"]
    pk = made.json()["id"]
    changed = call("patch", f"rules/{pk}", {"draft": body["draft"] | {"min_fen": 700}}).json()
    assert (changed["draft"]["min_fen"], changed["name_en"]) == (700, "Tea")
    assert call("get", f"rules/{pk}").json() == changed


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"award": []}, "draft.award"),
        ({"min_fen": -1}, "draft.min_fen"),
        ({"colour": "red"}, "draft.colour"),
        ({"conditions": {"fact": "moon"}}, "draft.conditions"),
        ({"conditions": {"all": [{"fact": "visits", "op": "is", "value": 1}]}}, "draft.conditions.all.0"),
        ({"conditions": {"not": {"not": {"not": {"not": {"not": {}}}}}}}, "draft.conditions.not.not.not.not.not"),
        ({"shares": [[0, 9_000]]}, "draft.shares"),
        ({"shares": [[-1, 5_000], [-1, 5_000]]}, "draft.shares"),
        ({"shares": [[-(2**63), 10_000]]}, "draft.shares"),
        ({"limits": {"per_shopper_in_days": 2}}, "draft.window_days"),
    ],
)
def test_terms_that_cannot_run_are_named(call, body, wrong, terms, field):
    response = call("post", "rules", body | {"draft": body["draft"] | terms})
    assert response.status_code == 400
    assert wrong(response) == {field}
    assert not Rule.objects.exists()


def test_stocks_of_another_mall_are_refused(call, body):
    theirs = make_stock(mall=make_mall())
    refused = call("post", "rules", body | {"draft": {"award": [[theirs.pk, 1]]}})
    assert (refused.status_code, refused.json()["code"]) == (409, "foreign_stock")


def test_a_provider_pays_a_share(call, body, mall, provider):
    shares = [[0, 7_000], [-provider.pk, 3_000]]
    rule = call("post", "rules", body | {"draft": body["draft"] | {"shares": shares}}).json()
    asked = call("post", f"rules/{rule['id']}/propose").json()["consents"]
    found = [(each["merchant"], each["provider"], each["share_bp"], each["state"]) for each in asked]
    assert (None, provider.code, 3_000, "asked") in found and len(found) == 2


@pytest.mark.parametrize(("whose", "code"), [("theirs", "foreign_provider"), ("nobody", "foreign_provider")])
def test_a_provider_that_is_not_of_the_mall_is_refused(call, body, whose, code):
    pk = make_provider(mall=make_mall()).pk if whose == "theirs" else 999_999
    refused = call("post", "rules", body | {"draft": body["draft"] | {"shares": [[-pk, 10_000]]}})
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert refused.json()["errors"] == [{"field": code, "message": str(pk)}]


def test_a_suspended_provider_is_refused_when_it_is_to_be_asked(call, body, mall):
    pk = make_provider(mall=mall, standing="suspended").pk
    rule = call("post", "rules", body | {"draft": body["draft"] | {"shares": [[-pk, 10_000]]}}).json()
    refused = call("post", f"rules/{rule['id']}/propose")
    assert (refused.status_code, refused.json()["code"]) == (409, "barred_provider")


def test_steps(call, mall):
    rule = make_rule(mall=mall)
    assert call("post", f"rules/{rule.pk}/pause").json()["state"] == RuleState.PAUSED
    assert call("post", f"rules/{rule.pk}/end").json()["state"] == RuleState.ENDED
    refused = call("post", f"rules/{rule.pk}/resume")
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert call("post", f"rules/{rule.pk}/delete").status_code == 404


def test_proposing_asks_the_merchant(call, body, mall):
    pk = call("post", "rules", body).json()["id"]
    proposed = call("post", f"rules/{pk}/propose")
    assert proposed.status_code == 200, proposed.json()
    assert proposed.json()["state"] == RuleState.WAITING
    (consent,) = proposed.json()["consents"]
    assert consent["state"] == "asked"
    refused = call("post", f"rules/{pk}/launch")
    assert refused.status_code == 409


def test_out_of_scope_is_unknown_and_providers_stay_outside(call, mall, provider_key):
    theirs, ours = make_rule(mall=make_mall()), make_rule(mall=mall)
    assert call("get", f"rules/{theirs.pk}").status_code == 404
    assert call("post", f"rules/{theirs.pk}/pause").status_code == 404
    assert call("get", "rules", key=provider_key).status_code == 403
    assert [row["id"] for row in call("get", "rules").json()["results"]] == [ours.pk]


def test_the_list_costs_the_same_for_any_number(call, mall, django_assert_max_num_queries):
    make_rule(mall=mall)
    with django_assert_max_num_queries(9):
        call("get", "rules")
    make_rule(mall=mall), make_rule(mall=mall)
    with django_assert_max_num_queries(9):
        call("get", "rules")
