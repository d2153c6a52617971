"""Service providers (服务商): who they are, what the mall lets them do, how they stand."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchants.choices import Capability, ProviderState, Standing

from .base import Bilingual, MallConfiguration, named_check
from .directory import Category, Mall, ScopedQuerySet


class ServiceProvider(Bilingual, MallConfiguration):
    """`state` is that of its application; `standing` how it stands since it was approved. Only an approved provider
    in good standing, or warned, does anything (`merchants.access`)."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="providers", verbose_name=_("mall"))
    code = models.SlugField(_("code"), max_length=40)
    registration_number = models.CharField(
        _("registration number"), max_length=40, blank=True,
        help_text=_("Unified social credit code (统一社会信用代码)."),
    )  # fmt: skip
    state = models.CharField(
        _("application"), max_length=8, choices=ProviderState.choices, default=ProviderState.APPROVED
    )
    standing = models.CharField(_("standing"), max_length=12, choices=Standing.choices, default=Standing.GOOD)
    contact_name = models.CharField(_("contact person"), max_length=80, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    about = models.TextField(_("what it offers"), max_length=2_000, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "merchants.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decision_reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "code"]
        verbose_name = _("service provider")
        verbose_name_plural = _("service providers")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="provider_once"),
            models.UniqueConstraint(
                fields=["mall", "registration_number"], condition=Q(state="applied"), name="application_once"
            ),
            named_check("provider_has_name"),
        ]


class ProviderCapability(MallConfiguration):
    """What the mall lets a provider do, granted one by one; those asked for in an application are not granted yet."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="+", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="capabilities", verbose_name=_("service provider")
    )
    capability = models.CharField(_("capability"), max_length=12, choices=Capability.choices)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted at"), null=True, blank=True)
    granted_by = models.ForeignKey(
        "merchants.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("granted by")
    )
    revoked_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "capability"]
        verbose_name = _("capability of a provider")
        verbose_name_plural = _("capabilities of providers")
        constraints = [
            models.UniqueConstraint(fields=["provider", "capability"], name="capability_once"),
            models.CheckConstraint(
                name="capability_revoked_after_grant", condition=Q(revoked_at=None) | Q(granted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.get_capability_display()}"

    @property
    def is_granted(self) -> bool:
        return self.granted_at is not None and self.revoked_at is None


class ProviderDocument(models.Model):
    """A file that proves something about a provider. Its type was read from its content, not from its name. The side
    that uploaded it, the mall or the provider, may take it away again."""

    class Kind(models.TextChoices):
        LICENCE = "licence", _("Business licence")
        CONTRACT = "contract", _("Contract")
        CERTIFICATE = "certificate", _("Certificate")
        OTHER = "other", pgettext_lazy("document", "Other")

    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="documents", verbose_name=_("service provider")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    file = models.FileField(_("file"), upload_to="documents/%Y/%m/")
    name = models.CharField(_("file name"), max_length=120)
    content_type = models.CharField(_("content type"), max_length=40)
    size = models.PositiveIntegerField(_("size (bytes)"))
    by_mall = models.BooleanField(_("uploaded by the mall"), default=False)
    uploaded_by = models.ForeignKey("merchants.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "-uploaded_at"]
        verbose_name = _("document of a provider")
        verbose_name_plural = _("documents of providers")

    def __str__(self) -> str:
        return self.name


class StandingChange(models.Model):
    """How a provider's standing came to be what it is. Rows are added, never changed."""

    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="standing_changes", verbose_name=_("service provider")
    )
    standing = models.CharField(_("standing"), max_length=12, choices=Standing.choices)
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey("merchants.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "-at"]
        verbose_name = _("change of standing")
        verbose_name_plural = _("changes of standing")

    def __str__(self) -> str:
        return f"{self.provider}: {self.get_standing_display()}"


class NegativeListing(MallConfiguration):
    """A category, with all below it, of which providers cannot bring stores into the mall (负面清单)."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="negative_list", verbose_name=_("mall"))
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name=_("category"))
    reason = models.CharField(_("reason"), max_length=200)
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    added_by = models.ForeignKey("merchants.User", models.PROTECT, null=True, related_name="+")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "category"]
        verbose_name = _("entry of the negative list")
        verbose_name_plural = _("negative list")
        constraints = [models.UniqueConstraint(fields=["mall", "category"], name="negative_once")]

    def __str__(self) -> str:
        return str(self.category)
