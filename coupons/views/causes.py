"""What set rules off, a payment or a claim, as the pages show it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from coupons.models import Claim
from mallops.lib.format import moment, money
from merchants.models import Mall
from payments.models import Payment


def cause_kind(cause: Payment | Claim) -> str:
    return "payment" if isinstance(cause, Payment) else "claim"


def cause_url(mall: Mall, cause: Payment | Claim) -> str:
    """The page that explains it."""
    return reverse(f"coupons:explain_{cause_kind(cause)}", args=[mall.slug, cause.pk])


def cause_title(mall: Mall, cause: Payment | Claim) -> str:
    """``Payment of ¥60.00 at Hotpot``; its store is loaded."""
    if isinstance(cause, Payment):
        said = {"amount": money(cause.amount_fen, mall.currency), "store": cause.store.name}
        return _("Payment of %(amount)s at %(store)s") % said
    return _("%(kind)s at %(store)s") % {"kind": cause.get_kind_display(), "store": cause.store.name}


def cause_facts(mall: Mall, cause: Payment | Claim) -> list[tuple[str, str]]:
    """Labels and texts; its store is loaded, of a claim also the rule."""
    if isinstance(cause, Payment):
        facts = [
            (_("Transaction id"), f"{cause.get_channel_display()} · {cause.transaction_id}"),
            (_("Amount"), money(cause.amount_fen, mall.currency)),
            (_("Refunded"), money(cause.refunded_fen, mall.currency) if cause.refunded_fen else ""),
            (_("Paid at"), moment(cause.paid_at, mall.time_zone)),
            (_("Arrived at"), moment(cause.recorded_at, mall.time_zone)),
        ]
    else:
        distance = "" if cause.distance_m is None else _("%(metres)s m") % {"metres": cause.distance_m}
        facts = [
            (_("Claimed by"), cause.get_kind_display()),
            (_("Rule"), cause.rule.name),
            (_("Claimed at"), moment(cause.claimed_at, mall.time_zone)),
            (_("Distance"), distance),
        ]
    return [(_("Store"), cause.store.name), *((label, text) for label, text in facts if text)]
