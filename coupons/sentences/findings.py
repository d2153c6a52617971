"""What `coupons.review` finds, in words: what is the matter, and how to mend it."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from mallops.lib.format import basis_points, count

from . import times
from .changes import narrowed_labels
from .names import Names, any_of
from .rules import amount_between

About = dict[str, Any]


def finding_sentences(code: str, about: About, names: Names) -> tuple[str, str]:
    """What a finding says, and what to do about it (may be empty)."""
    return _SAY[code](about, names)


def _over(about: About, names: Names) -> tuple[str, str]:
    return _("The last day of the rule has passed."), _("Choose a later last day.")


def _no_day(about: About, names: Names) -> tuple[str, str]:
    said = {"days": times.weekdays(about["days"]), "span": times.dates(about["start"], about["end"])}
    return _("It never runs: none of the days %(span)s is one of those chosen (%(days)s).") % said, _(
        "Change the dates or the weekdays."
    )


def _trigger_closed(about: About, names: Names) -> tuple[str, str]:
    stores = any_of([names.store(pk) for pk in about["stores"]])
    return _("It never starts: closed is %(stores)s.") % {"stores": stores}, _("Choose another place.")


def _never(about: About, names: Names) -> tuple[str, str]:
    mend = _("Change this condition or what it contradicts.")
    topic = about["topic"]
    if topic == "amount" and about["trigger"] != "payment":
        return _("It never matches: a condition asks for an amount, but nothing is paid."), _(
            "Remove the condition on the amount."
        )
    if topic == "amount":
        said = {"amount": amount_between(*about["amount"], names)}
        return _("It never matches: with %(amount)s, no amount meets the conditions.") % said, mend
    return {
        "store": _("It never matches: no open store meets both the place and the conditions."),
        "weekday": _("It never matches: no weekday on which it runs meets the conditions."),
        "minute": _("It never matches: no time at which it runs meets the conditions."),
        "history": _("It never matches: no shopper's history meets all of the conditions."),
        "tag": _("It never matches: the tags asked for are ruled out by other conditions."),
        "holds_stock": _("It never matches: the coupons asked for are ruled out by other conditions."),
        "parked": _("It never matches: the car would have to be parked and not parked."),
    }[topic], mend


def _idle(about: About, names: Names) -> tuple[str, str]:
    said = {"number": count(about["place"])}
    return _("Condition %(number)s can never hold: others or the trigger rule it out.") % said, _("Look at it.")


def _stock_closed(about: About, names: Names) -> tuple[str, str]:
    said = {"stock": names.stock(about["stock"])}
    return _("%(stock)s is closed, so nothing can be awarded of it.") % said, _("Choose another stock.")


def _stock_over(about: About, names: Names) -> tuple[str, str]:
    said = {"stock": names.stock(about["stock"]), "day": about["day"]}
    return _("Coupons of %(stock)s end on %(day)s, before the rule starts.") % said, _(
        "Choose another stock or start earlier."
    )


def _stock_ends_first(about: About, names: Names) -> tuple[str, str]:
    said = {"stock": names.stock(about["stock"]), "day": about["day"]}
    return _("Coupons of %(stock)s end on %(day)s; from then on nothing is awarded.") % said, _(
        "Choose another stock, or end the rule by then."
    )


def _award_closed(about: About, names: Names) -> tuple[str, str]:
    said = {"stock": names.stock(about["stock"])}
    return _("No open store takes coupons of %(stock)s.") % said, _("Choose another stock.")


def _same_store(about: About, names: Names) -> tuple[str, str]:
    said = {"stock": names.stock(about["stock"])}
    return _("%(stock)s is used where it is earned, so it leads nobody to another store.") % said, ""


def _expected(about: About, names: Names) -> tuple[str, str]:
    if not about["a_day"]:
        return _("No payment of the last four weeks would have matched."), _("Widen what starts it.")
    said = {"number": about_number(about["a_day"]), "awards": count(about["awards"]), "until": _until(about["end"])}
    if about["is_tried"]:
        return _("The last backtest met about %(number)s shoppers a day: some %(awards)s awards %(until)s.") % said, ""
    return _("About %(number)s payments a day matched lately: some %(awards)s awards %(until)s.") % said, ""


def _until(end: Any) -> str:
    return _("until %(day)s") % {"day": end} if end else _("in 30 days")


def about_number(value: float) -> str:
    """A rate as precise as it is meant: small ones with one decimal."""
    return f"{value:.1f}" if value < 10 else count(round(value))


def _stock_empty(about: About, names: Names) -> tuple[str, str]:
    said = {"stock": names.stock(about["stock"]), "left": count(about["left"])}
    return _("Of %(stock)s there are %(left)s coupons left, too few for one award.") % said, _(
        "Raise the quantity of the stock or choose another."
    )


def _stock_small(about: About, names: Names) -> tuple[str, str]:
    said = {
        "stock": names.stock(about["stock"]), "left": count(about["left"]), "awards": count(about["awards"]),
        "until": _until(about["end"]),
    }  # fmt: skip
    return _("%(stock)s has %(left)s coupons left, but some %(awards)s awards are expected %(until)s.") % said, _(
        "Raise its quantity, or limit the awards."
    )


def _no_limit(about: About, names: Names) -> tuple[str, str]:
    said = {"amount": names.money(about["fen"])}
    return _("Nothing but the stock limits the money: up to %(amount)s.") % said, _("Set a limit.")


def _no_position(about: About, names: Names) -> tuple[str, str]:
    return _("Nobody can be nearby: neither the mall nor the stores have a position."), _(
        "Enter the position of the mall, or let something else start it."
    )


def _again_and_again(about: About, names: Names) -> tuple[str, str]:
    return _("One shopper can take it again and again."), _("Limit the awards per shopper.")


def _everybody(about: About, names: Names) -> tuple[str, str]:
    return _("It is handed to every shopper the mall knows."), _("Add a condition.")


def _rival(about: About, names: Names) -> tuple[str, str]:
    said = {"rule": about["rule"], "group": about["group"]}
    if about["first"]:
        return _("Where “%(rule)s” of the group “%(group)s” fits too, this rule comes first.") % said, ""
    return _(
        "Where “%(rule)s” of the group “%(group)s” fits too, that rule comes first and this one awards nothing."
    ) % said, _("Raise the priority or leave the group.")


def _holdout_fixed(about: About, names: Names) -> tuple[str, str]:
    said = {"share": basis_points(about["bp"])}
    return _("The control group was drawn with %(share)s when the rule was launched, and stays.") % said, _(
        "Put it back, or make a new rule."
    )


def _narrows(about: About, names: Names) -> tuple[str, str]:
    said = {"fields": narrowed_labels(about["fields"])}
    return _("The rule is live, and may only widen; this takes something away: %(fields)s.") % said, _(
        "Put it back, pause the rule first, or make a new rule."
    )


_SAY: dict[str, Callable[[About, Names], tuple[str, str]]] = {
    "over": _over,
    "no_day": _no_day,
    "trigger_closed": _trigger_closed,
    "never": _never,
    "idle": _idle,
    "stock_closed": _stock_closed,
    "stock_over": _stock_over,
    "stock_ends_first": _stock_ends_first,
    "award_closed": _award_closed,
    "same_store": _same_store,
    "expected": _expected,
    "stock_empty": _stock_empty,
    "stock_small": _stock_small,
    "no_limit": _no_limit,
    "no_position": _no_position,
    "again_and_again": _again_and_again,
    "everybody": _everybody,
    "rival": _rival,
    "holdout_fixed": _holdout_fixed,
    "narrows": _narrows,
}
