"""Boosts: a rule ranks higher on the days of the boost, and nothing else about it changes."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.engine.checks import Check
from coupons.engine.decide import REFUSED, MemoryState, decide
from coupons.engine.rulebook import KEPT, CompiledRule, Raise
from coupons.engine.terms import RuleTerms

from . import strategies as make
from .test_decide import decided, meets

quick = settings(max_examples=40, deadline=None)
DAY = timedelta(days=1)
raises = st.lists(
    st.builds(
        lambda rule, weight, start, days: Raise(rule, weight, start, start + days * DAY),
        st.integers(1, 6), st.integers(1, 3), make.days, st.integers(1, 3),
    ),
    max_size=6,
)  # fmt: skip


def compiled(rule_id: int, priority: int = 0, group: str = "") -> CompiledRule:
    return CompiledRule(rule_id, 1, RuleTerms(award=((1, 1),), priority=priority, group=group), (), 0)


def order(book, day: date) -> list[int]:
    return [rule.rule_id for rule in book.candidates(1, 11, day)]


@quick
@given(make.rules(), make.events, raises)
def test_rules_decide_in_the_ranking_of_the_day(rules, events, raises):
    def rank(rule, day):
        mine = [each for each in raises if each.rule_id == rule.rule_id and each.from_day <= day < each.until_day]
        return -rule.terms.priority - sum(each.weight for each in mine), -rule.cost_fen, rule.rule_id

    book = make.rulebook(rules, raises=raises)
    expected = [
        (event.payment_id, rule.rule_id)
        for event in events
        for rule in sorted(rules, key=lambda rule: rank(rule, event.day))
        if meets(rule, event)
    ]
    found = decide(book, events, MemoryState(), make.knowledge())
    assert [(each.event.payment_id, each.rule.rule_id) for each in found] == expected


@quick
@given(make.rules(), make.mixed(), raises)
def test_without_traces_the_same_is_decided(rules, events, raises):
    book = make.rulebook(rules, raises=raises)
    outcomes = []
    for traced in (True, False):
        decisions = decide(book, events, MemoryState(), make.knowledge(), traced=traced)
        outcomes.append([(d.event, d.rule, d.outcome, d.claims) for d in decisions if d.outcome != REFUSED])
    assert outcomes[0] == outcomes[1]


@quick
@given(make.rules(), make.events)
def test_boosts_of_other_days_and_of_rules_that_do_not_run_change_nothing(rules, events):
    idle = [Raise(1, 5, date(2025, 1, 1), date(2025, 1, 2)), Raise(999, 5, make.FIRST_DAY, date(2027, 1, 1))]
    book = make.rulebook(rules, raises=idle)
    found = decide(book, events, MemoryState(), make.knowledge())
    assert [(d.event.payment_id, d.rule.rule_id, d.outcome, d.reason, d.trace, d.claims) for d in found] == decided(
        rules, events
    )


def test_a_boost_holds_from_its_first_day_until_before_its_end_and_boosts_add_up():
    first = make.FIRST_DAY
    book = make.rulebook(
        [compiled(1, priority=3), compiled(2)],
        raises=[Raise(2, 2, first, first + 2 * DAY), Raise(2, 2, first + DAY, first + 3 * DAY)],
    )
    assert [order(book, first + n * DAY) for n in range(-1, 4)] == [[1, 2], [1, 2], [2, 1], [1, 2], [1, 2]]
    assert [rule.rule_id for rule in book.candidates(1, 11)] == [1, 2]
    assert [dict(book.raised(first + n * DAY)) for n in range(4)] == [{2: 2}, {2: 4}, {2: 2}, {}]


def test_of_a_group_the_boosted_awards_and_the_trace_says_so():
    day = make.FIRST_DAY
    rules = [compiled(1, 1, "g"), compiled(2, 0, "g")]
    book = make.rulebook(rules, raises=[Raise(2, 2, day, day + DAY)])
    event = make.event(1, 1, 1, 5_000, day, 600)
    won, lost = decide(book, [event], MemoryState(), make.knowledge())
    assert (won.rule.rule_id, won.outcome, lost.reason) == (2, "awarded", "group")
    assert Check("boost", True, 2, None) in won.trace
    assert all(check.name != "boost" for check in lost.trace)


def test_what_is_kept_stays_bounded():
    book = make.rulebook([compiled(1)], raises=[Raise(1, 1, date(2000, 1, 1), date(2100, 1, 1))])
    for n in range(KEPT + 5):
        book.candidates(1, 11, date(2000, 1, 1) + n * DAY)
    assert len(book._merged) <= KEPT
