"""What the pages of plans share: states, terms in words, tables."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mallops.lib import spans
from merchants.models import Mall
from settlements.models import PlanOffer
from settlements.plans import PlanTerms
from settlements.queries import plans as queries
from settlements.words import plan_sentence

State = PlanOffer.State


def offer_state(offer: PlanOffer, day: date) -> tuple[str, str]:
    """Text and tone of an offer on a day."""
    return {
        State.OFFERED: (_("Waits for an answer"), "info"),
        spans.UPCOMING: (_("Accepted, not begun"), "info"),
        spans.RUNNING: (_("Running"), "good"),
        spans.ENDED: (_("Ended"), "off"),
        State.DECLINED: (pgettext("plan offer", "Declined"), "bad"),
        State.WITHDRAWN: (pgettext("plan offer", "Withdrawn"), "off"),
    }[queries.state_on(offer, day)]


def days_of(offer: PlanOffer) -> str:
    last = spans.last_day(offer.until_day)
    return f"{offer.from_day} – {last}" if last else _("from %(day)s on") % {"day": offer.from_day}


def said(terms: dict, mall: Mall) -> str:
    return plan_sentence(PlanTerms.from_json(terms), mall.currency)
