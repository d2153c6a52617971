"""What the administration of every app shares."""

from django.contrib import admin
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):
    """For ledgers and whatever machines write: staff may look, search and filter, and change nothing."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class FactAdmin(ReadOnlyAdmin):
    """For fact tables, which grow large: newest first by key, foreign objects joined, filtered by mall."""

    ordering = ("-pk",)
    list_filter = ("mall",)
    list_per_page = 50
