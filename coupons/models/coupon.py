"""Facts about coupons: issued, redeemed, reversed, closed; the counters behind limits; the log of decisions."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib.facts import Fact, FactForeignKey
from merchants.models import Store, User
from payments.models import Payment, Shopper

from .claim import Claim
from .rule import Rule, RuleVersion
from .stock import Stock


class CouponState(models.TextChoices):
    ISSUED = "issued", pgettext_lazy("state", "Issued")
    REDEEMED = "redeemed", _("Redeemed")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class Coupon(Fact):
    """One coupon (券) of a shopper, earned by a payment or a claim. `state` changes by compare-and-set only and follows
    from the rows around it: redemptions and reversals (each numbered by `turn`) and the closure. Expires at the
    excluded `expires_at`.
    """

    stock = models.ForeignKey(Stock, models.PROTECT, related_name="+", db_index=False, verbose_name=_("stock"))
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rule"))
    rule_version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rule version")
    )
    payment = FactForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="coupons", db_index=False,
        verbose_name=_("payment"),
    )  # fmt: skip
    claim = FactForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="coupons", db_index=False, verbose_name=_("claim")
    )
    shopper = FactForeignKey(Shopper, models.PROTECT, related_name="coupons", db_index=False, verbose_name=_("shopper"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("given at"))
    serial = models.PositiveSmallIntegerField(_("serial"), default=1, help_text=_("Of one stock in one award."))
    code = models.CharField(_("code"), max_length=16)
    state = models.CharField(_("state"), max_length=8, choices=CouponState.choices, default=CouponState.ISSUED)
    turn = models.PositiveSmallIntegerField(_("times redeemed"), default=0)
    cost_fen = models.BigIntegerField(_("cost at most (fen)"))
    issued_at = models.DateTimeField(_("issued at"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))
    valid_from = models.DateTimeField(_("valid from"))
    expires_at = models.DateTimeField(_("expires at"))
    shown_at = models.DateTimeField(_("first looked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="coupon_code_once"),
            models.UniqueConstraint(
                fields=["mall", "payment", "rule_version", "stock", "serial"], name="coupon_award_once"
            ),
            models.UniqueConstraint(
                fields=["mall", "claim", "rule_version", "stock", "serial"],
                condition=Q(claim__isnull=False),
                name="coupon_claim_once",
            ),
            models.CheckConstraint(
                name="coupon_has_cause",
                condition=Q(payment=None, claim__isnull=False) | Q(payment__isnull=False, claim=None),
            ),
            models.CheckConstraint(name="coupon_expires_later", condition=Q(expires_at__gt=F("valid_from"))),
            models.CheckConstraint(name="coupon_cost", condition=Q(cost_fen__gte=0)),
        ]
        indexes = [
            models.Index(fields=["mall", "shopper"], name="coupon_by_shopper"),
            models.Index(fields=["mall", "stock", "state"], name="coupon_by_stock"),
            models.Index(fields=["mall", "expires_at"], condition=Q(state="issued"), name="coupon_to_expire"),
            models.Index(fields=["mall", "issued_at"], name="coupon_by_time"),
        ]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"  # whoever knows the whole code can redeem it


class Redemption(Fact):
    """A coupon used at a store (核销). `discount_fen` is what the shopper did not pay of `order_fen`."""

    coupon = FactForeignKey(
        Coupon, models.PROTECT, related_name="redemptions", db_index=False, verbose_name=_("coupon")
    )
    turn = models.PositiveSmallIntegerField(_("turn"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("store"))
    payment = FactForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="redemptions", db_index=False,
        verbose_name=_("payment"),
    )  # fmt: skip
    order_fen = models.BigIntegerField(_("order (fen)"))
    discount_fen = models.BigIntegerField(_("discount (fen)"))
    request_id = models.CharField(_("request id"), max_length=64)
    redeemed_at = models.DateTimeField(_("redeemed at"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by"))
    source = models.CharField(_("source"), max_length=32)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.UniqueConstraint(fields=["mall", "request_id"], name="redemption_request_once"),
            models.UniqueConstraint(fields=["mall", "coupon", "turn"], name="redemption_once"),
            models.CheckConstraint(
                name="redemption_discount", condition=Q(discount_fen__gte=0, discount_fen__lte=F("order_fen"))
            ),
        ]
        indexes = [
            models.Index(fields=["mall", "store", "redeemed_at"], name="redemption_by_store"),
            models.Index(fields=["mall", "payment"], name="redemption_by_payment"),
        ]


class Reversal(Fact):
    """A redemption undone; the coupon is the shopper's again."""

    redemption = FactForeignKey(
        Redemption, models.PROTECT, related_name="reversals", db_index=False, verbose_name=_("redemption")
    )
    request_id = models.CharField(_("request id"), max_length=64)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    reversed_at = models.DateTimeField(_("reversed at"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by"))
    source = models.CharField(_("source"), max_length=32)

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        constraints = [
            models.UniqueConstraint(fields=["mall", "request_id"], name="reversal_request_once"),
            models.UniqueConstraint(fields=["mall", "redemption"], name="reversal_once"),
        ]
        indexes = [models.Index(fields=["mall", "reversed_at"], name="reversal_by_time")]


class CouponClosure(Fact):
    """The end of a coupon that was not used: expired, or revoked with a reason."""

    coupon = FactForeignKey(Coupon, models.PROTECT, related_name="closures", db_index=False, verbose_name=_("coupon"))
    kind = models.CharField(_("kind"), max_length=8, choices=[("expired", _("Expired")), ("revoked", _("Revoked"))])
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    closed_at = models.DateTimeField(_("closed at"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))

    class Meta:
        verbose_name = _("coupon closure")
        verbose_name_plural = _("coupon closures")
        constraints = [models.UniqueConstraint(fields=["mall", "coupon"], name="closure_once")]


class Outcome(models.TextChoices):
    AWARDED = "awarded", _("Awarded")
    HELD_OUT = "held_out", _("Held out (control group)")
    REFUSED = "refused", _("Refused")


class Decision(Fact):
    """What a rule version decided on a payment or a claim, and why: `trace` lists each check with expected and actual.

    A row with outcome `held_out` is a ghost issue: what the control group would have got, never told to it.
    """

    payment = FactForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="decisions", db_index=False,
        verbose_name=_("payment"),
    )  # fmt: skip
    claim = FactForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="decisions", db_index=False, verbose_name=_("claim")
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rule"))
    rule_version = models.ForeignKey(
        RuleVersion, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rule version")
    )
    shopper = FactForeignKey(
        Shopper, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("shopper")
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    trace = models.JSONField(_("trace"))
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(fields=["mall", "payment", "rule_version"], name="decision_once"),
            models.UniqueConstraint(
                fields=["mall", "claim", "rule_version"], condition=Q(claim__isnull=False), name="decision_claim_once"
            ),
            models.CheckConstraint(
                name="decision_has_cause",
                condition=Q(payment=None, claim__isnull=False) | Q(payment__isnull=False, claim=None),
            ),
        ]
        indexes = [
            models.Index(fields=["mall", "rule", "decided_at"], name="decision_by_rule"),
            models.Index(fields=["mall", "shopper", "decided_at"], name="decision_by_shopper"),
        ]


class LimitCounter(Fact):
    """How much of one limit is used: claimed by one conditional upsert (`coupons.limits.claim`), never read and
    then written. `key` names the limit, see `coupons.engine.limits`; units are coupons or fen, as the key says.
    """

    key = models.CharField(_("limit"), max_length=64)
    used = models.BigIntegerField(_("used"))
    ceiling = models.BigIntegerField(_("at most"))

    class Meta:
        verbose_name = _("limit counter")
        verbose_name_plural = _("limit counters")
        constraints = [
            models.UniqueConstraint(fields=["mall", "key"], name="limit_once"),
            models.CheckConstraint(name="limit_kept", condition=Q(used__gte=0, used__lte=F("ceiling"))),
        ]


class Dispute(Fact):
    """A redemption that a store made without connection and that could not be kept when it arrived: the coupon was
    used elsewhere first, had been revoked, or its time was over. For a person to settle."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("dispute", "Open")
        SETTLED = "settled", pgettext_lazy("dispute", "Settled")

    coupon = FactForeignKey(Coupon, models.PROTECT, related_name="disputes", db_index=False, verbose_name=_("coupon"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("store"))
    order_fen = models.BigIntegerField(_("order (fen)"))
    request_id = models.CharField(_("request id"), max_length=64)
    reason = models.CharField(_("reason"), max_length=24)
    redeemed_at = models.DateTimeField(_("redeemed at"), help_text=_("By the store's clock."))
    received_at = models.DateTimeField(_("received at"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("settled by")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [models.UniqueConstraint(fields=["mall", "request_id"], name="dispute_once")]
        indexes = [models.Index(fields=["mall", "state", "received_at"], name="dispute_by_state")]
