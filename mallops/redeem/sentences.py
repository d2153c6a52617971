"""Why a coupon is refused, for the person at the counter."""

from django.utils.translation import gettext as _

from coupons.redeeming import RedeemError
from mallops.lib.format import moment, money
from merchants.models import Mall, Merchant, Store


def refusal(error: RedeemError, merchant: Merchant) -> str:
    """The sentence for a RedeemError; where a coupon was used is told for the merchant's own stores only."""
    say = _SAYINGS.get(error.code)
    return say(error.context, merchant) if say else _plain()[error.code]


def _plain() -> dict[str, str]:
    return {
        "mistyped": _("Mistyped? Codes have 12 characters and never 0, 1, I, L, O, U or Z; one is wrong."),
        "unknown_code": _("There is no coupon with this code."),
        "revoked": _("This coupon was revoked, as when the payment that earned it is refunded."),
        "store_not_usable": _("This coupon cannot be used at this store."),
        "request_reused": _("This form was used for another coupon. Enter the code again."),
        "unknown_payment": _("There is no such payment."),
        "unknown_redemption": _("There is no such redemption."),
        "already_reversed": _("This redemption was undone already."),
    }  # fmt: skip


def _not_yet_valid(context: dict, merchant: Merchant) -> str:
    return _("This coupon is valid from %(moment)s on.") % {"moment": local(context["valid_from"], merchant.mall)}


def _expired(context: dict, merchant: Merchant) -> str:
    return _("This coupon expired on %(moment)s.") % {"moment": local(context["expires_at"], merchant.mall)}


def _below_minimum(context: dict, merchant: Merchant) -> str:
    least = money(context["minimum_fen"], merchant.mall.currency)
    return _("The order must come to at least %(amount)s for this coupon.") % {"amount": least}


def _already_redeemed(context: dict, merchant: Merchant) -> str:
    at = local(context["redeemed_at"], merchant.mall)
    store = Store.objects.filter(merchant=merchant, pk=context["store_id"]).first()
    if store is None:
        return _("This coupon was redeemed already, on %(moment)s.") % {"moment": at}
    return _("This coupon was redeemed already, on %(moment)s at %(store)s.") % {"moment": at, "store": store.name}


def local(when, mall: Mall) -> str:
    return moment(when, mall.time_zone)


_SAYINGS = {
    "not_yet_valid": _not_yet_valid,
    "expired": _expired,
    "below_minimum": _below_minimum,
    "already_redeemed": _already_redeemed,
}
