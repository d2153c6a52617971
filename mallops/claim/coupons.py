"""What the shopper's page of a coupon shows."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from coupons import offline, rulebooks
from coupons.codes import shown
from coupons.models import Coupon, Redemption
from coupons.models.coupon import CouponState
from coupons.sentences import stock_sentence
from merchants.models import Store
from merchants.queries import directory as directories

STORES_SHOWN = 8


def coupon_context(coupon: Coupon, *, now: datetime) -> dict[str, Any]:
    """Worth, where, until when; the code and its QR code while it can be used."""
    mall = coupon.mall
    state, tone = standing(coupon, now)
    stores = usable_stores(coupon)
    return {
        "title": coupon.stock.name,
        "mall": mall,
        "coupon": coupon,
        "worth": stock_sentence(coupon.stock, mall.currency),
        "until": last_moment(coupon),
        "state": state,
        "tone": tone,
        "code": shown(coupon.code),
        "qr": qr_svg(offline.seal(coupon)) if tone in ("good", "info") else "",
        "stores": stores[:STORES_SHOWN],
        "more_stores": max(0, len(stores) - STORES_SHOWN),
        "used": last_use(coupon) if coupon.state == CouponState.REDEEMED else None,
    }


def standing(coupon: Coupon, now: datetime) -> tuple[str, str]:
    """The state in words and its tone. A coupon whose time is over is expired, even before the books say so."""
    if coupon.state == CouponState.REDEEMED:
        return _("Used"), "off"
    if coupon.state == CouponState.REVOKED:
        return _("Withdrawn"), "warn"
    if coupon.state == CouponState.EXPIRED or now >= coupon.expires_at:
        return _("Expired"), "off"
    return (_("Not valid yet"), "info") if now < coupon.valid_from else (_("Ready to use"), "good")


def last_moment(coupon: Coupon) -> datetime:
    """The last second in which the coupon can be used: people read 23:59 more easily than 00:00 of the day after."""
    return coupon.expires_at - timedelta(seconds=1)


def usable_stores(coupon: Coupon) -> list[Store]:
    directory = directories.current(coupon.mall_id)
    usable = rulebooks.current(directory).specs[coupon.stock_id].usable
    return list(Store.objects.filter(mall=coupon.mall_id, pk__in=usable).select_related("floor").order_by("code"))


def last_use(coupon: Coupon) -> Redemption | None:
    uses = Redemption.objects.for_mall(coupon.mall_id).filter(coupon=coupon.pk)
    return uses.select_related("store").order_by("-turn").first()


def qr_svg(text: str) -> SafeString:
    """A QR code to stand in a page: black on white, as wide as its box."""
    import segno

    out = BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass=None, lineclass=None, border=2
    )
    return mark_safe(out.getvalue().decode())  # drawn by us: paths and numbers only
