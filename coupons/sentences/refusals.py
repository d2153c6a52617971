"""Why a coupon is refused: for the person at the counter, the system that called the API, and the list of disputes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mallops.lib.format import moment, money
from merchants.models import Mall, Merchant, Store

if TYPE_CHECKING:
    from coupons.redeeming import RedeemError


def refusal(error: "RedeemError", mall: Mall, merchant: Merchant | None = None) -> str:
    """The sentence for a RedeemError; where a coupon was used is told for the merchant's own stores only."""
    say = _SAYINGS.get(error.code)
    return say(error.context, mall, merchant) if say else refusals()[error.code]


def refusals() -> dict[str, str]:
    """A sentence for each code of redeeming.CODES, without the particulars."""
    return {
        "mistyped": _("Mistyped? Codes have 12 characters and never 0, 1, I, L, O, U or Z; one is wrong."),
        "forged": _("This QR code was not made by this mall, or was changed."),
        "unknown_code": _("There is no coupon with this code."),
        "not_yet_valid": _("This coupon is not valid yet."),
        "expired": _("This coupon has expired."),
        "already_redeemed": _("This coupon was redeemed already."),
        "revoked": _("This coupon was revoked, as when the payment that earned it is refunded."),
        "store_not_usable": _("This coupon cannot be used at this store."),
        "below_minimum": _("The order is below the minimum of this coupon."),
        "too_late": _("This redemption arrived more than 72 hours after it was made."),
        "request_reused": _("This request was sent before for another coupon or store. Enter the code again."),
        "unknown_payment": _("There is no payment with this channel and transaction id at this store."),
        "unknown_redemption": _("There is no such redemption."),
        "already_reversed": _("This redemption was undone already."),
    }


def _not_yet_valid(context: dict, mall: Mall, merchant: Merchant | None) -> str:
    return _("This coupon is valid from %(moment)s on.") % {"moment": local(context["valid_from"], mall)}


def _expired(context: dict, mall: Mall, merchant: Merchant | None) -> str:
    return _("This coupon expired on %(moment)s.") % {"moment": local(context["expires_at"], mall)}


def _below_minimum(context: dict, mall: Mall, merchant: Merchant | None) -> str:
    least = money(context["minimum_fen"], mall.currency)
    return _("The order must come to at least %(amount)s for this coupon.") % {"amount": least}


def _already_redeemed(context: dict, mall: Mall, merchant: Merchant | None) -> str:
    at = local(context["redeemed_at"], mall)
    store = merchant and Store.objects.filter(merchant=merchant, pk=context["store_id"]).first()
    if store is None:
        return _("This coupon was redeemed already, on %(moment)s.") % {"moment": at}
    return _("This coupon was redeemed already, on %(moment)s at %(store)s.") % {"moment": at, "store": store.name}


def local(when: Any, mall: Mall) -> str:
    return moment(when, mall.time_zone)


_SAYINGS: dict[str, Callable[[dict, Mall, Merchant | None], str]] = {
    "not_yet_valid": _not_yet_valid,
    "expired": _expired,
    "below_minimum": _below_minimum,
    "already_redeemed": _already_redeemed,
}
