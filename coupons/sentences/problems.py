"""Why a step of a rule is refused, and how to mend it, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from .changes import narrowed_labels
from .names import Names, all_of


def problem_sentences(problems: Sequence[tuple[str, list]], names: Names) -> list[str]:
    """The problems of a `services.rules.RuleError`."""
    return [_say(code, about, names) for code, about in problems]


def _say(code: str, about: list, names: Names) -> str:
    stocks = all_of([names.stock(pk) for pk in about]) if code.endswith("_stock") else ""
    merchants = all_of([names.payer(pk) for pk in about]) if code == "consent_missing" else ""
    providers = all_of([names.provider(pk) for pk in about]) if code == "barred_provider" else ""
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
        "foreign_merchant": _("Merchants that are not of this mall: %(ids)s.") % {"ids": numbers},
        "foreign_provider": _("Service providers that are not of this mall: %(ids)s.") % {"ids": numbers},
        "barred_provider": _(
            "Not approved, suspended or terminated, so it may not pay: %(providers)s. Take its share away, or wait "
            "until it stands better."
        )
        % {"providers": providers},
        "narrows": _(
            "A live rule may only widen, and this would take away: %(fields)s. Leave that as it is, pause the rule "
            "first, or make a new rule."
        )
        % {"fields": narrowed_labels(about) if code == "narrows" else ""},
        "holdout_fixed": _(
            "The control group stays as it was drawn when the rule was launched, else nothing could be measured. Leave "
            "it as it is, or make a new rule."
        ),
        "not_proposed": _("Nothing is proposed: propose the draft first."),
        "consent_missing": _("Not agreed yet: %(merchants)s.") % {"merchants": merchants},
        "consent_moved": _("The invitation has moved on meanwhile; this answer does not fit any more."),
        "reason_missing": _("Say why."),
    }[code]
