"""What a coupon of a stock is worth and when it is valid."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.models import Stock
from coupons.models.stock import Kind, Validity
from mallops.lib.format import basis_points, date_range

from .names import Names


def stock_sentence(stock: Stock, symbol: str = "¥") -> str:
    """``¥8 off orders of ¥25 or more``."""
    worth = _worth(stock, Names(symbol=symbol))
    if not stock.min_spend_fen:
        return worth
    least = Names(symbol=symbol).money(stock.min_spend_fen)
    return _("%(worth)s on orders of %(least)s or more") % {"worth": worth, "least": least}


def _worth(stock: Stock, names: Names) -> str:
    if stock.kind == Kind.PERCENT_OFF:
        return _("%(percent)s off, at most %(ceiling)s") % {
            "percent": basis_points(stock.percent_bp), "ceiling": names.money(stock.ceiling_fen),
        }  # fmt: skip
    if stock.kind == Kind.EXCHANGE:
        return _("Goods worth %(value)s for %(price)s") % {
            "value": names.money(stock.value_fen), "price": names.money(stock.exchange_price_fen),
        }  # fmt: skip
    return _("%(value)s off") % {"value": names.money(stock.value_fen)}


def validity_sentence(stock: Stock) -> str:
    if stock.validity == Validity.FIXED:
        return date_range(stock.valid_from_day, stock.valid_until_day)
    if stock.validity == Validity.HOURS:
        return ngettext(
            "%(number)s hour from receipt", "%(number)s hours from receipt", stock.valid_for
        ) % {"number": stock.valid_for}  # fmt: skip
    return ngettext(
        "%(number)s day after receipt", "%(number)s days after receipt", stock.valid_for
    ) % {"number": stock.valid_for}  # fmt: skip
