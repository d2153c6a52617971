"""Notices to shoppers: what is to be sent, by which sender, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib.facts import Fact, FactForeignKey
from merchants.models import Mall, MallConfiguration
from merchants.models.directory import ScopedQuerySet

from .coupon import Coupon


class Sender(models.TextChoices):
    WEBHOOK = "webhook", _("Webhook")
    MAIL = "mail", _("Mail")
    CONSOLE = "console", _("Log")


class NoticeChannel(MallConfiguration):
    """A way a mall sends its notices. A webhook has an address; its secret is derived from the random salt kept here
    and the installation's key (`coupons.delivery.channels.secret`), so that the database alone cannot sign."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="notice_channels", verbose_name=_("mall"))
    sender = models.CharField(_("sender"), max_length=8, choices=Sender.choices)
    url = models.URLField(_("address"), max_length=500, blank=True)
    secret = models.CharField(_("salt of the secret"), max_length=100, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "sender", "pk"]
        verbose_name = _("notice channel")
        verbose_name_plural = _("notice channels")
        constraints = [
            models.CheckConstraint(
                name="notice_channel_webhook",
                condition=~Q(sender=Sender.WEBHOOK) | (~Q(url="") & ~Q(secret="")),
            ),
            models.UniqueConstraint(fields=["mall", "sender", "url"], name="notice_channel_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_sender_display()} {self.url}".strip()


class Notice(Fact):
    """One message about one coupon through one channel: on receipt (`hours_before` empty) or so many hours before it
    ends. Its `key` is the id the receiver may use to recognise a repetition."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("notice", "Waiting")
        SENT = "sent", pgettext_lazy("notice", "Sent")
        DEAD = "dead", pgettext_lazy("notice", "Given up")
        DROPPED = "dropped", pgettext_lazy("notice", "Not needed any more")

    coupon = FactForeignKey(Coupon, models.PROTECT, related_name="notices", db_index=False, verbose_name=_("coupon"))
    channel = models.ForeignKey(
        NoticeChannel, models.PROTECT, related_name="+", db_index=False, verbose_name=_("channel")
    )
    hours_before = models.PositiveSmallIntegerField(_("hours before the end"), default=0, help_text=_("0: on receipt"))
    key = models.CharField(_("message id"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["mall", "coupon", "channel", "hours_before"], name="notice_once"),
            models.UniqueConstraint(fields=["mall", "key"], name="notice_key_once"),
        ]
        indexes = [
            models.Index(fields=["mall", "due_at"], condition=Q(state="waiting"), name="notice_due"),
            models.Index(fields=["mall", "state", "due_at"], name="notice_by_state"),
        ]
