"""What was worked out about rules from the ledger: backtests, uplift, suggestions. All of it can be made again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models import Mall, User
from merchants.models.directory import ScopedQuerySet

from .rule import Rule
from .work import WorkState


class Backtest(models.Model):
    """Terms tried on the payments of a span of days (both included): `result` is what `coupons.backtest` found."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="backtests", verbose_name=_("mall"))
    rule = models.ForeignKey(
        Rule, models.SET_NULL, null=True, blank=True, related_name="backtests", verbose_name=_("rule")
    )
    label = models.CharField(_("label"), max_length=120, blank=True)
    terms = models.JSONField(_("terms"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    task_id = models.CharField(max_length=64, blank=True, editable=False)
    result = models.JSONField(_("result"), null=True, blank=True)
    message = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("backtest")
        verbose_name_plural = _("backtests")
        constraints = [
            models.CheckConstraint(name="backtest_span", condition=models.Q(last_day__gte=models.F("first_day")))
        ]


class UpliftReport(models.Model):
    """What a rule brought against its control group, as of `made_at`: `result` is what `coupons.uplift.report` found.
    Without a rule: what all rules of the mall brought together."""

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="uplift_reports", verbose_name=_("mall"))
    rule = models.OneToOneField(
        Rule, models.CASCADE, null=True, blank=True, related_name="uplift_report", verbose_name=_("rule")
    )
    result = models.JSONField(_("result"))
    made_at = models.DateTimeField(_("made at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("uplift report")
        verbose_name_plural = _("uplift reports")
        constraints = [
            models.UniqueConstraint(fields=["mall"], condition=models.Q(rule=None), name="uplift_of_mall_once")
        ]


class SuggestionReport(models.Model):
    """Pairs of stores and categories between which shoppers move, as of `made_at` (`coupons.affinity`)."""

    mall = models.OneToOneField(Mall, models.CASCADE, related_name="suggestion_report", verbose_name=_("mall"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    result = models.JSONField(_("result"))
    made_at = models.DateTimeField(_("made at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion report")
        verbose_name_plural = _("suggestion reports")
