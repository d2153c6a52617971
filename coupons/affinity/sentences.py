"""A suggestion in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mallops.lib.format import count

from .queries import Suggestion


def said(suggestion: Suggestion, days: int) -> str:
    """``214 of 1,020 shoppers went on within 14 days, at least 1.7 times the usual share; 80 went the other way.``"""
    text = _(
        "%(moved)s of %(bought)s shoppers went on within %(days)s days, at least %(lift)s times the usual share; "
        "%(back)s went the other way."
    )
    return text % {
        "moved": count(suggestion.moved),
        "bought": count(suggestion.bought),
        "days": count(days),
        "lift": lift(suggestion.lift_low),
        "back": count(suggestion.back),
    }


def lift(value: float) -> str:
    """Rounded down, so that "at least" holds."""
    return f"{int(value * 10) / 10:.1f}"


def distance(floors: int) -> str:
    return ngettext("%(count)s floor", "%(count)s floors", floors) % {"count": floors} if floors else _("Same floor")


def draft_name(source: str, target: str) -> str:
    """What the rule of a pair is called at first."""
    return _("From %(source)s to %(target)s") % {"source": source, "target": target}
