"""What would have been enough for a coupon, from the trace of a refusal: "¥12.50 more", "open from 14:00", "one visit
more". Pure but for the reader's language.

Only what was looked at can be told: the engine stops at the first step (times and amounts, conditions, group, limits)
in which something fails.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.engine.conditions import Leaf, Node, Not
from coupons.engine.terms import RuleTerms
from coupons.sentences import Names, times
from coupons.sentences.conditions import leaf_phrase, place_of
from coupons.sentences.decisions import MONEY_LIMITS, asked_of_limit
from coupons.sentences.decisions import limits as limit_names
from coupons.sentences.rules import place
from mallops.lib.format import count


class Change(NamedTuple):
    """A leaf that had to be otherwise: what was found, and whether it should have held."""

    leaf: Leaf
    actual: Any
    wanted: bool


def enough(trace: Sequence[Sequence[Any]], terms: RuleTerms, names: Names) -> list[str]:
    """What had to be otherwise, all of it, one phrase each; empty if nothing failed."""
    said = []
    for name, ok, expected, actual in trace:
        if ok:
            continue
        if name == "conditions":
            said += [_leaf(change, names) for change in missing(terms.conditions, actual)]
        elif name in limit_names():
            said.append(_limit(name, expected, actual, names))
        elif name in _PHRASES:
            said.append(_PHRASES[name](expected, actual, terms, names))
    return said


def missing(tree: Node, found: Sequence[Sequence[Any]]) -> list[Change]:
    """The fewest leaves that had to be otherwise for the tree to hold; `found` are whether each leaf held and what was
    found, in the order of the leaves."""
    return _walk(tree, iter(found))[0]


def _walk(node: Node, found: Iterator[Sequence[Any]]) -> tuple[list[Change], list[Change]]:
    """The fewest changes that make a node hold, and that make it fail."""
    if isinstance(node, Leaf):
        ok, actual = next(found)
        change = [Change(node, actual, not ok)]
        return ([], change) if ok else (change, [])
    if isinstance(node, Not):
        return _walk(node.part, found)[::-1]
    hold, fail = zip(*[_walk(part, found) for part in node.parts], strict=True)
    if node.kind == "all":
        return list(chain(*hold)), min(fail, key=len)
    return min(hold, key=len), list(chain(*fail))


# --- Conditions ---


def _leaf(change: Change, names: Names) -> str:
    leaf, actual, wanted = change
    if not wanted:
        return _("not that %(condition)s") % {"condition": leaf_phrase(leaf, names)}
    if leaf.op == "at_least" and leaf.fact in _MORE and actual is not None:
        return _MORE[leaf.fact](leaf, leaf.value - actual, names)
    return _("that %(condition)s") % {"condition": leaf_phrase(leaf, names)}


def _visits(leaf: Leaf, more: int, names: Names) -> str:
    return ngettext(
        "%(number)s visit more to %(place)s", "%(number)s visits more to %(place)s", more
    ) % {"number": count(more), "place": place_of(leaf, names)}  # fmt: skip


def _spend(leaf: Leaf, more: int, names: Names) -> str:
    return _("%(amount)s more spent before at %(place)s") % {
        "amount": names.money(more), "place": place_of(leaf, names),
    }  # fmt: skip


def _since(leaf: Leaf, more: int, names: Names) -> str:
    return ngettext("%(number)s day later", "%(number)s days later", more) % {"number": count(more)}


_MORE: dict[str, Callable[[Leaf, int, Names], str]] = {
    "amount_fen": lambda leaf, more, names: _more(more, names),
    "minute": lambda leaf, more, names: _from(leaf.value),
    "visits": _visits,
    "spend_fen": _spend,
    "days_since_visit": _since,
}


# --- The other checks ---


def _limit(name: str, expected: Any, used: int, names: Names) -> str:
    """A limit needs room for what the award takes of it. Limits of a day are free again the next."""
    ceiling, takes, _stock = asked_of_limit(expected)
    show = names.money if name in MONEY_LIMITS else count
    raised = _("“%(limit)s” raised from %(ceiling)s to %(needed)s") % {
        "limit": limit_names()[name], "ceiling": show(ceiling), "needed": show(used + takes),
    }  # fmt: skip
    return (
        _("the next day, or %(raised)s") % {"raised": raised} if name.endswith(("_per_day", "per_day_fen")) else raised
    )


def _more(fen: int, names: Names) -> str:
    return _("%(amount)s more") % {"amount": names.money(fen)}


def _from(minute: int) -> str:
    return _("open from %(time)s") % {"time": times.clock(minute)}


def _amount(expected: Any, actual: int, terms: RuleTerms, names: Names) -> str:
    least, most = expected
    return _more(least - actual, names) if actual < least else _("%(amount)s at most") % {"amount": names.money(most)}


def _hours(expected: Any, actual: int, terms: RuleTerms, names: Names) -> str:
    later = [start for start, _end in expected if start > actual]
    return _from(min(later)) if later else times.hours(expected)


_PHRASES: dict[str, Callable[[Any, Any, RuleTerms, Names], str]] = {
    "shopper": lambda expected, actual, terms, names: _("a shopper who is known"),
    "trigger": lambda expected, actual, terms, names: _("the rule asked in its own way"),
    "place": lambda expected, actual, terms, names: place(terms, names),
    "amount": _amount,
    "dates": lambda expected, actual, terms, names: times.dates(*expected),
    "weekdays": lambda expected, actual, terms, names: times.weekdays(expected),
    "hours": _hours,
    "distance": lambda expected, actual, terms, names: _("%(metres)s m nearer") % {"metres": count(actual - expected)},
    "stock_open": lambda expected, actual, terms, names: _("coupons of %(stock)s to give") % {
        "stock": names.stock(expected)
    },
    "payer": lambda expected, actual, terms, names: _("%(payer)s in good standing") % {"payer": names.payer(expected)},
    "not_blocked": lambda expected, actual, terms, names: _("no block on the shopper"),
    "group": lambda expected, actual, terms, names: _("no other award of the group “%(group)s”") % {"group": expected},
}  # fmt: skip
