"""Keys by which systems use the API."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .directory import Mall, ScopedQuerySet, Store
from .providers import ServiceProvider


class ApiCredential(models.Model):
    """A key by which a system of the mall, or of one of its providers, uses the API.

    The key is shown once; only the SHA-256 of its secret half is kept. A provider's credential reaches the
    stores the provider has a running agreement with; a mall's credential reaches all its stores; with `stores`, only
    those of them. `scopes` is what it may do; empty: all that its kind may. A sandbox key runs everything and leaves
    nothing. `rate_per_minute` is how often it may call. `replaces` is the key it was rotated from, which ends at its
    own `expires_at`.
    """

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="credentials", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, null=True, blank=True, related_name="credentials",
        verbose_name=_("service provider"),
    )  # fmt: skip
    label = models.CharField(_("label"), max_length=60)
    key_id = models.CharField(_("key id"), max_length=20, unique=True, editable=False)
    secret_digest = models.CharField(max_length=64, editable=False)
    stores = models.ManyToManyField(
        Store, blank=True, related_name="+", verbose_name=_("stores"), help_text=_("None chosen: all it can reach.")
    )
    scopes = models.JSONField(_("what it may do"), default=list, blank=True)
    is_sandbox = models.BooleanField(
        _("sandbox"), default=False, help_text=_("Everything runs and is answered, nothing is kept.")
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("rotated from")
    )
    created_by = models.ForeignKey("merchants.User", models.PROTECT, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    rate_per_minute = models.PositiveIntegerField(
        _("requests a minute"), default=6_000, help_text=_("More are answered with 429 Too Many Requests.")
    )
    # The minute in which requests were last claimed, and how many of it (`mallops.api.rates`).
    window_at = models.DateTimeField(null=True, editable=False)
    window_used = models.PositiveIntegerField(default=0, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-created_at"]
        verbose_name = _("API credential")
        verbose_name_plural = _("API credentials")
        constraints = [
            models.CheckConstraint(
                name="credential_expires_later", condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(name="credential_rate", condition=Q(window_used__lte=F("rate_per_minute"))),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.key_id})"
