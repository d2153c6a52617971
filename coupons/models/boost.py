"""What service providers do for the ranking of rules."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from merchants.models import Mall, MallConfiguration, ServiceProvider, User
from merchants.models.directory import ScopedQuerySet

from .rule import Rule


class Boost(MallConfiguration):
    """Traffic credits spent: a rule that gives coupons of a store served by the provider ranks higher by `weight`,
    on whole local days from `from_day` until before `until_day`."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="+", verbose_name=_("mall"))
    provider = models.ForeignKey(
        ServiceProvider, models.PROTECT, related_name="boosts", verbose_name=_("service provider")
    )
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="boosts", verbose_name=_("rule"))
    weight = models.PositiveSmallIntegerField(_("weight"))
    from_day = models.DateField(_("from"))
    until_day = models.DateField(_("until (excluded)"))
    credits = models.BigIntegerField(_("traffic credits"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "-from_day"]
        verbose_name = _("boost")
        verbose_name_plural = _("boosts")
        constraints = [
            models.CheckConstraint(name="boost_ends_after_start", condition=Q(until_day__gt=F("from_day"))),
            models.CheckConstraint(name="boost_costs", condition=Q(credits__gt=0, weight__gt=0, weight__lte=1_000)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} – {self.rule} (+{self.weight})"

    @property
    def last_day(self) -> date:
        return self.until_day - timedelta(days=1)
