from django.contrib import admin

from mallops.lib.admin import ReadOnlyAdmin

from .models import ImportRun


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name", "kind", "state", "rows", "added", "known", "bad", "created_by", "created_at", "finished_at",
        "mall",
    )  # fmt: skip
    list_filter = ("state", "kind", "mall", "created_at")
    list_select_related = ("mall", "created_by")
    search_fields = ("file_name", "message")
    exclude = ("file", "report")
