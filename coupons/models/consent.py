"""What merchants and providers say to rules that give away their coupons or spend their money."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons import payers
from merchants.models import Mall, MallConfiguration, Merchant, ServiceProvider, User
from merchants.models.directory import ScopedQuerySet

from .rule import RuleVersion


class ConsentState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("consent", "Asked")
    ACCEPTED = "accepted", pgettext_lazy("consent", "Accepted")
    DECLINED = "declined", pgettext_lazy("consent", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")


class Consent(MallConfiguration):
    """The answer of a merchant or a provider to a rule version. `cost_fen` is the most the version can cost it (fen;
    empty: without limit) as it was shown. With `on_paper` the mall noted an answer given outside the system."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="consents", verbose_name=_("mall"))
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="consents", verbose_name=_("rule version"))
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, null=True, blank=True, related_name="consents", verbose_name=_("merchant")
    )
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, null=True, blank=True, related_name="consents",
        verbose_name=_("service provider"),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=ConsentState.choices, default=ConsentState.ASKED)
    share_bp = models.PositiveSmallIntegerField(_("share of the cost (basis points)"), default=0)
    cost_fen = models.BigIntegerField(_("cost at most (fen)"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    on_paper = models.BooleanField(_("noted by the mall"), default=False)
    asked_at = models.DateTimeField(_("asked at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["version", "merchant", "provider"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["version", "merchant"], name="consent_once"),
            models.UniqueConstraint(fields=["version", "provider"], name="consent_provider_once"),
            models.CheckConstraint(
                name="consent_of_one_party",
                condition=Q(merchant__isnull=False, provider=None) | Q(merchant=None, provider__isnull=False),
            ),
            models.CheckConstraint(name="consent_share", condition=Q(share_bp__lte=10_000)),
            models.CheckConstraint(
                name="consent_answered",
                condition=Q(state=ConsentState.ASKED, answered_at=None)
                | (~Q(state=ConsentState.ASKED) & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.party}"

    @property
    def party(self) -> Merchant | ServiceProvider:
        return self.merchant or self.provider

    @property
    def payer(self) -> int:
        """The number of the party in the terms of rules, whether it pays or only gives."""
        return payers.payer(self.merchant_id, self.provider_id)

    @property
    def url(self) -> str:
        """The page on which the party reads and answers."""
        side = "merchant" if self.merchant_id else "provider"
        return reverse(f"coupons:{side}_consent", args=[self.merchant_id or self.provider_id, self.pk])
