"""Why a step of a rule is refused, and what was done to it before, in words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from .names import Names, all_of


def problem_sentences(problems: Sequence[tuple[str, list]], names: Names) -> list[str]:
    """The problems of a `services.rules.RuleError`."""
    return [_say(code, about, names) for code, about in problems]


def _say(code: str, about: list, names: Names) -> str:
    stocks = all_of([names.stock(pk) for pk in about]) if code.endswith("_stock") else ""
    numbers = all_of([f"#{pk}" for pk in about])
    return {
        "wrong_state": _("The rule has moved on meanwhile; this step cannot be taken now."),
        "bad_terms": _("The draft is not complete: edit and save it first."),
        "foreign_store": _("Stores that are not of this mall: %(ids)s.") % {"ids": numbers},
        "foreign_category": _("Categories that are not of this mall: %(ids)s.") % {"ids": numbers},
        "foreign_stock": _("Stocks that are not of this mall: %(ids)s.") % {"ids": numbers},
        "closed_stock": _("Closed, so nothing can be awarded of it: %(stocks)s.") % {"stocks": stocks},
        "expired_stock": _("Its last day has passed: %(stocks)s.") % {"stocks": stocks},
        "over": _("The last day of the rule has passed."),
    }[code]


def audit_sentence(action: str, changes: dict[str, list[Any]]) -> str:
    """What an entry of the audit trail says was done to a rule or a stock."""
    version = changes.get("version", [None, None])[1]
    return {
        "rule_created": _("Created the rule"),
        "rule_changed": _("Changed the draft"),
        "rule_published": _("Published version %(number)s") % {"number": version},
        "rule_paused": _("Paused the rule"),
        "rule_resumed": _("Resumed the rule"),
        "rule_ended": _("Ended the rule"),
        "stock_created": _("Created the stock"),
        "stock_changed": _("Changed the stock"),
        "stock_closed": _("Closed the stock"),
    }.get(action, action)
