"""Key figures: the value, its move against the compared days, what it was, and its course by day."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics.metrics import METRICS, Sums
from analytics.queries.choice import Choice
from mallops.lib.ui.parts import Tile

# Issued here and redeemed here are different coupons, so a part of a mall shows the count and not the rate.
OF_MALL = ("net_sales", "transactions", "average_ticket", "redemption_rate", "refund_rate")
OF_STORES = ("net_sales", "transactions", "average_ticket", "redeemed", "refund_rate")


def tiles(choice: Choice, keys: Sequence[str], now: Sums, before: Sums, days) -> list[Tile]:
    """`days` is the frame of the period (`frames.by_step`) with the same metrics."""
    return [tile(choice, key, now, before, list(days[key])) for key in keys]


def tile(choice: Choice, key: str, now: Sums, before: Sums, spark: Sequence) -> Tile:
    metric, currency = METRICS[key], choice.place.mall.currency
    value, was = metric.value(now), metric.value(before)
    return Tile(
        label=metric.label,
        value=metric.short(value, currency),
        full=metric.text(value, currency),
        change=metric.change(value, was) if choice.before else None,
        was=_("was %(value)s") % {"value": metric.short(was, currency)} if choice.before else "",
        spark=spark if metric.per else [number or 0 for number in spark],
        definition=metric.help,
    )
