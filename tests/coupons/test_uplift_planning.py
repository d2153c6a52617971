"""What a control group could show, from the newest backtest."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coupons.engine.conditions import Leaf
from coupons.engine.terms import RuleTerms
from coupons.models import Backtest, Rule
from coupons.uplift import smallest_effect
from coupons.uplift.planning import Outlook, expect, outlook

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TERMS = RuleTerms(award=((1, 1),), stores=(5,), min_fen=6_000, holdout_bp=1_000)


def tried(mall, terms=TERMS, *, state="done", minutes: int = 0, rule=None, **result) -> Backtest:
    found = {
        "tried": True, "shoppers": 2_700, "shoppers_held_out": 300, "days_known": 90,
        "natural": {"observed": 400, "came": 100, "bp": 2_500}, **result,
    }  # fmt: skip
    return Backtest.objects.create(
        mall=mall, rule=rule, terms=terms.to_json(), first_day=date(2026, 8, 1), last_day=date(2026, 10, 29),
        state=state, result=found, asked_at=NOW, finished_at=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def test_outlook_for_a_month(mall):
    tried(mall)
    found = outlook(mall, TERMS)
    assert found == Outlook(1_000, 0.25, smallest_effect(900, 100, 0.25), None)
    assert found.smallest == pytest.approx(0.1389, abs=1e-4)


def test_a_backtest_with_another_control_group_or_limit_will_do(mall):
    tried(mall)
    assert outlook(mall, RuleTerms(award=((1, 1),), stores=(5,), min_fen=6_000)) == Outlook(1_000, 0.25, None, None)


@pytest.mark.parametrize(
    "other",
    [
        {"stores": (6,)}, {"min_fen": 5_000}, {"award": ((2, 1),)}, {"categories": (5,)},
        {"conditions": Leaf("weekday", "in", (1,))}, {"min_fen": 0, "trigger": "hand_out"},
    ],
)  # fmt: skip
def test_a_backtest_of_other_terms_says_nothing(mall, other):
    tried(mall)
    terms = {"award": ((1, 1),), "stores": (5,), "min_fen": 6_000} | other
    assert outlook(mall, RuleTerms(**terms)) is None


def test_the_newest_counts_and_only_what_is_done(mall, stranger):
    tried(mall, minutes=1, shoppers=5_700)
    tried(mall)
    tried(mall, minutes=2, state="failed", shoppers=0)
    tried(mall, minutes=2, tried=False)
    tried(stranger.memberships.get().mall, minutes=3, shoppers=0)
    assert outlook(mall, TERMS).shoppers == 2_000


def test_a_changed_rule_is_expected_to_meet_as_many_as_before(mall):
    rule = Rule.objects.create(mall=mall, name_en="Tea")
    tried(mall, rule=rule)
    assert outlook(mall, RuleTerms(stores=(6,), holdout_bp=500), rule).shoppers == 1_000
    assert outlook(mall, RuleTerms(stores=(6,), holdout_bp=500)) is None


def test_without_any_window_over_there_is_no_base_rate(mall):
    assert outlook(mall, TERMS) is None
    tried(mall, natural={"observed": 0, "came": 0, "bp": None})
    assert outlook(mall, TERMS) is None


def test_the_control_group_needed():
    found = expect(20_000, 0.25, 500)
    assert found.smallest == smallest_effect(19_000, 1_000, 0.25)
    assert found.needed_bp == 400
    assert expect(0, 0.25, 500) == Outlook(0, 0.25, None, None)
