"""What is counted of moves between stores, and what a page picks of a count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from analytics.flow import HOUR, MEASURES, OF_REDEMPTIONS, count_flows
from analytics.metrics import Sums
from coupons.affinity.report import count_runs
from coupons.affinity.source import recent_purchases
from coupons.models import Redemption, Reversal
from mallops.lib.columns import Seconds, read_columns
from mallops.lib.dates import Period, day_end, day_start
from merchants.models import Mall

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Pair = tuple[int, int]  # ids of the places a move leaves and reaches


def flows_of(mall: Mall, period: Period, within_hours: int) -> dict[str, Any]:
    """The moves that arrived in the period, as the JSON that `FlowReport.result` keeps.

    {"purchases": 97012, "shoppers": 11044,     # of known shoppers in the period, with or without a move
     "pairs": {"source": [12, …], "target": [34, …], "moves": […], "move_shoppers": […], "move_fen": […],
               "driven_moves": […], "driven_fen": […]}}     # columns, see `analytics.flow.Flows`
    """
    within = timedelta(hours=within_hours)
    read = Period(period.start - timedelta(days=-(-within_hours // 24)), period.end)
    bought = recent_purchases(mall, read).columns
    since = int(day_start(period.start, mall.time_zone).timestamp())
    flows = count_flows(bought, redemptions(mall, read, within), since=since, within=within_hours * HOUR)
    inside = bought["shopper_id"][bought["at"] >= since]
    return {"purchases": len(inside), "shoppers": count_runs(inside), "pairs": flows.columns()}


def redemptions(mall: Mall, period: Period, within: timedelta) -> "np.ndarray":
    """Who used where what was earned where (columns of OF_REDEMPTIONS), from the period until `within` after it,
    without what was undone. `at` is when the payment was made on which the coupon was used, if that is known."""
    undone = Reversal.objects.for_mall(mall).filter(redemption=OuterRef("pk"))
    start, end = day_start(period.start, mall.time_zone), day_end(period.last, mall.time_zone) + within
    rows = Redemption.objects.for_mall(mall).filter(~Exists(undone), redeemed_at__gte=start, redeemed_at__lt=end)
    rows = rows.order_by().annotate(
        shopper_id=F("coupon__shopper_id"), source_id=F("coupon__store_id"), target_id=F("store_id"),
        at=Seconds(Coalesce("payment__paid_at", "redeemed_at")),
    )  # fmt: skip
    return read_columns(rows, OF_REDEMPTIONS)


def pairs_frame(result: Mapping[str, Any]) -> "pd.DataFrame":
    """The pairs of a count: a row each, of `source`, `target` and MEASURES."""
    import pandas as pd

    return pd.DataFrame(result["pairs"], dtype="int64")


@dataclass(frozen=True)
class Moves:
    """Sums of MEASURES by pair of places, those of most moves first. `sums` is indexed by the pairs; `together` tells
    which of them are of several pairs of stores: their different shoppers cannot be added up, and are not told."""

    sums: "pd.DataFrame"
    together: "pd.Series"

    def __len__(self) -> int:
        return len(self.sums)

    def total(self) -> Sums:
        return {name: int(total) for name, total in self.sums.sum().items()} | {"move_shoppers": None}

    def of(self, source: int, target: int) -> Sums:
        """Of one pair, none included."""
        pair = (source, target)
        return self.sums.loc[pair].to_dict() if pair in self.sums.index else dict.fromkeys(MEASURES, 0)

    def largest(self, most: int) -> dict[Pair, Sums]:
        return self._rows(self.sums[:most])

    def square(self, size: int) -> dict[Pair, Sums]:
        """Those between the places that most moves leave, and those that most reach: `size` of either."""
        kept = self.sums
        for end in ("source", "target"):
            places = self.sums.groupby(end)["moves"].sum().nlargest(size).index
            kept = kept[kept.index.get_level_values(end).isin(places)]
        return self._rows(kept)

    def _rows(self, sums: "pd.DataFrame") -> dict[Pair, Sums]:
        found = {(int(a), int(b)): row for (a, b), row in zip(sums.index, sums.to_dict("records"), strict=True)}
        for pair, row in found.items():
            if self.together[pair]:
                row["move_shoppers"] = None
        return found


def between(pairs: "pd.DataFrame", sources: Mapping[int, int], targets: Mapping[int, int]) -> Moves:
    """The moves between places. The mappings give the place of a store; moves from or to other stores are left out."""
    own = pairs.assign(source=pairs["source"].map(sources), target=pairs["target"].map(targets)).dropna()
    groups = own.groupby(["source", "target"])
    sums = groups[list(MEASURES)].sum()
    return Moves(sums.sort_values("moves", ascending=False, kind="stable"), groups.size() > 1)
