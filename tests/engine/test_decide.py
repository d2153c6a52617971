"""The engine against a naive reading of the rules, for any rules and any payments."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.engine import conditions
from coupons.engine.control import is_held_out, is_held_out_of_all
from coupons.engine.decide import (
    AWARDED,
    HELD_OUT,
    REFUSED,
    Check,
    Decision,
    MemoryState,
    decide,
)
from coupons.engine.event import Event
from coupons.engine.limits import window
from coupons.engine.rulebook import CompiledRule
from coupons.engine.terms import Limits, RuleTerms

from . import strategies as make

quick = settings(max_examples=40, deadline=None)
COUNTED = {name for name in Limits.__slots__ if name.startswith(("quantity", "per_shopper"))}


def decided(rules, events, state=None) -> list[tuple]:
    """What was decided, as plain values, in order."""
    return [
        plain(decision) for decision in decide(make.rulebook(rules), events, state or MemoryState(), make.knowledge())
    ]


def plain(decision: Decision) -> tuple:
    ids = decision.event.payment_id, decision.rule.rule_id
    return *ids, decision.outcome, decision.reason, decision.trace, decision.claims


def is_place(rule: CompiledRule, store: int, category: int) -> bool:
    below = set().union(*(make.SUBTREE[chosen] for chosen in rule.terms.categories))
    return store in rule.terms.stores or category in below or not (rule.terms.stores or rule.terms.categories)


def meets(rule: CompiledRule, event: Event) -> bool:
    return rule.terms.trigger == "payment" and is_place(rule, event.store_id, event.category_id)


def spent(decisions: list[Decision]) -> dict[str, Counter]:
    """What was awarded of each thing a limit speaks of, counted anew from the awards alone."""
    sums: dict[str, Counter] = {name: Counter() for name in (*Limits.__slots__, "stock", "stock_fen")}
    for decision in decisions:
        rule, day, shopper = decision.rule.rule_id, decision.event.day, decision.event.shopper_id
        if decision.outcome == REFUSED:
            continue
        sums["per_shopper"][rule, shopper] += 1
        sums["per_shopper_per_day"][rule, shopper, day] += 1
        if days := decision.rule.terms.limits.window_days:
            sums["per_shopper_in_days"][rule, shopper, (day - date(2000, 1, 1)).days // days] += 1
        if decision.outcome == HELD_OUT:
            continue
        sums["quantity"][rule,] += 1
        sums["quantity_per_day"][rule, day] += 1
        sums["quantity_per_store"][rule, decision.event.store_id] += 1
        sums["budget_fen"][rule,] += decision.rule.cost_fen
        sums["budget_per_day_fen"][rule, day] += decision.rule.cost_fen
        for stock, count in decision.rule.award:
            sums["stock"][stock.id] += count
            sums["stock_fen"][stock.id] += count * stock.cost_fen
    return sums


@quick
@given(make.rules(), make.events)
def test_no_limit_is_ever_exceeded(rules, events):
    sums = spent(decide(make.rulebook(rules), events, MemoryState(), make.knowledge()))
    by_id = {rule.rule_id: rule for rule in rules}
    for limit in Limits.__slots__:
        for (rule_id, *_), used in sums[limit].items():
            ceiling = getattr(by_id[rule_id].terms.limits, limit)
            assert ceiling is None or used <= ceiling
    for stock in {stock for rule in rules for stock, _count in rule.award}:
        assert sums["stock"][stock.id] <= stock.quantity
        assert stock.budget_fen is None or sums["stock_fen"][stock.id] <= stock.budget_fen


@quick
@given(make.rules(), make.events)
def test_refused_for_a_limit_only_when_it_would_be_exceeded(rules, events):
    decisions = decide(make.rulebook(rules), events, MemoryState(), make.knowledge())
    for place, decision in enumerate(decisions):
        limits = replace(decision.rule.terms.limits)
        if decision.reason not in COUNTED:
            continue
        event, rule = decision.event, decision.rule.rule_id
        key = {
            "quantity": (rule,),
            "quantity_per_day": (rule, event.day),
            "per_shopper": (rule, event.shopper_id),
            "per_shopper_per_day": (rule, event.shopper_id, event.day),
            "per_shopper_in_days": (rule, event.shopper_id, window(event.day, limits.window_days or 1)),
            "quantity_per_store": (rule, event.store_id),
        }[decision.reason]
        assert spent(decisions[:place])[decision.reason][key] == getattr(limits, decision.reason)


@quick
@given(make.rules(), make.events)
def test_same_again(rules, events):
    assert decided(rules, events) == decided(rules, events)


@quick
@given(st.data(), make.rules(), make.events)
def test_order_in_which_rules_are_listed_does_not_matter(data, rules, events):
    assert decided(data.draw(st.permutations(rules)), events) == decided(rules, events)


@quick
@given(make.rules(), make.mixed())
def test_batch_is_its_payments_one_by_one(rules, events):
    book, state, knowledge = make.rulebook(rules), MemoryState(), make.knowledge()
    one_by_one = [plain(each) for event in events for each in decide(book, [event], state, knowledge)]
    assert decided(rules, events) == one_by_one


@settings(max_examples=80, deadline=None)
@given(make.rules(), make.mixed(), st.sampled_from([0, 2_000]), st.sets(st.just(3)))
def test_without_traces_the_same_is_decided(rules, events, holdout_bp, blocked):
    book = make.rulebook(rules, holdout_bp=holdout_bp)
    outcomes, states = [], [MemoryState(), MemoryState()]
    for traced, state in zip((True, False), states, strict=True):
        decisions = decide(book, events, state, make.knowledge(blocked=blocked), traced=traced)
        outcomes.append([(d.event, d.rule, d.outcome, d.claims) for d in decisions if d.outcome != REFUSED])
    assert outcomes[0] == outcomes[1]
    assert states[0].counts == states[1].counts
    assert not any(event.shopper_id in blocked for event, *_rest in outcomes[0])


@quick
@given(make.rules(), make.events)
def test_group_gives_a_payment_at_most_one(rules, events):
    given_out = Counter(
        (decision.event.payment_id, decision.rule.terms.group)
        for decision in decide(make.rulebook(rules), events, MemoryState(), make.knowledge())
        if decision.outcome != REFUSED and decision.rule.terms.group
    )
    assert max(given_out.values(), default=1) == 1


@quick
@given(make.rules(), make.events)
def test_each_rule_whose_place_fits_decides_once_in_ranking_order(rules, events):
    expected = [
        (event.payment_id, rule.rule_id)
        for event in events
        for rule in sorted(rules, key=lambda rule: rule.rank)
        if meets(rule, event)
    ]
    assert [answer[:2] for answer in decided(rules, events)] == expected


@quick
@given(make.rules(at_most=12))
def test_index_finds_what_looking_at_every_rule_finds(rules):
    book = make.rulebook(rules)
    for store, category in make.CATEGORY_OF.items():
        event = make.event(1, store, 1, 1, make.FIRST_DAY, 0)
        assert set(book.candidates(store, category)) == {rule for rule in rules if meets(rule, event)}


@quick
@given(make.rules(), make.events)
def test_award_fits_its_terms_and_the_trace_tells_why_not(rules, events):
    for decision in decide(make.rulebook(rules), events, MemoryState(), make.knowledge()):
        failed = [check.name for check in decision.trace if not check.ok]
        assert decision.reason == (failed[0] if failed else "")
        assert (decision.outcome == REFUSED) == bool(failed) == (not decision.claims)
        if not failed:
            assert_fits(decision)


def assert_fits(decision: Decision) -> None:
    terms, event = decision.rule.terms, decision.event
    assert event.shopper_id is not None
    assert terms.min_fen <= event.amount_fen <= (terms.max_fen or event.amount_fen)
    assert (terms.starts_on or event.day) <= event.day <= (terms.ends_on or event.day)
    assert not terms.weekdays or event.day.isoweekday() in terms.weekdays
    assert not terms.hours or any(start <= event.minute < end for start, end in terms.hours)
    for stock, _count in decision.rule.award:
        assert stock.is_open and (stock.last_day is None or event.day <= stock.last_day)


def rule_with(holdout_bp: int, rule_id: int = 1) -> CompiledRule:
    return CompiledRule(rule_id, 1, RuleTerms(award=((1, 1),), holdout_bp=holdout_bp), (), 0)


def held_out(rule: CompiledRule, salt: bytes = b"salt") -> set[int]:
    return {shopper for shopper in range(10_000) if is_held_out(salt, rule, shopper)}


def test_control_group_has_its_share_of_shoppers():
    for holdout_bp in (100, 1_000, 5_000, 9_000):
        # Four standard deviations of a binomial draw of 10,000.
        margin = 4 * (holdout_bp * (10_000 - holdout_bp) / 10_000) ** 0.5
        assert abs(len(held_out(rule_with(holdout_bp))) - holdout_bp) < margin
    assert held_out(rule_with(0)) == set()


def test_control_group_stays_the_same_and_grows_from_within():
    assert held_out(rule_with(1_000)) == held_out(rule_with(1_000)) < held_out(rule_with(2_000))


def test_control_groups_of_two_rules_and_of_two_keys_are_independent():
    ours = held_out(rule_with(5_000))
    for other in (held_out(rule_with(5_000, rule_id=2)), held_out(rule_with(5_000), salt=b"other")):
        assert 2_300 < len(ours & other) < 2_700


def test_control_group_uses_up_the_shoppers_chances_but_not_the_stock():
    rule = make.compiled(
        1,
        RuleTerms(award=((1, 1),), holdout_bp=9_000, limits=Limits(per_shopper=1, quantity=100)),
        {1: make.StockSpec(1, 100, 100, None, True, None, frozenset())},
    )
    shopper = next(iter(held_out(rule)))
    events = [make.event(n, 1, shopper, 100, make.FIRST_DAY, 0) for n in (1, 2)]
    state = MemoryState()
    assert [answer[2:4] for answer in decided([rule], events, state)] == [(HELD_OUT, ""), (REFUSED, "per_shopper")]
    assert state.counts == {f"r1.s{shopper}": 1}


def test_weekday_and_hour_bounds():
    rule = make.compiled(
        1,
        RuleTerms(award=((1, 1),), weekdays=(5,), hours=((660, 840), (1_080, 1_440))),
        {1: make.StockSpec(1, 100, 100, None, True, None, frozenset())},
    )
    minutes = (659, 660, 839, 840, 1_079, 1_080, 1_439)
    events = [make.event(minute, 1, 1, 100, make.FIRST_DAY, minute) for minute in minutes]
    outcomes = [answer[2] == AWARDED for answer in decided([rule], events)]
    assert outcomes == [False, True, True, False, False, True, True]


# --- Single cases ---

STOCK = make.StockSpec(1, 100, 100, None, True, None, frozenset())


def rule_of(rule_id: int = 1, stock: make.StockSpec = STOCK, **terms) -> CompiledRule:
    return make.compiled(rule_id, RuleTerms(award=((stock.id, 1),), **terms), {stock.id: stock})


def payment(number: int, day: int = 0, *, store: int = 1, shopper: int | None = 1) -> Event:
    return make.event(number, store, shopper, 100, make.FIRST_DAY + timedelta(days=day), 0)


def answers(rules, events, knowledge=None, **options) -> list[tuple[str, str]]:
    decisions = decide(make.rulebook(rules, **options), events, MemoryState(), knowledge or make.knowledge())
    return [(decision.outcome, decision.reason) for decision in decisions]


def test_mall_wide_group_is_held_out_of_every_rule_and_told_from_the_rules_own():
    rules = [rule_of(1), rule_of(2, holdout_bp=9_000)]
    of_mall = {n for n in range(1_000) if is_held_out_of_all(b"salt", 5_000, n)}
    of_rule = {n for n in range(1_000) if is_held_out(b"salt", rules[1], n)}
    apart, own = min(of_mall - of_rule), min(of_rule - of_mall)
    book = make.rulebook(rules, holdout_bp=5_000)
    decisions = decide(book, [payment(1, shopper=apart), payment(2, shopper=own)], MemoryState(), make.knowledge())
    assert [(decision.outcome, decision.trace[-1][2:]) for decision in decisions if decision.outcome == HELD_OUT] == [
        (HELD_OUT, (5_000, "mall")), (HELD_OUT, (5_000, "mall")), (HELD_OUT, (9_000, "rule")),
    ]  # fmt: skip
    assert all(check.ok for decision in decisions for check in decision.trace)


def test_mall_wide_group_has_its_share_and_is_independent_of_those_of_rules():
    apart = {shopper for shopper in range(10_000) if is_held_out_of_all(b"salt", 5_000, shopper)}
    assert abs(len(apart) - 5_000) < 200
    assert 2_300 < len(apart & held_out(rule_with(5_000))) < 2_700
    assert not is_held_out_of_all(b"salt", 0, 1)


def test_blocked_shopper_is_refused_before_anything_is_looked_up():
    first_visit = conditions.from_json({"fact": "first_visit", "op": "is", "value": True})
    knowledge = make.knowledge(blocked={1})
    assert answers([rule_of(conditions=first_visit)], [payment(1)], knowledge) == [(REFUSED, "not_blocked")]


def test_trace_says_how_each_condition_came_out():
    tree = conditions.from_json(
        {"any": [{"fact": "visits", "op": "at_least", "value": 2, "days": 2},
                 {"not": {"fact": "tag", "op": "in", "value": ["gold"]}}]}
    )  # fmt: skip
    events = [payment(1), payment(2, 1), payment(3, 2)]
    decisions = decide(make.rulebook([rule_of(conditions=tree)]), events, MemoryState(), make.knowledge())
    found = [next(check for check in decision.trace if check.name == "conditions") for decision in decisions]
    assert found == [
        Check("conditions", False, None, [(False, 0), (True, ["gold"])]),
        Check("conditions", False, None, [(False, 1), (True, ["gold"])]),
        Check("conditions", False, None, [(False, 1), (True, ["gold"])]),
    ]
    assert [decision.reason for decision in decisions] == ["conditions"] * 3


def test_trace_says_which_stock_is_used_up():
    few = make.StockSpec(7, 100, 1, None, True, None, frozenset())
    rule = make.compiled(1, RuleTerms(award=((1, 1), (7, 1))), {1: STOCK, 7: few})
    *_, last = decide(make.rulebook([rule]), [payment(1), payment(2)], MemoryState(), make.knowledge())
    assert last.reason == "stock_quantity"
    assert [check for check in last.trace if not check.ok] == [Check("stock_quantity", False, (1, 1, 7), 1)]


def test_awards_at_one_store_are_counted_apart():
    rule = rule_of(limits=Limits(quantity_per_store=1))
    events = [payment(1), payment(2), payment(3, store=2), payment(4, store=2)]
    assert [reason for _, reason in answers([rule], events)] == ["", "quantity_per_store", "", "quantity_per_store"]


def test_runs_of_days_are_counted_from_the_first_of_january_2000():
    assert [window(date(2000, 1, day), 7) for day in (1, 7, 8, 14, 15)] == [0, 0, 1, 1, 2]
    assert window(date(1999, 12, 31), 7) == -1
    rule = rule_of(limits=Limits(per_shopper_in_days=1, window_days=2))  # a run begins on the first day
    reasons = [reason for _, reason in answers([rule], [payment(n, n) for n in range(4)])]
    assert reasons == ["", "per_shopper_in_days", "", "per_shopper_in_days"]


def test_claim_meets_the_one_rule_it_names_whatever_its_amount():
    rules = [rule_of(1, trigger="qr"), rule_of(2, trigger="qr"), rule_of(3)]
    ask = [make.claim(1, 2, "qr", 1, 1, make.FIRST_DAY, 0)]
    (decision,) = decide(make.rulebook(rules), ask, MemoryState(), make.knowledge())
    assert (decision.rule.rule_id, decision.outcome) == (2, AWARDED)
    assert [check.name for check in decision.trace] == ["trigger", "place", "shopper", "stock_quantity"]
    assert [answer[0] for answer in answers(rules, [payment(1)])] == [AWARDED]


@pytest.mark.parametrize(
    ("terms", "kind", "store", "reason"),
    [
        ({"trigger": "qr"}, "nearby", 1, "trigger"),
        ({}, "qr", 1, "trigger"),
        ({"trigger": "qr", "stores": (2,)}, "qr", 1, "place"),
        ({"trigger": "qr", "categories": (12,)}, "qr", 1, "place"),
        ({"trigger": "qr", "categories": (10,)}, "qr", 1, ""),
        ({"trigger": "qr", "stores": (1,), "categories": (12,)}, "qr", 1, ""),
        ({"trigger": "qr", "starts_on": date(2026, 3, 1)}, "qr", 1, "dates"),
        ({"trigger": "qr", "weekdays": (6,)}, "qr", 1, "weekdays"),
        ({"trigger": "qr", "hours": ((1, 2),)}, "qr", 1, "hours"),
    ],
)
def test_claim_that_does_not_fit_its_rule(terms, kind, store, reason):
    ask = [make.claim(1, 1, kind, store, 1, make.FIRST_DAY, 0)]
    ((outcome, why),) = answers([rule_of(**terms)], ask)
    assert (outcome, why) == (REFUSED if reason else AWARDED, reason)


def test_claim_of_a_rule_that_is_not_there_is_nothing():
    assert answers([rule_of(trigger="qr")], [make.claim(1, 9, "qr", 1, 1, make.FIRST_DAY, 0)]) == []


def test_coupon_just_given_counts_as_held():
    new = conditions.from_json({"fact": "holds_stock", "op": "not_in", "value": [1]})
    spec = replace(STOCK, valid_days=1)
    events = [payment(1), payment(2), payment(3, 1), payment(4, 2)]
    reasons = [reason for _, reason in answers([rule_of(stock=spec, conditions=new)], events)]
    assert reasons == ["", "conditions", "conditions", ""]
