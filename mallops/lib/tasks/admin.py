from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .models import PeriodicRun, TaskRun


class ReadOnlyAdmin(admin.ModelAdmin):
    """Written by machines, read by people."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in self.model._meta.fields]


@admin.register(TaskRun)
class TaskRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "path", "status", "attempt", "progress_note", "enqueued_at", "finished_at")
    list_filter = ("status", "queue", "enqueued_at")
    search_fields = ("=id", "path", "error")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("run_again", "cancel")

    @admin.action(description=_("Run again (failed or cancelled ones)"), permissions=["change"])
    def run_again(self, request, queryset):
        self._tell(request, queryset.run_again())

    @admin.action(description=_("Cancel (waiting or running ones)"), permissions=["change"])
    def cancel(self, request, queryset):
        self._tell(request, queryset.request_cancel())

    def _tell(self, request, count: int) -> None:
        text = ngettext("%(count)d task changed.", "%(count)d tasks changed.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)


@admin.register(PeriodicRun)
class PeriodicRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "last_run_at")
