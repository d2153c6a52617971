"""The engine against a naive reading of the rules, for any rules and any payments."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.engine.decide import AWARDED, HELD_OUT, REFUSED, Decision, MemoryState, decide, is_held_out
from coupons.engine.rulebook import CompiledRule
from coupons.engine.terms import Limits, RuleTerms

from . import strategies as make

quick = settings(max_examples=40, deadline=None)


def decided(rules, events, state=None) -> list[tuple]:
    """What was decided, as plain values, in order."""
    return [plain(decision) for decision in decide(make.rulebook(rules), events, state or MemoryState())]


def plain(decision: Decision) -> tuple:
    ids = decision.event.payment_id, decision.rule.rule_id
    return *ids, decision.outcome, decision.reason, decision.trace, decision.claims


def is_place(rule: CompiledRule, store: int, category: int) -> bool:
    below = set().union(*(make.SUBTREE[chosen] for chosen in rule.terms.categories))
    return store in rule.terms.stores or category in below or not (rule.terms.stores or rule.terms.categories)


def spent(decisions: list[Decision]) -> dict[str, Counter]:
    """What was awarded of each thing a limit speaks of, counted anew from the awards alone."""
    sums: dict[str, Counter] = {name: Counter() for name in (*Limits.__slots__, "stock", "stock_fen")}
    for decision in decisions:
        rule, day, shopper = decision.rule.rule_id, decision.event.day, decision.event.shopper_id
        if decision.outcome == REFUSED:
            continue
        sums["per_shopper"][rule, shopper] += 1
        sums["per_shopper_per_day"][rule, shopper, day] += 1
        if decision.outcome == HELD_OUT:
            continue
        sums["quantity"][rule,] += 1
        sums["quantity_per_day"][rule, day] += 1
        sums["budget_fen"][rule,] += decision.rule.cost_fen
        sums["budget_per_day_fen"][rule, day] += decision.rule.cost_fen
        for stock, count in decision.rule.award:
            sums["stock"][stock.id] += count
            sums["stock_fen"][stock.id] += count * stock.cost_fen
    return sums


@quick
@given(make.rules(), make.events)
def test_no_limit_is_ever_exceeded(rules, events):
    sums = spent(decide(make.rulebook(rules), events, MemoryState()))
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
    decisions = decide(make.rulebook(rules), events, MemoryState())
    for place, decision in enumerate(decisions):
        limits = replace(decision.rule.terms.limits)
        if decision.reason not in ("quantity", "quantity_per_day", "per_shopper", "per_shopper_per_day"):
            continue
        event, rule = decision.event, decision.rule.rule_id
        key = {
            "quantity": (rule,),
            "quantity_per_day": (rule, event.day),
            "per_shopper": (rule, event.shopper_id),
            "per_shopper_per_day": (rule, event.shopper_id, event.day),
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
@given(make.rules(), make.events)
def test_batch_is_its_payments_one_by_one(rules, events):
    state = MemoryState()
    one_by_one = [decision for event in events for decision in decided(rules, [event], state)]
    assert decided(rules, events) == one_by_one


@quick
@given(make.rules(), make.events)
def test_group_gives_a_payment_at_most_one(rules, events):
    given_out = Counter(
        (decision.event.payment_id, decision.rule.terms.group)
        for decision in decide(make.rulebook(rules), events, MemoryState())
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
        if is_place(rule, event.store_id, event.category_id)
    ]
    assert [answer[:2] for answer in decided(rules, events)] == expected


@quick
@given(make.rules(at_most=12))
def test_index_finds_what_looking_at_every_rule_finds(rules):
    book = make.rulebook(rules)
    for store, category in make.CATEGORY_OF.items():
        assert set(book.candidates(store, category)) == {rule for rule in rules if is_place(rule, store, category)}


@quick
@given(make.rules(), make.events)
def test_award_fits_its_terms_and_the_trace_tells_why_not(rules, events):
    for decision in decide(make.rulebook(rules), events, MemoryState()):
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
