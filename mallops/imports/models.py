"""Imports of files: what was asked, how far it got, what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models import Mall, User
from merchants.models.directory import ScopedQuerySet


class ImportKind(models.TextChoices):
    STORES = "stores", _("Stores")
    PAYMENTS = "payments", _("Payments")
    REFUNDS = "refunds", _("Refunds")
    REDEMPTIONS = "redemptions", _("Redemptions")


class ImportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


class ImportRun(models.Model):
    """One file on its way through the door.

    `read_bytes` and `read_lines` are how far the file was read and its rows committed, `report_bytes` how much of
    the report belongs to them.
    """

    mall = models.ForeignKey(Mall, models.PROTECT, related_name="imports", verbose_name=_("mall"))
    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind.choices)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/")
    file_name = models.CharField(_("file name"), max_length=200)
    total_bytes = models.BigIntegerField(_("size"), default=0)
    all_or_nothing = models.BooleanField(_("all or nothing"), default=False)
    award = models.BooleanField(_("award coupons"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices, default=ImportState.WAITING)
    message = models.CharField(_("message"), max_length=500, blank=True)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True)
    read_bytes = models.BigIntegerField(default=0)
    read_lines = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(_("rows read"), default=0)
    added = models.BigIntegerField(_("added"), default=0)
    known = models.BigIntegerField(_("already known"), default=0)
    bad = models.BigIntegerField(_("bad"), default=0)
    report = models.FileField(_("report"), upload_to="imports/%Y/%m/", blank=True)
    report_bytes = models.BigIntegerField(default=0)
    task_id = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name
