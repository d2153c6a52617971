"""Guards against abuse: what looked wrong, what a person said to it, who gets no coupons."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib.facts import Fact, FactForeignKey
from merchants.models import User
from payments.models import Shopper


class Guard(models.TextChoices):
    REFUND_LOOP = "refund_loop", _("Refund loop")
    SHARED_DEVICE = "shared_device", _("Many accounts on one device")
    STAFF_SELF = "staff_self", _("Staff redeeming for themselves")
    VELOCITY = "velocity", _("Too many in a short time")


class GuardFlag(Fact):
    """A guard's finding about a shopper. `evidence` is what its sentence needs. Until a person overrules it, the
    shopper is blocked; an overruled finding counts as a false positive and is not raised again."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("finding", "Open")
        UPHELD = "upheld", pgettext_lazy("finding", "Upheld")
        OVERRULED = "overruled", pgettext_lazy("finding", "Overruled")

    guard = models.CharField(_("guard"), max_length=16, choices=Guard.choices)
    shopper = FactForeignKey(Shopper, models.PROTECT, related_name="flags", db_index=False, verbose_name=_("shopper"))
    evidence = models.JSONField(_("evidence"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    raised_at = models.DateTimeField(_("raised at"))
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("reviewed by")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(
                fields=["mall", "guard", "shopper"], condition=Q(state="open"), name="finding_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["mall", "state", "raised_at"], name="finding_by_state"),
            models.Index(fields=["mall", "shopper"], name="finding_by_shopper"),
        ]


class Block(Fact):
    """A shopper who gets no coupons, until the block ends or is lifted. Coupons already issued stay valid."""

    shopper = FactForeignKey(Shopper, models.PROTECT, related_name="blocks", db_index=False, verbose_name=_("shopper"))
    flag = FactForeignKey(
        GuardFlag, models.PROTECT, null=True, blank=True, related_name="blocks", db_index=False,
        verbose_name=_("finding"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    blocked_at = models.DateTimeField(_("blocked at"))
    blocked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("blocked by")
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("lifted by")
    )

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.CheckConstraint(name="block_in_order", condition=Q(until=None) | Q(until__gt=F("blocked_at")))
        ]
        indexes = [
            models.Index(fields=["mall", "shopper"], condition=Q(lifted_at=None), name="block_open"),
        ]
