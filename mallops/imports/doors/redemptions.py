"""Coupons that were redeemed elsewhere, for instance at a till without a connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coupons.models import Redemption
from coupons.redeeming import RedeemError
from mallops import pipeline
from mallops.imports import cells
from mallops.lib.csvcolumns import Column

from .base import Door, Posted, Problem, Reader
from .ledger import MOMENT, STORE, read_store

# The column to blame and why, by the code of a RedeemError.
REASONS = {
    "mistyped": ("coupon", gettext_lazy("is not a coupon code")),
    "forged": ("coupon", gettext_lazy("is not a coupon of this mall")),
    "unknown_code": ("coupon", gettext_lazy("is not a coupon of this mall")),
    "not_yet_valid": ("redeemed_at", gettext_lazy("lies before the coupon is valid")),
    "expired": ("redeemed_at", gettext_lazy("lies after the coupon has expired")),
    "already_redeemed": ("coupon", gettext_lazy("was redeemed before")),
    "revoked": ("coupon", gettext_lazy("was revoked")),
    "store_not_usable": ("store", gettext_lazy("does not take this coupon")),
    "below_minimum": ("amount", gettext_lazy("is below the coupon's minimum")),
    "request_reused": ("request_id", gettext_lazy("was used for another coupon or store")),
}


class RedemptionRow(NamedTuple):
    code: str
    store_id: int
    order_fen: int
    redeemed_at: datetime
    request_id: str


class RedemptionDoor(Door):
    event = RedemptionRow
    chunk_rows = 500
    columns = (
        Column("coupon", "券码", gettext_lazy("The code of the coupon."), "H7KM-3QXW-P9TD"),
        STORE,
        Column("amount", "订单金额", gettext_lazy("The whole order in yuan, before the coupon."), "268.00"),
        Column("redeemed_at", "核销时间", MOMENT,
               "2026-04-02 19:40:00"),
        Column("request_id", "核销流水号", gettext_lazy("Your number of the redemption; a number counts once."),
               "till-3-000127"),
    )  # fmt: skip

    def readers(self) -> Sequence[Reader]:
        moment = cells.MomentReader(self.run.mall.time_zone, self.now)
        return (
            cells.identifier, read_store(self.run.mall_id), cells.remember(cells.amount), moment, cells.identifier,
        )  # fmt: skip

    def post(self, events: Sequence[RedemptionRow]) -> Posted:
        posted = Posted()
        seen = self._requests_known(events)
        for place, row in enumerate(events):
            try:
                self._redeem(row)
            except RedeemError as error:
                column, reason = REASONS.get(error.code, ("", _("cannot be redeemed")))
                posted.refused.append(Problem(place, self.title(column), str(reason)))
                continue
            posted.known += row.request_id in seen
            posted.added += row.request_id not in seen
            seen.add(row.request_id)
        return posted

    def _requests_known(self, events: Sequence[RedemptionRow]) -> set[str]:
        known = Redemption.objects.for_mall(self.run.mall_id).filter(request_id__in={e.request_id for e in events})
        return set(known.values_list("request_id", flat=True))

    def _redeem(self, row: RedemptionRow) -> None:
        pipeline.redeem(
            mall_id=self.run.mall_id, code=row.code, store_id=row.store_id, order_fen=row.order_fen,
            request_id=row.request_id, source=self.source, now=row.redeemed_at, by=self.run.created_by,
        )  # fmt: skip
