"""A suggestion in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mallops.lib.format import count

from .queries import Suggestion
from .report import LEAST


def said(suggestion: Suggestion, days: int) -> str:
    """``214 of 1,020 shoppers went on within 14 days, at least 1.7 times the usual share; 80 went the other way.``"""
    there = _("%(moved)s of %(bought)s shoppers went on within %(days)s days, at least %(lift)s times the usual share")
    figures = {
        "moved": count(suggestion.moved),
        "bought": count(suggestion.bought),
        "days": count(days),
        "lift": lift(suggestion.lift_low),
    }
    return _("%(there)s; %(back)s went the other way.") % {"there": there % figures, "back": _back(suggestion.back)}


def _back(shoppers: int | None) -> str:
    """Few enough to be told apart are not counted."""
    return _("fewer than %(least)s") % {"least": LEAST} if shoppers is None else count(shoppers)


def lift(value: float) -> str:
    """Rounded down, so that "at least" holds."""
    return f"{int(value * 10) / 10:.1f}"


def distance(floors: int) -> str:
    return ngettext("%(count)s floor", "%(count)s floors", floors) % {"count": floors} if floors else _("Same floor")


def draft_name(source: str, target: str) -> str:
    """What the rule of a pair is called at first."""
    return _("From %(source)s to %(target)s") % {"source": source, "target": target}
