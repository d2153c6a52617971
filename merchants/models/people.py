"""People, what they belong to, and the trace of what they did."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.choices import Role

from .directory import Mall, Merchant, ScopedQuerySet
from .providers import ServiceProvider


class User(AbstractUser):
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty: as the browser asks."))

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="user_email_once"),
        ]


def held_at_one_body(name: str) -> models.CheckConstraint:
    """A role names the one body it is held at, and its prefix agrees with it."""
    return models.CheckConstraint(
        name=name,
        condition=Q(mall__isnull=False, merchant=None, provider=None, role__startswith="mall_")
        | Q(mall=None, merchant__isnull=False, provider=None, role__startswith="merchant_")
        | Q(mall=None, merchant=None, provider__isnull=False, role__startswith="provider_"),
    )


class RoleAtBody(models.Model):
    """A role at one mall, merchant or provider: what a membership is and an invitation promises."""

    mall = models.ForeignKey(Mall, models.CASCADE, null=True, blank=True, verbose_name=_("mall"))
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, blank=True, verbose_name=_("merchant"))
    provider = models.ForeignKey(ServiceProvider, models.CASCADE, null=True, blank=True, verbose_name=_("provider"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        abstract = True

    @property
    def body(self) -> Mall | Merchant | ServiceProvider:
        return self.mall or self.merchant or self.provider


class Membership(RoleAtBody):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            held_at_one_body("membership_at_one_body"),
            models.UniqueConstraint(
                fields=["user", "mall"], condition=Q(mall__isnull=False), name="member_of_mall_once"
            ),
            models.UniqueConstraint(
                fields=["user", "merchant"], condition=Q(merchant__isnull=False), name="member_of_merchant_once"
            ),
            models.UniqueConstraint(
                fields=["user", "provider"], condition=Q(provider__isnull=False), name="member_of_provider_once"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"


class Invitation(RoleAtBody):
    """A colleague asked to join by mail; the link carries a secret of which only the digest is kept."""

    email = models.EmailField(_("e-mail"))
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("invited by"))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [held_at_one_body("invitation_at_one_body")]

    def __str__(self) -> str:
        return self.email


class AuditEntry(models.Model):
    """Who changed what, with the old and the new values. Rows are added by `services.audit.record`, never changed."""

    mall = models.ForeignKey(Mall, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mall"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("actor"))
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("kind of object"), max_length=40)
    object_id = models.CharField(_("object"), max_length=40)
    changes = models.JSONField(_("changes"), default=dict, help_text=_("Field: [old value, new value]."))
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["mall", "-at"], name="audit_by_mall"),
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
