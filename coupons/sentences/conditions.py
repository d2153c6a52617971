"""A tree of conditions in words, as what follows "if": ``the shopper spent at least ¥50 at Hotpot so far``."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, npgettext

from coupons.engine.conditions import Group, Leaf, Node, Not
from mallops.lib.format import count

from . import times
from .names import Names, any_of


def condition_phrase(node: Node, names: Names) -> str:
    """The whole tree; groups inside groups stand in brackets."""
    if isinstance(node, Leaf):
        return leaf_phrase(node, names)
    if isinstance(node, Not):
        return _("it is not so that %(condition)s") % {"condition": _bracketed(node.part, names)}
    return _joined(node, names)


def leaf_phrase(leaf: Leaf, names: Names) -> str:
    """One condition."""
    return _PHRASES[leaf.fact](leaf, names)


def _joined(group: Group, names: Names) -> str:
    parts = [_bracketed(part, names) for part in group.parts]
    word = _(" and ") if group.kind == "all" else _(" or ")
    return word.join(parts)


def _bracketed(node: Node, names: Names) -> str:
    phrase = condition_phrase(node, names)
    return _("(%(conditions)s)") % {"conditions": phrase} if isinstance(node, Group) and len(node.parts) > 1 else phrase


def compared(op: str, value: str) -> str:
    """``at least 3``."""
    say = {"at_least": _("at least %(value)s"), "at_most": _("at most %(value)s"), "equals": _("exactly %(value)s")}
    return say[op] % {"value": value}


def place_of(leaf: Leaf, names: Names) -> str:
    """The place that a fact of the shopper's history is about."""
    stores = [names.store(pk) for pk in leaf.stores]
    categories = [_("stores of %(category)s") % {"category": names.category(pk)} for pk in leaf.categories]
    return any_of([*stores, *categories]) or _("the mall")


def _amount(leaf: Leaf, names: Names) -> str:
    return _("the amount is %(amount)s") % {"amount": compared(leaf.op, names.money(leaf.value))}


def _choice(yes: str, no: str, show: Callable[[Names, Any], str]) -> Callable[[Leaf, Names], str]:
    """`yes` and `no` are translated when they are said, not when this module is loaded."""

    def say(leaf: Leaf, names: Names) -> str:
        listed = any_of([show(names, value) for value in leaf.value])
        return _(yes if leaf.op == "in" else no) % {"list": listed}

    return say


def _minute(leaf: Leaf, names: Names) -> str:
    say = _("it is %(time)s or later") if leaf.op == "at_least" else _("it is %(time)s at the latest")
    return say % {"time": times.clock(leaf.value)}


def _first_visit(leaf: Leaf, names: Names) -> str:
    first, later = _("the shopper was never at %(place)s before"), _("the shopper was at %(place)s before")
    return (first if leaf.value else later) % {"place": place_of(leaf, names)}


def _visits(leaf: Leaf, names: Names) -> str:
    days = _days(leaf.value)
    said = {"place": place_of(leaf, names), "days": compared(leaf.op, days)}
    return _within(_("the shopper was at %(place)s on %(days)s") % said, leaf)


def _spend(leaf: Leaf, names: Names) -> str:
    said = {"place": place_of(leaf, names), "amount": compared(leaf.op, names.money(leaf.value))}
    return _within(_("the shopper spent %(amount)s at %(place)s") % said, leaf)


def _days(number: int) -> str:
    return npgettext("a span", "%(count)s day", "%(count)s days", number) % {"count": count(number)}


def _within(said: str, leaf: Leaf) -> str:
    if leaf.days is None:
        return _("%(said)s so far") % {"said": said}
    return ngettext(
        "%(said)s in the last %(days)s day", "%(said)s in the last %(days)s days", leaf.days
    ) % {"said": said, "days": count(leaf.days)}  # fmt: skip


def _since(leaf: Leaf, names: Names) -> str:
    days = _days(leaf.value)
    said = {"place": place_of(leaf, names), "days": compared(leaf.op, days)}
    return _("the last visit to %(place)s was %(days)s ago") % said


def _parked(leaf: Leaf, names: Names) -> str:
    return _("the shopper's car is in the car park") if leaf.value else _("no car of the shopper is in the car park")


_PHRASES: dict[str, Callable[[Leaf, Names], str]] = {
    "amount_fen": _amount,
    "store": _choice(
        gettext_noop("the store is %(list)s"), gettext_noop("the store is not %(list)s"),
        lambda names, pk: names.store(pk),
    ),
    "category": _choice(
        gettext_noop("the store belongs to %(list)s"), gettext_noop("the store does not belong to %(list)s"),
        lambda names, pk: names.category(pk),
    ),
    "weekday": _choice(
        gettext_noop("it is %(list)s"), gettext_noop("it is not %(list)s"), lambda names, day: times.weekday(day)
    ),
    "minute": _minute,
    "first_visit": _first_visit,
    "visits": _visits,
    "spend_fen": _spend,
    "days_since_visit": _since,
    "tag": _choice(
        gettext_noop("the shopper has the tag %(list)s"), gettext_noop("the shopper does not have the tag %(list)s"),
        lambda names, tag: _("“%(text)s”") % {"text": tag},
    ),
    "holds_stock": _choice(
        gettext_noop("the shopper holds a coupon of %(list)s"),
        gettext_noop("the shopper holds no coupon of %(list)s"), lambda names, pk: names.stock(pk),
    ),
    "parked": _parked,
}  # fmt: skip
