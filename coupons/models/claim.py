"""Coupons that are asked for or handed out without a payment: QR codes, nearby, segments."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from mallops.lib.facts import Fact, FactForeignKey
from merchants.models import Mall, MallConfiguration, Store, User
from merchants.models.directory import ScopedQuerySet
from payments.models import Shopper
from payments.validation import is_external_id

from .rule import Rule
from .work import WorkState


def new_token() -> str:
    return secrets.token_urlsafe(12)


class ClaimCodeQuerySet(ScopedQuerySet):
    def by_token(self, token: str) -> "ClaimCode | None":
        """The code of a token that came from outside, where it may be any text."""
        return self.filter(token=token).first() if is_external_id(token) else None


class ClaimCode(MallConfiguration):
    """A QR code to scan for a coupon, hung up at a store or, without one, anywhere in the mall."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="claim_codes", verbose_name=_("mall"))
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="claim_codes", verbose_name=_("rule"))
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hangs at")
    )
    token = models.CharField(_("token"), max_length=24, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("created by"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = ClaimCodeQuerySet.as_manager()

    class Meta:
        ordering = ["rule", "-created_at"]
        verbose_name = _("claim code")
        verbose_name_plural = _("claim codes")

    def __str__(self) -> str:
        return f"{self.rule} · {self.store or self.mall}"


class HandOut(MallConfiguration):
    """One run of handing a rule's coupons to all shoppers that meet its conditions. It goes on after
    `last_shopper`, in the order of their ids, wherever it was stopped."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="hand_outs", verbose_name=_("mall"))
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="hand_outs", verbose_name=_("rule"))
    state = models.CharField(_("state"), max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    task_id = models.CharField(max_length=64, blank=True, editable=False)
    last_shopper = models.BigIntegerField(default=0, editable=False)
    seen = models.PositiveIntegerField(_("shoppers looked at"), default=0)
    awarded = models.PositiveIntegerField(_("awarded"), default=0)
    held_out = models.PositiveIntegerField(_("held out"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    message = models.CharField(max_length=500, blank=True)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("started by"))
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("hand-out")
        verbose_name_plural = _("hand-outs")


class Claim(Fact):
    """A shopper asked for a coupon of a rule, or was handed one; what the rule decided stands in its Decision.

    `store` is where it happened: where the code hangs, the nearest store of the rule, else the first store that takes
    the coupon. `distance_m` (nearby) is all that is kept of a position. `request_id` makes it happen once.
    """

    class Kind(models.TextChoices):
        QR = "qr", _("QR code")
        NEARBY = "nearby", _("Nearby")
        HAND_OUT = "hand_out", _("Hand-out")

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="+", db_index=False, verbose_name=_("rule"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    shopper = FactForeignKey(Shopper, models.PROTECT, related_name="claims", db_index=False, verbose_name=_("shopper"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("store"))
    code = models.ForeignKey(
        ClaimCode, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("claim code")
    )
    hand_out = models.ForeignKey(
        HandOut, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("hand-out")
    )
    request_id = models.CharField(_("request id"), max_length=64)
    distance_m = models.PositiveIntegerField(_("distance (m)"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"))
    day = models.DateField(_("day"))
    hour = models.SmallIntegerField(_("hour"))

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [models.UniqueConstraint(fields=["mall", "request_id"], name="claim_once")]
        indexes = [
            models.Index(fields=["mall", "shopper", "claimed_at"], name="claim_by_shopper"),
            models.Index(fields=["mall", "rule", "claimed_at"], name="claim_by_rule"),
        ]
