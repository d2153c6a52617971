"""Rule and its immutable versions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models import Bilingual, Mall, MallConfiguration, User
from merchants.models.base import named_check
from merchants.models.directory import ScopedQuerySet

from .stock import Stock


class RuleState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for consent")
    APPROVED = "approved", _("Approved")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")


class Rule(Bilingual, MallConfiguration):
    """Who paid what, where and when -> which coupon, how much at most.

    `draft` holds the terms being edited (the JSON of `engine.terms.RuleTerms`); proposing freezes them as the
    RuleVersion `proposed`, which runs as `version` once the merchants concerned agree and someone launches it. The
    state is that of the rule as a whole: a live rule stays live while its next version waits for consent. Seen by
    the mall; a merchant sees the rules it is asked about or that award its stocks.
    """

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="rules", verbose_name=_("mall"))
    state = models.CharField(_("state"), max_length=8, choices=RuleState.choices, default=RuleState.DRAFT)
    draft = models.JSONField(_("draft terms"), default=dict, blank=True)
    version = models.ForeignKey(
        "RuleVersion", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("running version")
    )
    proposed = models.ForeignKey(
        "RuleVersion", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed version")
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("created by"))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["mall", "-created_at"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [
            named_check("rule_has_name"),
            models.CheckConstraint(
                name="rule_runs_a_version",
                condition=models.Q(state=RuleState.DRAFT)
                | models.Q(version__isnull=False)
                | models.Q(state__in=[RuleState.WAITING, RuleState.APPROVED], proposed__isnull=False)
                | models.Q(state=RuleState.ENDED),
            ),
        ]


class RuleVersion(models.Model):
    """Terms as they were proposed. Never changed: another proposal is another version. `launched_at` is empty for
    a version that never ran."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions", verbose_name=_("rule"))
    number = models.PositiveIntegerField(_("number"))
    terms = models.JSONField(_("terms"))
    stocks = models.ManyToManyField(Stock, related_name="rule_versions", verbose_name=_("awarded stocks"))
    published_at = models.DateTimeField(_("proposed at"))
    launched_at = models.DateTimeField(_("launched at"), null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by"))

    class Meta:
        ordering = ["rule", "-number"]
        verbose_name = _("rule version")
        verbose_name_plural = _("rule versions")
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once")]

    def __str__(self) -> str:
        return f"{self.rule} v{self.number}"
