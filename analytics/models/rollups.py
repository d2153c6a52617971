"""Sums of the ledger that can be rebuilt from it at any time (`analytics.rollups`).

The truth at any moment is a roll-up plus the deltas not yet folded into it; readers add both in one statement.
Days and hours are local ones of the mall; amounts are fen.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mallops.lib.facts import Fact
from payments.models import Channel


class Measures(models.Model):
    """Additive figures of one cell. The names are those of `analytics.rollups.MEASURES`."""

    payments = models.IntegerField(default=0, db_default=0)
    gross_fen = models.BigIntegerField(default=0, db_default=0)
    refunds = models.IntegerField(default=0, db_default=0)
    refund_fen = models.BigIntegerField(default=0, db_default=0)
    issued = models.IntegerField(default=0, db_default=0)  # coupons for payments here
    redeemed = models.IntegerField(default=0, db_default=0)  # redemptions, reversed ones included
    discount_fen = models.BigIntegerField(default=0, db_default=0)
    coupon_sales_fen = models.BigIntegerField(default=0, db_default=0)  # orders with a coupon
    reversals = models.IntegerField(default=0, db_default=0)
    reversed_fen = models.BigIntegerField(default=0, db_default=0)  # discounts given back
    reversed_sales_fen = models.BigIntegerField(default=0, db_default=0)
    expired = models.IntegerField(default=0, db_default=0)
    revoked = models.IntegerField(default=0, db_default=0)
    shown = models.IntegerField(default=0, db_default=0)  # coupons looked at for the first time
    new_shoppers = models.IntegerField(default=0, db_default=0)  # who never paid in the mall before

    class Meta:
        abstract = True


class MallHour(Fact, Measures):
    """The whole mall, so that its hours need not be summed over the stores each time."""

    day = models.DateField()
    hour = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mall", "day", "hour"], name="mall_hour_once")]


class StoreHour(Fact, Measures):
    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    hour = models.SmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mall", "day", "store", "hour"], name="store_hour_once")]


class StoreDay(Fact, Measures):
    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mall", "day", "store"], name="store_day_once")]


class StoreMonth(Fact, Measures):
    """A calendar month, so that a year need not be summed over its days each time. `day` is the first one."""

    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mall", "day", "store"], name="store_month_once")]


class Newness(models.TextChoices):
    """Whether the shopper of a payment paid in the mall before that day; empty if nobody knows the shopper."""

    NEW = "new", _("New shoppers")
    RETURNING = "returning", _("Returning shoppers")
    UNKNOWN = "", _("Unknown shoppers")


class PaidMeasures(models.Model):
    """What can be told by channel and newness: payments and refunds, as in Measures."""

    payments = models.IntegerField(default=0, db_default=0)
    gross_fen = models.BigIntegerField(default=0, db_default=0)
    refunds = models.IntegerField(default=0, db_default=0)
    refund_fen = models.BigIntegerField(default=0, db_default=0)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    newness = models.CharField(max_length=9, choices=Newness.choices, blank=True)

    class Meta:
        abstract = True


class StoreDayMix(Fact, PaidMeasures):
    """The payments of a store and day by channel and newness."""

    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "day", "store", "channel", "newness"], name="store_day_mix_once")
        ]


class MallHourMix(Fact, PaidMeasures):
    """The payments of a mall and hour by channel and newness."""

    day = models.DateField()
    hour = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "day", "hour", "channel", "newness"], name="mall_hour_mix_once")
        ]


class MallMonthMix(Fact, PaidMeasures):
    """The payments of a mall and calendar month by channel and newness. `day` is the first one."""

    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "day", "channel", "newness"], name="mall_month_mix_once")
        ]


class Span(models.TextChoices):
    """Days of which something is kept together."""

    DAY = "day"
    FOUR = "four"  # the 1st to 4th of a month, the 5th to 8th and so on; the last may be shorter
    MONTH = "month"


class Visitors(models.Model):
    """Who paid in some days: a set of shopper ids (`analytics.visitors`), because a count of different shoppers cannot
    be made from the counts of its parts. `day` is the first of the days."""

    span = models.CharField(max_length=5, choices=Span.choices)
    day = models.DateField()
    shoppers = models.BinaryField()

    class Meta:
        abstract = True


class MallVisitors(Fact, Visitors):
    class Meta:
        constraints = [models.UniqueConstraint(fields=["mall", "span", "day"], name="mall_visitors_once")]


class StoreVisitors(Fact, Visitors):
    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mall", "span", "day", "store"], name="store_visitors_once")]


class CouponDay(Fact, Measures):
    """The coupon measures by rule, stock and store: where the coupon was earned (issued, expired, revoked) or used."""

    rule = models.ForeignKey("coupons.Rule", models.PROTECT, related_name="+", db_index=False)
    stock = models.ForeignKey("coupons.Stock", models.PROTECT, related_name="+", db_index=False)
    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "day", "stock", "rule", "store"], name="coupon_day_once")
        ]


class RollupDelta(Fact, Measures):
    """Work not yet folded: what one transaction added to the cells of its store, hour, rule and stock."""

    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", db_index=False)
    rule = models.ForeignKey("coupons.Rule", models.PROTECT, null=True, related_name="+", db_index=False)
    stock = models.ForeignKey("coupons.Stock", models.PROTECT, null=True, related_name="+", db_index=False)
    day = models.DateField()
    hour = models.SmallIntegerField()
    channel = models.CharField(max_length=10, blank=True, default="", db_default="")  # of payments and refunds
    newness = models.CharField(max_length=9, blank=True, default="", db_default="")
    shoppers = models.BinaryField(null=True)  # who paid, as in Visitors

    class Meta:
        verbose_name = _("roll-up work")
        verbose_name_plural = _("roll-up work")
        indexes = [models.Index(fields=["mall", "day"], name="delta_by_day")]
