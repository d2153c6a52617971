"""What people keep about their dashboards, and reports that take too long to make while somebody waits."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from coupons.models.work import WorkState
from merchants.models import Mall, Merchant, ServiceProvider, User
from merchants.models.directory import ScopedQuerySet


class OfBody(models.Model):
    """Belongs to the dashboards of one mall, merchant or provider; `mall` is set in any case."""

    mall = models.ForeignKey(Mall, models.CASCADE, related_name="+", verbose_name=_("mall"))
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, blank=True, related_name="+")
    provider = models.ForeignKey(ServiceProvider, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def body(self) -> Mall | Merchant | ServiceProvider:
        return self.merchant or self.provider or self.mall


class SavedView(OfBody):
    """A dashboard with its filters under a name: `page` is the name of its URL, `query` what the filters are."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=80)
    page = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)  # of the URL, such as the code of a store
    query = models.CharField(max_length=500, blank=True)
    shared = models.BooleanField(
        _("shared"), default=False, help_text=_("Colleagues at the same mall, merchant or provider see it too.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")


class MailReport(models.Model):
    """A saved view sent by mail at a time of day of the mall. `sent_for` is the last day or the end of the last period
    that was sent or found empty: each is sent once."""

    class Every(models.TextChoices):
        DAY = "day", _("Every day")
        WEEK = "week", _("Every Monday")
        MONTH = "month", _("On the first of the month")

    view = models.ForeignKey(SavedView, models.CASCADE, related_name="mail_reports", verbose_name=_("view"))
    to = models.ForeignKey(User, models.CASCADE, related_name="mail_reports", verbose_name=_("to"))
    every = models.CharField(_("sent"), max_length=5, choices=Every.choices, default=Every.DAY)
    hour = models.PositiveSmallIntegerField(_("from hour"), default=8)
    with_pdf = models.BooleanField(_("page as PDF"), default=False)
    with_xlsx = models.BooleanField(_("tables as XLSX"), default=True)
    even_if_empty = models.BooleanField(_("also when nothing happened"), default=False)
    paused = models.BooleanField(_("paused"), default=False)
    sent_for = models.DateField(_("sent up to"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("last sent at"), null=True, blank=True, editable=False)
    problem = models.CharField(_("problem"), max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("mail report")
        verbose_name_plural = _("mail reports")
        constraints = [
            models.UniqueConstraint(fields=["view", "to", "every"], name="mail_report_once"),
            models.CheckConstraint(name="mail_report_hour", condition=models.Q(hour__lte=23)),
        ]


class Annotation(models.Model):
    """A note on the charts of a mall: what happened from one day to another (both included)."""

    mall = models.ForeignKey(Mall, models.CASCADE, related_name="annotations", verbose_name=_("mall"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    text = models.CharField(_("text"), max_length=80)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-pk"]
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        constraints = [
            models.CheckConstraint(name="annotation_span", condition=models.Q(last_day__gte=models.F("first_day")))
        ]


class FlowReport(models.Model):
    """How shoppers went from store to store in a span of days (both included), within so many hours: `result` is what
    `analytics.flow` counted at `made_at`. Can be made again at any time."""

    mall = models.ForeignKey(Mall, models.CASCADE, related_name="flow_reports", verbose_name=_("mall"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    within_hours = models.PositiveSmallIntegerField(_("within hours"))
    state = models.CharField(_("state"), max_length=10, choices=WorkState.choices, default=WorkState.QUEUED)
    task_id = models.CharField(max_length=64, blank=True, editable=False)
    result = models.JSONField(_("result"), null=True, blank=True)
    made_at = models.DateTimeField(_("made at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("flow report")
        verbose_name_plural = _("flow reports")
        constraints = [
            models.UniqueConstraint(fields=["mall", "first_day", "last_day", "within_hours"], name="flow_report_once")
        ]


class ShopperReport(models.Model):
    """How often, how lately and for how much the shoppers of a mall paid in the year up to `last_day`: `result` is what
    `analytics.segments` counted at `made_at`. Can be made again at any time."""

    mall = models.OneToOneField(Mall, models.CASCADE, related_name="shopper_report", verbose_name=_("mall"))
    last_day = models.DateField(_("last day"))
    result = models.JSONField(_("result"))
    made_at = models.DateTimeField(_("made at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("shopper report")
        verbose_name_plural = _("shopper reports")
