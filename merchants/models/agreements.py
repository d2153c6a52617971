"""Which provider serves which store, and the stores a provider wants to bring into the mall."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib import spans
from merchants.choices import HOLDING, AgreementState, Capability

from .base import MallConfiguration, in_language
from .directory import Category, Floor, Mall, ScopedQuerySet, Store
from .providers import ServiceProvider


class Agreement(MallConfiguration):
    """A provider serves a store with a capability, over whole local days from `from_day` until before `until_day`,
    once the store's merchant has confirmed it. `replaces` is the agreement that ends on `from_day` when this one is
    confirmed, so that the store is handed over without a gap. `reason` is that of the last answer or end."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="agreements", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="agreements", verbose_name=_("service provider")
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="agreements", verbose_name=_("store"))
    capability = models.CharField(_("capability"), max_length=12, choices=Capability.choices)
    from_day = models.DateField(_("from"))
    until_day = models.DateField(_("until (excluded)"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=AgreementState.choices, default=AgreementState.CONFIRMED)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("takes over from")
    )
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        "merchants.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )
    by_provider = models.BooleanField(_("proposed by the provider"), default=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "merchants.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    on_paper = models.BooleanField(_("noted by the mall"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "store", "from_day"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "store", "capability", "from_day"],
                condition=Q(state__in=HOLDING),
                name="agreement_once",
            ),
            models.CheckConstraint(
                name="agreement_ends_after_start", condition=Q(until_day=None) | Q(until_day__gt=F("from_day"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} – {self.store} ({self.get_capability_display()})"

    @property
    def last_day(self) -> date | None:
        return spans.last_day(self.until_day)


class Onboarding(models.Model):
    """A merchant and its store as a provider proposes them. Approved, they become rows of the directory, and `store`
    says which; the agreement of the provider with the store begins on `from_day`. Only then anything is compiled
    anew: a proposal is no configuration yet."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("onboarding", "Proposed")
        APPROVED = "approved", pgettext_lazy("onboarding", "Approved")
        DECLINED = "declined", pgettext_lazy("onboarding", "Declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("onboarding", "Withdrawn")

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="onboardings", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="onboardings", verbose_name=_("service provider")
    )
    registration_number = models.CharField(_("registration number"), max_length=40)
    merchant_name_zh = models.CharField(_("merchant, Chinese name"), max_length=120, blank=True)
    merchant_name_en = models.CharField(_("merchant, English name"), max_length=120, blank=True)
    store_code = models.CharField(_("store code"), max_length=40)
    store_name_zh = models.CharField(_("store, Chinese name"), max_length=120, blank=True)
    store_name_en = models.CharField(_("store, English name"), max_length=120, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="+", verbose_name=_("category"))
    floor = models.ForeignKey(Floor, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("floor"))
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    capability = models.CharField(
        _("capability"), max_length=12, choices=Capability.choices, default=Capability.EXPANSION
    )
    from_day = models.DateField(_("from"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey("merchants.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey("merchants.User", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("store"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-proposed_at", "store_code"]
        verbose_name = _("onboarding")
        verbose_name_plural = _("onboardings")
        constraints = [
            models.UniqueConstraint(
                fields=["mall", "store_code"], condition=Q(state="proposed"), name="onboarding_once"
            ),
            models.CheckConstraint(
                name="onboarding_decided",
                condition=Q(state="proposed", decided_at=None) | (~Q(state="proposed") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="onboarding_made_store",
                condition=Q(state="approved", store__isnull=False) | (~Q(state="approved") & Q(store=None)),
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.store_name_zh, self.store_name_en) or self.store_code

    @property
    def merchant_name(self) -> str:
        """As proposed; a merchant without a name gets that of its store."""
        return in_language(self.merchant_name_zh, self.merchant_name_en) or str(self)
