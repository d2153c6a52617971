"""The ledger of what was paid and refunded, and by whom (pseudonymous). Rows are added, never changed.

The one column that moves is `Payment.refunded_fen`, the claimed part of the amount: a limit, not a record.
`day` and `hour` are the local ones of the mall's zone, cut once when the row is written.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mallops.lib.facts import Fact, FactForeignKey
from mallops.lib.money import MAX_FEN


class Channel(models.TextChoices):
    WECHAT = "wechat", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    UNIONPAY = "unionpay", _("UnionPay")
    CARD = "card", _("Bank card")
    CASH = "cash", _("Cash")
    OTHER = "other", _("Other")


class Shopper(Fact):
    """A person who pays in one mall, known only by keyed digests of channel identities.

    `first_day` is the local day of the first payment on record, empty before one: on it the shopper is new.
    """

    created_at = models.DateTimeField(_("first known at"))
    first_day = models.DateField(_("first paid on"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("shopper")
        verbose_name_plural = _("shoppers")
        indexes = [models.Index(fields=["mall"], name="shopper_by_mall")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ShopperIdentity(Fact):
    """One channel identity (such as an openid) of a shopper, as a keyed digest (`payments.shoppers.digest`)."""

    shopper = FactForeignKey(Shopper, models.CASCADE, related_name="identities", verbose_name=_("shopper"))
    digest = models.CharField(max_length=32)

    class Meta:
        verbose_name = _("shopper identity")
        verbose_name_plural = _("shopper identities")
        constraints = [models.UniqueConstraint(fields=["mall", "digest"], name="identity_once")]


class ShopperTag(Fact):
    """A word the mall's own systems attach to a shopper, such as a member level; rules may ask for it."""

    shopper = FactForeignKey(Shopper, models.CASCADE, related_name="tags", db_index=False, verbose_name=_("shopper"))
    tag = models.CharField(_("tag"), max_length=40)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("shopper tag")
        verbose_name_plural = _("shopper tags")
        constraints = [models.UniqueConstraint(fields=["mall", "shopper", "tag"], name="shopper_tag_once")]


class ParkingStay(Fact):
    """A shopper's car in the mall's car park; `left_at` is empty while it stands there."""

    shopper = FactForeignKey(Shopper, models.CASCADE, related_name="stays", db_index=False, verbose_name=_("shopper"))
    stay_id = models.CharField(_("number of the stay"), max_length=64)
    entered_at = models.DateTimeField(_("entered at"))
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)

    class Meta:
        verbose_name = _("parking stay")
        verbose_name_plural = _("parking stays")
        constraints = [
            models.UniqueConstraint(fields=["mall", "stay_id"], name="stay_once"),
            models.CheckConstraint(name="stay_in_order", condition=Q(left_at=None) | Q(left_at__gte=F("entered_at"))),
        ]
        indexes = [models.Index(fields=["mall", "shopper"], condition=Q(left_at=None), name="stay_open")]


class ShopperDevice(Fact):
    """A device or a payer's account on which a shopper was seen, as a keyed digest: many shoppers on one are a sign
    of abuse."""

    shopper = FactForeignKey(Shopper, models.CASCADE, related_name="devices", db_index=False, verbose_name=_("shopper"))
    digest = models.CharField(max_length=32)
    first_seen_at = models.DateTimeField(_("first seen at"))

    class Meta:
        verbose_name = _("shopper device")
        verbose_name_plural = _("shopper devices")
        constraints = [models.UniqueConstraint(fields=["mall", "digest", "shopper"], name="device_once")]
        indexes = [models.Index(fields=["mall", "first_seen_at"], name="device_by_time")]


class ShopperContact(Fact):
    """Where a shopper wants notices, encrypted with the installation's key; the language they are written in."""

    shopper = FactForeignKey(
        Shopper, models.CASCADE, related_name="contacts", db_index=False, verbose_name=_("shopper")
    )
    sealed = models.TextField(_("mail address (encrypted)"))
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    given_at = models.DateTimeField(_("given at"))

    class Meta:
        verbose_name = _("shopper contact")
        verbose_name_plural = _("shopper contacts")
        constraints = [models.UniqueConstraint(fields=["mall", "shopper"], name="contact_once")]


class LedgerLine(Fact):
    """A movement of money at a store. Amounts in fen, above zero."""

    store = models.ForeignKey(
        "merchants.Store", models.PROTECT, related_name="+", db_index=False, verbose_name=_("store")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))
    source = models.CharField(_("source"), max_length=32, help_text=_("The door it came through, such as api:7."))
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        abstract = True


class Payment(LedgerLine):
    shopper = FactForeignKey(
        Shopper, models.PROTECT, null=True, related_name="payments", db_index=False, verbose_name=_("shopper")
    )
    transaction_id = models.CharField(_("transaction id"), max_length=64)
    paid_at = models.DateTimeField(_("paid at"))
    refunded_fen = models.BigIntegerField(_("refunded (fen)"), default=0)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(fields=["mall", "channel", "transaction_id"], name="payment_once"),
            models.CheckConstraint(name="payment_amount", condition=Q(amount_fen__gt=0, amount_fen__lte=MAX_FEN)),
            models.CheckConstraint(
                name="payment_refunded_within_amount",
                condition=Q(refunded_fen__gte=0, refunded_fen__lte=F("amount_fen")),
            ),
        ]
        indexes = [
            models.Index(fields=["mall", "store", "paid_at"], name="payment_by_store"),
            models.Index(fields=["mall", "shopper", "paid_at"], name="payment_by_shopper"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.transaction_id}"


class Refund(LedgerLine):
    payment = FactForeignKey(Payment, models.PROTECT, related_name="refunds", db_index=False, verbose_name=_("payment"))
    refund_id = models.CharField(_("refund id"), max_length=64)
    refunded_at = models.DateTimeField(_("refunded at"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint(fields=["mall", "channel", "refund_id"], name="refund_once"),
            models.CheckConstraint(name="refund_amount", condition=Q(amount_fen__gt=0, amount_fen__lte=MAX_FEN)),
        ]
        indexes = [
            models.Index(fields=["mall", "payment"], name="refund_by_payment"),
            models.Index(fields=["mall", "store", "refunded_at"], name="refund_by_store"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.refund_id}"


class EventConflict(Fact):
    """A second delivery that contradicts what the ledger holds: refused, and kept for a person to look at."""

    kind = models.CharField(_("kind"), max_length=8, choices=[("payment", _("payment")), ("refund", _("refund"))])
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    external_id = models.CharField(_("transaction or refund id"), max_length=64)
    store = models.ForeignKey("merchants.Store", models.PROTECT, related_name="+", verbose_name=_("store"))
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    source = models.CharField(_("source"), max_length=32)
    seen_at = models.DateTimeField(_("seen at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("conflicting delivery")
        verbose_name_plural = _("conflicting deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["mall", "kind", "channel", "external_id", "store", "amount_fen"], name="conflict_once"
            )
        ]
