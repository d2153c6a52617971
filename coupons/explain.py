"""A decision as sentences: each check that was made, conditions leaf by leaf, and why a rule was not asked at all.
Pure but for the reader's language; `coupons.enough` says what would have been enough."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.engine.conditions import Leaf, Node, Not
from coupons.engine.terms import RuleTerms
from coupons.sentences import Names, check_sentence, times
from coupons.sentences.conditions import condition_phrase, leaf_phrase
from coupons.sentences.names import series
from coupons.sentences.rules import place
from mallops.lib.format import count


class Line(NamedTuple):
    """One check: whether it held, the sentence, and the lines below it."""

    ok: bool
    said: str
    below: tuple["Line", ...] = ()


def lines(
    trace: Sequence[Sequence[Any]], terms: RuleTerms, names: Names, rules: Mapping[int, str] | None = None
) -> list[Line]:
    """The checks of a trace in their order; `rules` are names of rules by id."""
    return [_line(check, terms, names, rules or {}) for check in trace]


def skips_conditions(trace: Sequence[Sequence[Any]], terms: RuleTerms) -> bool:
    """Whether the rule has conditions that were not looked at, since something failed before."""
    return terms.conditions is not None and all(name != "conditions" for name, *_rest in trace)


def _line(check: Sequence[Any], terms: RuleTerms, names: Names, rules: Mapping[int, str]) -> Line:
    name, ok, expected, actual = check
    if name == "conditions" and terms.conditions is not None:
        return _conditions(ok, actual, terms, names)
    if name == "group":
        won = {"rule": rules.get(actual, f"#{actual}"), "group": expected}
        return Line(ok, _("“%(rule)s” won the ranking in the group “%(group)s”.") % won)
    return Line(ok, check_sentence(check, names))


def _conditions(ok: bool, found: Sequence[Sequence[Any]], terms: RuleTerms, names: Names) -> Line:
    phrase = condition_phrase(terms.conditions, names)
    below = tuple(
        Line(held is wanted, _leaf(leaf, wanted, actual, names))
        for (leaf, wanted), (held, actual) in zip(_wanted(terms.conditions), found, strict=True)
    )
    return Line(ok, _("The rule asks that %(conditions)s.") % {"conditions": phrase}, below)


def _wanted(node: Node, wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """The leaves from left to right, each with whether it should hold."""
    if isinstance(node, Leaf):
        yield node, wanted
    elif isinstance(node, Not):
        yield from _wanted(node.part, not wanted)
    else:
        for part in node.parts:
            yield from _wanted(part, wanted)


def _leaf(leaf: Leaf, wanted: bool, actual: Any, names: Names) -> str:
    phrase = leaf_phrase(leaf, names)
    said = {
        "condition": phrase if wanted else _("not that %(condition)s") % {"condition": phrase},
        "found": found_phrase(leaf.fact, actual, names),
    }
    return capfirst(_("%(condition)s; found: %(found)s.") % said)


def found_phrase(fact: str, actual: Any, names: Names) -> str:
    """What was found of a fact."""
    if actual is None:
        return _("never before")
    if isinstance(actual, bool):
        return _("yes") if actual else _("no")
    if fact in {"amount_fen", "spend_fen"}:
        return names.money(actual)
    if fact in {"visits", "days_since_visit"}:
        return ngettext("%(number)s day", "%(number)s days", actual) % {"number": count(actual)}
    if isinstance(actual, list | tuple):
        show = {"category": names.category, "holds_stock": names.stock}.get(fact, str)
        return series([show(each) for each in actual]) or _("none")
    return {"store": names.store, "weekday": times.weekday, "minute": times.clock}.get(fact, str)(actual)


def not_asked(
    terms: RuleTerms, names: Names, *, fits: bool, launched: str | None, paused: bool, kept_days: int | None
) -> str:
    """Why a rule left no line on a payment, by its terms of then: `fits` is whether its place does, `launched` the
    moment of its first launch if that came later, `paused` whether it is known to have been paused, `kept_days` for how
    long refusals are kept if that is over."""
    if terms.trigger != "payment":
        ways = {
            "qr": _("It answers a scanned QR code, not a payment."),
            "nearby": _("It answers shoppers nearby, not a payment."),
            "hand_out": _("It is handed out, and answers no payment."),
        }
        return ways[terms.trigger]
    if launched:
        return _("It did not run yet: launched %(moment)s.") % {"moment": launched}
    if not fits:
        return _("Paid at another store: the rule asks for a payment %(place)s.") % {"place": place(terms, names)}
    if paused:
        return _("It was paused when the payment arrived.")
    if kept_days:
        return _("Refused or not asked: refusals are deleted after %(days)s days.") % {"days": count(kept_days)}
    return _("It was not running when the payment arrived, or the payment came without awards, as from a file.")
