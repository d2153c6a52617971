"""The registry of figures: every one on a screen, in an export, a mail or the API is defined here and nowhere else."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from .metric import SHOPPERS, Metric

PAID = _("By the day of the payment.")
PAID_AND_REFUNDED = _("Payments by their day, refunds by the day they were made.")
HAPPENED = _("By the day it happened.")
YEAR = _("Known shoppers with a payment in the 365 days up to the report.")
ARRIVED = _("By the day of the payment where the move arrives.")

_ALL = (
    Metric(
        "net_sales", _("Net sales"), _("Payments less refunds."), PAID_AND_REFUNDED, "fen", "gross_fen - refund_fen"
    ),
    Metric(
        "growth", _("Growth of net sales"), _("Net sales less those of the compared days, divided by the latter."),
        PAID_AND_REFUNDED, "rate", "gross_fen - refund_fen - before_fen", per="before_fen",
    ),
    Metric("gross_sales", _("Gross sales"), _("All payments, before refunds."), PAID, "fen", "gross_fen"),
    Metric("transactions", _("Transactions"), _("Number of payments."), PAID, "count", "payments"),
    Metric(
        "average_ticket", _("Average ticket"), _("Gross sales divided by the number of payments."), PAID,
        "fen", "gross_fen", per="payments",
    ),
    Metric(
        "refunded", _("Refunds"), _("Money given back."), _("By the day of the refund."), "fen", "refund_fen",
        better="down",
    ),
    Metric(
        "refund_rate", _("Refund rate"), _("Refunds divided by gross sales of the same days."), PAID_AND_REFUNDED,
        "rate", "refund_fen", per="gross_fen", better="down",
    ),
    Metric(
        "refunds", _("Number of refunds"), _("How often money was given back."), _("By the day of the refund."),
        "count", "refunds", better="down",
    ),
    Metric(
        "average_refund", _("Average refund"), _("Refunds divided by their number."), _("By the day of the refund."),
        "fen", "refund_fen", per="refunds", better="down",
    ),
    Metric(
        "refund_frequency", _("Refunds per payment"), _("Number of refunds divided by the number of payments."),
        PAID_AND_REFUNDED, "rate", "refunds", per="payments", better="down",
    ),
    Metric(
        "shoppers", _("Shoppers"), _("Different people who paid. Payments without a known shopper are left out."), PAID,
        "count", "shoppers",
    ),
    Metric(
        "new_shoppers", _("New shoppers"), _("People who paid in the mall for the first time."), PAID,
        "count", "new_shoppers",
    ),
    Metric(
        "returning_shoppers", _("Returning shoppers"), _("Different people who paid, less those new in these days."),
        PAID, "count", "shoppers - new_shoppers",
    ),
    Metric(
        "returning_share", _("Share of returning shoppers"), _("Returning shoppers divided by all shoppers."), PAID,
        "rate", "shoppers - new_shoppers", per="shoppers",
    ),
    Metric(
        "payments_per_shopper", _("Payments per shopper"),
        _("Payments of known shoppers divided by their number."), PAID, "mean", "known_payments", per="shoppers",
    ),
    Metric(
        "spend_per_shopper", _("Spend per shopper"),
        _("Gross sales to known shoppers divided by their number."), PAID, "fen", "known_fen", per="shoppers",
    ),
    Metric(
        "known_share", _("Payments with a known shopper"),
        _("Payments whose shopper is known divided by all payments."), PAID, "rate", "known_payments", per="payments",
    ),
    Metric(
        "issued", _("Coupons issued"), _("Coupons given for payments at these stores."), HAPPENED, "count", "issued",
        brief=_("Issued"),
    ),
    Metric(
        "shown", _("Coupons looked at"), _("Coupons whose page the shopper opened, each counted the first time."),
        HAPPENED, "count", "shown", brief=_("Looked at"),
    ),
    Metric(
        "show_rate", _("Share looked at"),
        _("Coupons looked at for the first time divided by coupons issued in the same days."),
        HAPPENED, "rate", "shown", per="issued",
    ),
    Metric(
        "redeemed", _("Coupons redeemed"), _("Coupons used at these stores, less redemptions undone."), HAPPENED,
        "count", "redeemed - reversals", brief=_("Redeemed"),
    ),
    Metric(
        "redemption_rate", _("Redemption rate"),
        _("Coupons redeemed divided by coupons issued in the same days, whenever those redeemed were issued."),
        HAPPENED, "rate", "redeemed - reversals", per="issued",
    ),
    Metric(
        "expired", _("Coupons expired"), _("Coupons not used in time."), HAPPENED, "count", "expired",
        brief=_("Expired"), better="down",
    ),
    Metric(
        "revoked", _("Coupons revoked"), _("Coupons taken back, for example after a refund."), HAPPENED,
        "count", "revoked", brief=_("Revoked"), better="down",
    ),
    Metric(
        "discount", _("Discount"), _("What shoppers did not pay thanks to coupons, less redemptions undone."),
        HAPPENED, "fen", "discount_fen - reversed_fen", better=None,
    ),
    Metric(
        "own_cost", _("Your part of the discount"),
        _("What the ledger books to you for coupons used, as each rule's version says, less redemptions undone."),
        HAPPENED, "fen", "own_cost_fen", better=None,
    ),
    Metric(
        "coupon_sales", _("Sales with coupon"),
        _("Orders on which a coupon was redeemed, before the discount, less redemptions undone."),
        HAPPENED, "fen", "coupon_sales_fen - reversed_sales_fen",
    ),
    Metric(
        "coupon_ticket", _("Average order with coupon"), _("Sales with coupon divided by coupons redeemed."),
        HAPPENED, "fen", "coupon_sales_fen - reversed_sales_fen", per="redeemed - reversals",
    ),
    Metric(
        "coupon_return", _("Sales for each 1 of discount"),
        _("Sales with coupon divided by the discount. What shoppers would have bought without a coupon is in it."),
        HAPPENED, "fen", "coupon_sales_fen - reversed_sales_fen", per="discount_fen - reversed_fen", scale=100,
    ),
    Metric(
        "undone", _("Redemptions undone"), _("Coupons given back after they were used, for example after a refund."),
        HAPPENED, "count", "reversals", better="down",
    ),
    Metric(
        "year_spend", _("Spend in the year"), _("What these shoppers paid less what was refunded of it."), YEAR,
        "fen", "spent_fen", brief=_("Spend"),
    ),
    Metric(
        "year_spend_each", _("Spend in the year, each"), _("Spend in the year divided by the number of shoppers."),
        YEAR, "fen", "spent_fen", per="shoppers", brief=_("Each"),
    ),
    Metric(
        "idle_days", _("Days since the last payment"),
        _("Average over these shoppers, up to the day of the report."), YEAR, "mean", "idle_days", per="shoppers",
        better="down",
    ),
    Metric(
        "retention", _("Came back"),
        _("Shoppers who paid again in that month divided by all who paid first in the month of the row."),
        _("By the month of the payment."), "rate", "back_shoppers", per="shoppers",
    ),
    Metric(
        "moves", _("Moves"),
        _("A known shopper paid at one store and next, within the time chosen, at another. Each counts once."),
        ARRIVED, "count", "moves",
    ),
    Metric(
        "move_shoppers", _("Shoppers who moved"), _("Different shoppers among the moves."), ARRIVED,
        "count", "move_shoppers", brief=_("Shoppers"),
    ),
    Metric(
        "move_sales", _("Sales after moves"), _("What was paid where moves arrived, less what was refunded of it."),
        ARRIVED, "fen", "move_fen",
    ),
    Metric(
        "driven_moves", _("Coupon-driven moves"),
        _("A coupon earned where the move left was redeemed where it arrived, within the time chosen."), ARRIVED,
        "count", "driven_moves", brief=_("Coupon-driven"),
    ),
    Metric(
        "driven_share", _("Coupon-driven share"), _("Coupon-driven moves divided by all moves."), ARRIVED,
        "rate", "driven_moves", per="moves",
    ),
    Metric(
        "driven_sales", _("Sales after coupon-driven moves"),
        _("What was paid where coupon-driven moves arrived, less what was refunded of it."), ARRIVED,
        "fen", "driven_fen",
    ),
)  # fmt: skip

METRICS: dict[str, Metric] = {metric.key: metric for metric in _ALL}


def measures_of(keys: Iterable[str]) -> tuple[str, ...]:
    """The measures that some metrics need summed, in a fixed order; ``shoppers`` is not one."""
    return tuple(sorted(frozenset().union(*(METRICS[key].measures for key in keys)) - {SHOPPERS}))
