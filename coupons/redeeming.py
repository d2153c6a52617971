"""Redeeming a coupon at a store (核销), and undoing it.

Each change is a compare-and-set on the coupon's state plus a row that only ever is added. Doors call the
functions of the same names in `mallops.pipeline`, which add the roll-ups in the same transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from mallops.lib.money import share_bp
from merchants.queries.directory import Directory

from . import offline, rulebooks
from .codes import is_well_formed, normalise
from .models import Coupon, CouponClosure, Redemption, Reversal, Stock
from .models.coupon import CouponState
from .models.stock import Kind

CODES = (
    "mistyped", "forged", "unknown_code", "not_yet_valid", "expired", "already_redeemed", "revoked",
    "store_not_usable", "below_minimum", "too_late", "request_reused", "unknown_payment", "unknown_redemption",
    "already_reversed",
)  # fmt: skip


# A coupon whose time was over when it was closed can still have been used before, at a store without connection.
USABLE = (CouponState.ISSUED, CouponState.EXPIRED)


class RedeemError(Exception):
    """Why a coupon cannot be redeemed or a redemption not undone: a code of CODES and what a sentence needs."""

    def __init__(self, code: str, **context: Any) -> None:
        super().__init__(code)
        self.code = code
        self.context = context


@dataclass(frozen=True, slots=True)
class Quote:
    """What redeeming would do. `discount_fen` is None while the order amount is not known."""

    coupon: Coupon
    stock: Stock
    discount_fen: int | None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption (its coupon loaded), and the closure that it proves wrong: its use became known only after the
    coupon had been closed as expired."""

    redemption: Redemption
    closure: CouponClosure | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Undone:
    """A reversal just written, with the redemption it undoes (its coupon loaded), and the closure that holds again."""

    reversal: Reversal
    redemption: Redemption = field(repr=False)
    closure: CouponClosure | None = field(default=None, repr=False)


def check(*, directory: Directory, code: str, store_id: int, order_fen: int | None, now: datetime) -> Quote:
    """Whether a coupon may be redeemed at a store, and for how much off an order of so many fen.

    `now` is when it is used, which may be a while ago: a coupon closed as expired since then is still good.
    Raises RedeemError.
    """
    coupon = find(directory.mall_id, code)
    if coupon.state not in USABLE:
        raise refusal(coupon)
    if now < coupon.valid_from:
        raise RedeemError("not_yet_valid", valid_from=coupon.valid_from)
    if now >= coupon.expires_at:
        raise RedeemError("expired", expires_at=coupon.expires_at)
    book = rulebooks.current(directory)
    if store_id not in book.specs[coupon.stock_id].usable:
        raise RedeemError("store_not_usable", stock_id=coupon.stock_id)
    stock = book.stocks[coupon.stock_id]
    if order_fen is not None and order_fen < least_order(stock):
        raise RedeemError("below_minimum", minimum_fen=least_order(stock))
    return Quote(coupon, stock, None if order_fen is None else discount(stock, order_fen))


def find(mall_id: int, code: str) -> Coupon:
    """The coupon with a code as a person types it or as its QR code says it.

    Raises RedeemError: mistyped, forged or unknown_code.
    """
    coupon = Coupon.objects.for_mall(mall_id).filter(code=plain(mall_id, code)).first()
    if coupon is None:
        raise RedeemError("unknown_code")
    return coupon


def plain(mall_id: int, code: str) -> str:
    """The code itself, of what was typed or scanned. Raises RedeemError: mistyped or forged."""
    if offline.is_sealed(code):
        try:
            return offline.read(mall_id, code).code
        except offline.BadSeal as error:
            raise RedeemError("forged") from error
    code = normalise(code)
    if not is_well_formed(code):
        raise RedeemError("mistyped")
    return code


def refusal(coupon: Coupon) -> RedeemError:
    """Why a coupon that is no longer issued cannot be used."""
    if coupon.state == CouponState.REDEEMED:
        last = Redemption.objects.for_mall(coupon.mall_id).filter(coupon=coupon.pk).order_by("-turn").first()
        return RedeemError("already_redeemed", redeemed_at=last.redeemed_at, store_id=last.store_id)
    if coupon.state == CouponState.EXPIRED:
        return RedeemError("expired", expires_at=coupon.expires_at)
    return RedeemError("revoked")


def least_order(stock: Stock) -> int:
    """The smallest order (fen) on which a coupon can be used: exchanged goods are on the order at their worth."""
    return max(stock.min_spend_fen, stock.value_fen if stock.kind == Kind.EXCHANGE else 0)


def discount(stock: Stock, order_fen: int) -> int:
    """What the shopper need not pay of an order, in fen; percent is rounded down and kept under the ceiling."""
    if stock.kind == Kind.PERCENT_OFF:
        return min(share_bp(order_fen, stock.percent_bp), stock.ceiling_fen)
    return min(stock.cost_fen, order_fen)


def redeem(
    *,
    directory: Directory,
    code: str,
    store_id: int,
    order_fen: int,
    request_id: str,
    source: str,
    now: datetime,
    by: Any = None,
    payment_id: int | None = None,
) -> tuple[Redeemed, bool]:
    """Redeem a coupon. Returns the redemption, and whether this call made it: the same request id again gets the
    first answer. `now` is when the coupon is used, see `check`. Raises RedeemError."""
    code = plain(directory.mall_id, code)
    if earlier := redeemed_by_request(directory.mall_id, request_id, code, store_id):
        return Redeemed(earlier), False
    quote = check(directory=directory, code=code, store_id=store_id, order_fen=order_fen, now=now)
    coupon = quote.coupon
    was = take(coupon)
    if was is None:
        # Another request was quicker; if it was this very one, sent twice, both get the same answer.
        if earlier := redeemed_by_request(directory.mall_id, request_id, code, store_id):
            return Redeemed(earlier), False
        raise refusal(Coupon.objects.for_mall(directory.mall_id).get(pk=coupon.pk))
    day, hour = directory.clock.day_hour(now)
    redemption = Redemption.objects.create(
        mall_id=directory.mall_id, coupon=coupon, turn=coupon.turn + 1, store_id=store_id, payment_id=payment_id,
        order_fen=order_fen, discount_fen=quote.discount_fen, request_id=request_id, redeemed_at=now, day=day,
        hour=hour, by=by, source=source,
    )  # fmt: skip
    return Redeemed(redemption, closure_of(coupon) if was == CouponState.EXPIRED else None), True


def take(coupon: Coupon) -> str | None:
    """Move a coupon to redeemed, if nobody did since it was read; returns the state it was in. It may be closed just
    now, between our reading and our writing."""
    unmoved = Coupon.objects.for_mall(coupon.mall_id).filter(pk=coupon.pk, turn=coupon.turn)
    for state in USABLE:
        if unmoved.filter(state=state).update(state=CouponState.REDEEMED, turn=F("turn") + 1):
            return state
    return None


def closure_of(coupon: Coupon) -> CouponClosure | None:
    return CouponClosure.objects.for_mall(coupon.mall_id).filter(coupon=coupon.pk).first()


def redeemed_by_request(mall_id: int, request_id: str, code: str, store_id: int) -> Redemption | None:
    """What an earlier request of this id made. Raises RedeemError if that was about another coupon or store."""
    earlier = Redemption.objects.for_mall(mall_id).filter(request_id=request_id).first()
    if earlier and (earlier.coupon.code != code or earlier.store_id != store_id):
        raise RedeemError("request_reused")
    return earlier


def reverse(
    *,
    directory: Directory,
    redemption_id: int,
    request_id: str,
    reason: str,
    source: str,
    now: datetime,
    by: Any = None,
) -> tuple[Undone, bool]:
    """Undo a redemption: the coupon is issued again (and may have expired meanwhile). Raises RedeemError."""
    redemption = (
        Redemption.objects.for_mall(directory.mall_id).select_related("coupon").filter(pk=redemption_id).first()
    )
    if redemption is None:
        raise RedeemError("unknown_redemption")
    if earlier := _reversed_by_request(redemption, request_id):
        return Undone(earlier, redemption), False
    # A coupon may have been closed before its use became known.
    closure = closure_of(redemption.coupon)
    won = (
        Coupon.objects.for_mall(directory.mall_id)
        .filter(pk=redemption.coupon_id, state=CouponState.REDEEMED, turn=redemption.turn)
        .update(state=CouponState.EXPIRED if closure else CouponState.ISSUED)
    )
    if not won:
        if earlier := _reversed_by_request(redemption, request_id):  # this very request, sent twice
            return Undone(earlier, redemption), False
        raise RedeemError("already_reversed")
    day, hour = directory.clock.day_hour(now)
    reversal = Reversal.objects.create(
        mall_id=directory.mall_id, redemption=redemption, request_id=request_id, reason=reason[:200],
        reversed_at=now, day=day, hour=hour, by=by, source=source,
    )  # fmt: skip
    return Undone(reversal, redemption, closure), True


def _reversed_by_request(redemption: Redemption, request_id: str) -> Reversal | None:
    earlier = Reversal.objects.for_mall(redemption.mall_id).filter(request_id=request_id).first()
    if earlier and earlier.redemption_id != redemption.pk:
        raise RedeemError("request_reused")
    return earlier
