"""What a refund does to coupons: the policy of the rule version that issued them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from merchants.queries.directory import Directory
from payments.ledger import RecordedRefund
from payments.models import Payment

from . import closing, redeeming
from .engine.terms import RuleTerms
from .models import Coupon, Redemption
from .models.coupon import CouponState
from .redeeming import Undone


@dataclass(slots=True)
class Consequences:
    revoked: list[Coupon] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)


def apply(directory: Directory, refunds: Sequence[RecordedRefund], *, source: str, now: datetime) -> Consequences:
    """Revoke unused coupons that refunded payments earned, give back coupons used on them, as each rule says."""
    done = Consequences()
    if not refunds:
        return done
    payments = {refund.payment.pk: refund.payment for refund in refunds}
    earned = (
        Coupon.objects.for_mall(directory.mall_id)
        .filter(payment__in=payments, state=CouponState.ISSUED)
        .select_related("rule_version")
    )
    doomed = [coupon for coupon in earned if is_revoked(terms_of(coupon), payments[coupon.payment_id])]
    done.revoked = closing.close(directory, doomed, kind="revoked", reason="refund", now=now)
    used = (
        Redemption.objects.for_mall(directory.mall_id)
        .filter(payment__in=payments, coupon__state=CouponState.REDEEMED)
        .select_related("coupon", "coupon__rule_version")
        .order_by("coupon")
    )
    for redemption in used:
        if is_returned(terms_of(redemption.coupon), redemption, payments[redemption.payment_id]):
            # The blank keeps it apart from the request ids of callers, which have none.
            undone, made = redeeming.reverse(
                directory=directory, redemption_id=redemption.pk, request_id=f"refund {redemption.pk}",
                reason="refund", source=source, now=now,
            )  # fmt: skip
            if made:
                done.undone.append(undone)
    return done


def terms_of(coupon: Coupon) -> RuleTerms:
    return RuleTerms.from_json(coupon.rule_version.terms)


def is_revoked(terms: RuleTerms, payment: Payment) -> bool:
    """Whether an unused coupon goes when the payment that earned it is refunded as far as it is now."""
    if terms.on_trigger_refund == "revoke_below_minimum":
        left = payment.amount_fen - payment.refunded_fen
        return left < terms.min_fen or left == 0
    return terms.on_trigger_refund == "revoke"


def is_returned(terms: RuleTerms, redemption: Redemption, payment: Payment) -> bool:
    """Whether a used coupon comes back: its last use was on this payment, which is refunded in full."""
    return (
        terms.on_use_refund == "return"
        and redemption.turn == redemption.coupon.turn
        and payment.refunded_fen == payment.amount_fen
    )
