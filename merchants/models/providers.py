"""Service providers (服务商), what they do for which store, and the credentials of their systems."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.choices import Capability, Standing

from .base import Bilingual, MallConfiguration, named_check
from .directory import Mall, ScopedQuerySet, Store


class ServiceProvider(Bilingual, MallConfiguration):
    mall = models.ForeignKey(Mall, models.PROTECT, related_name="providers", verbose_name=_("mall"))
    code = models.SlugField(_("code"), max_length=40)
    standing = models.CharField(_("standing"), max_length=12, choices=Standing.choices, default=Standing.GOOD)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "code"]
        verbose_name = _("service provider")
        verbose_name_plural = _("service providers")
        constraints = [
            models.UniqueConstraint(fields=["mall", "code"], name="provider_once"),
            named_check("provider_has_name"),
        ]


class Agreement(MallConfiguration):
    """A provider serves a store with a capability, over whole local days from `from_day` until before `until_day`."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="agreements", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="agreements", verbose_name=_("service provider")
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="agreements", verbose_name=_("store"))
    capability = models.CharField(_("capability"), max_length=12, choices=Capability.choices)
    from_day = models.DateField(_("from"))
    until_day = models.DateField(_("until (excluded)"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "store", "from_day"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(fields=["provider", "store", "capability", "from_day"], name="agreement_once"),
            models.CheckConstraint(
                name="agreement_ends_after_start", condition=Q(until_day=None) | Q(until_day__gt=F("from_day"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} – {self.store} ({self.get_capability_display()})"

    def clean(self) -> None:
        if self.provider_id and self.store_id and self.provider.mall_id != self.store.mall_id:
            raise ValidationError({"store": _("Choose a store of the provider's mall.")})


class ApiCredential(models.Model):
    """A key by which a system of the mall, or of one of its providers, uses the API.

    The key is shown once; only the SHA-256 of its secret half is kept. A provider's credential reaches the
    stores the provider has a running agreement with; a mall's credential reaches all its stores.
    """

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="credentials", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, null=True, blank=True, related_name="credentials",
        verbose_name=_("service provider"),
    )  # fmt: skip
    label = models.CharField(_("label"), max_length=60)
    key_id = models.CharField(_("key id"), max_length=20, unique=True, editable=False)
    secret_digest = models.CharField(max_length=64, editable=False)
    created_by = models.ForeignKey("merchants.User", models.PROTECT, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-created_at"]
        verbose_name = _("API credential")
        verbose_name_plural = _("API credentials")

    def __str__(self) -> str:
        return f"{self.label} ({self.key_id})"
