"""Rules that rest, as a payer may pay nothing now: they refuse everything, and others decide as if they were not."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from coupons.engine.checks import Check
from coupons.engine.decide import REFUSED, MemoryState, decide

from . import strategies as make
from .test_decide import plain

quick = settings(max_examples=40, deadline=None)
BARRED = (-7, "suspended")


def outcomes(rules, events, **options) -> list[tuple]:
    found = decide(make.rulebook(rules), events, MemoryState(), make.knowledge(), **options)
    return [plain(each) for each in found if each.rule.resting == ()]


@quick
@given(make.rules(), make.mixed(), st.sets(st.integers(1, 6)))
def test_others_decide_as_if_they_were_not_there(rules, events, resting):
    some = [replace(rule, resting=(BARRED,)) if rule.rule_id in resting else rule for rule in rules]
    rest = [rule for rule in rules if rule.rule_id not in resting]
    for traced in (True, False):
        assert outcomes(some, events, traced=traced) == outcomes(rest, events, traced=traced)


@quick
@given(make.rules(), make.mixed())
def test_everything_is_refused_and_the_trace_names_the_payer(rules, events):
    resting = [replace(rule, resting=(BARRED,)) for rule in rules]
    found = decide(make.rulebook(resting), events, MemoryState(), make.knowledge())
    assert {each.outcome for each in found} <= {REFUSED}
    assert all(Check("payer", False, *BARRED) in each.trace for each in found)
    assert decide(make.rulebook(resting), events, MemoryState(), make.knowledge(), traced=False) == []
