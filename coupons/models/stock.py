"""Stock (券批次): what kind of coupon, worth what, valid when and where, how many."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mallops.lib.money import MAX_FEN
from merchants.models import Bilingual, Category, Mall, MallConfiguration, Merchant, Store
from merchants.models.base import named_check
from merchants.models.directory import ScopedQuerySet


class Kind(models.TextChoices):
    AMOUNT_OFF = "amount_off", _("Amount off (满减)")
    PERCENT_OFF = "percent_off", _("Percent off (折扣)")
    EXCHANGE = "exchange", _("Exchange (换购)")


class Validity(models.TextChoices):
    FIXED = "fixed", _("Fixed days")
    DAYS = "days", _("Days after receipt")
    HOURS = "hours", _("Hours after receipt")


class Funder(models.TextChoices):
    MALL = "mall", _("Mall")
    MERCHANT = "merchant", _("Merchant")


class Stock(Bilingual, MallConfiguration):
    """Seen by the mall and by the merchant that honours it. Its terms are frozen by the first issue.

    `value_fen`: the amount off, or the worth of the exchanged goods. `percent_bp`: the discount in basis
    points, 2,000 for 20 % off (8 折), never above `ceiling_fen`. `min_spend_fen`: the order must reach it.
    """

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="stocks", verbose_name=_("mall"))
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, related_name="stocks", verbose_name=_("merchant"),
        help_text=_("Who honours the coupons."),
    )  # fmt: skip
    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.AMOUNT_OFF)
    value_fen = models.BigIntegerField(_("value"), null=True, blank=True)
    percent_bp = models.PositiveIntegerField(_("percent off"), null=True, blank=True)
    ceiling_fen = models.BigIntegerField(_("ceiling"), null=True, blank=True)
    exchange_price_fen = models.BigIntegerField(_("exchange price"), null=True, blank=True)
    min_spend_fen = models.BigIntegerField(_("minimum spend"), default=0)
    validity = models.CharField(_("validity"), max_length=6, choices=Validity.choices, default=Validity.DAYS)
    valid_from_day = models.DateField(_("valid from"), null=True, blank=True)
    valid_until_day = models.DateField(_("valid until (included)"), null=True, blank=True)
    valid_for = models.PositiveSmallIntegerField(_("valid for"), null=True, blank=True)
    stores = models.ManyToManyField(Store, blank=True, related_name="+", verbose_name=_("usable at stores"))
    categories = models.ManyToManyField(
        Category, blank=True, related_name="+", verbose_name=_("usable at categories"),
        help_text=_("With nothing chosen here and no store: at all stores of the merchant."),
    )  # fmt: skip
    quantity = models.PositiveIntegerField(_("quantity"))
    budget_fen = models.BigIntegerField(_("money budget"), null=True, blank=True)
    funder = models.CharField(_("paid by"), max_length=10, choices=Funder.choices, default=Funder.MERCHANT)
    remind_hours = models.JSONField(
        _("reminders"), default=list, blank=True, help_text=_("Hours before the end of a coupon, such as 72, 24, 2.")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-created_at"]
        verbose_name = _("stock")
        verbose_name_plural = _("stocks")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="stock_once"),
            named_check("stock_has_name"),
            models.CheckConstraint(
                name="stock_terms_of_kind",
                condition=Q(kind=Kind.AMOUNT_OFF, value_fen__gt=0, value_fen__lte=MAX_FEN)
                | Q(kind=Kind.PERCENT_OFF, percent_bp__gt=0, percent_bp__lte=10_000, ceiling_fen__gt=0)
                | Q(kind=Kind.EXCHANGE, value_fen__gt=models.F("exchange_price_fen"), exchange_price_fen__gte=0),
            ),
            models.CheckConstraint(
                name="stock_validity_of_kind",
                condition=Q(validity=Validity.FIXED, valid_until_day__gte=models.F("valid_from_day"))
                | Q(validity__in=[Validity.DAYS, Validity.HOURS], valid_for__gt=0),
            ),
            models.CheckConstraint(name="stock_min_spend", condition=Q(min_spend_fen__gte=0)),
            models.CheckConstraint(name="stock_budget", condition=Q(budget_fen=None) | Q(budget_fen__gt=0)),
        ]

    def clean(self) -> None:
        if self.merchant_id and self.merchant.mall_id != self.mall_id:
            raise ValidationError({"merchant": _("Choose a merchant of this mall.")})

    @property
    def cost_fen(self) -> int:
        """The most one coupon can cost who pays for it, in fen."""
        if self.kind == Kind.PERCENT_OFF:
            return self.ceiling_fen
        return self.value_fen - (self.exchange_price_fen or 0 if self.kind == Kind.EXCHANGE else 0)
