"""Two coupons taken without connection that had been used elsewhere: one such use is settled, one waits."""

from datetime import datetime, timedelta

from coupons import disputes
from coupons.models import Dispute, Redemption
from mallops.redeem.late import redeem_late
from merchants.models import Mall, Store, User

AGREED = "两家门店各承担一半。Each store bears half of it."


def load(mall: Mall, *, until: datetime, cashier: User, by: User) -> None:
    """Of the last uses at stores of the cashier's merchant."""
    used = Redemption.objects.for_mall(mall).filter(
        store__in=Store.objects.visible_to(cashier), reversals=None, redeemed_at__gt=until - timedelta(days=7),
        redeemed_at__lt=until - timedelta(hours=3),
    )  # fmt: skip
    latest = used.select_related("coupon", "store__merchant").order_by("-redeemed_at", "-pk")
    found = [_take_again(redemption, cashier) for redemption in latest[:2]]
    for dispute in found[1:]:
        disputes.settle(dispute=dispute, note=AGREED, by=by, now=until)


def _take_again(first: Redemption, cashier: User) -> Dispute:
    """The same coupon at another store of the merchant, if it has any, a quarter of an hour later; sent by evening."""
    others = first.store.merchant.stores.exclude(pk=first.store_id).order_by("code")
    return redeem_late(
        mall_id=first.mall_id, code=first.coupon.code, store_id=(others.first() or first.store).pk,
        order_fen=first.order_fen, request_id=f"demo-late-{first.pk}", source="page:late",
        redeemed_at=first.redeemed_at + timedelta(minutes=15), now=first.redeemed_at + timedelta(hours=2), by=cashier,
    )  # fmt: skip
