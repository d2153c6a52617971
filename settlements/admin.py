"""The settlement ledger, plans and statements, to look at: all of it is written by services, which keep the trail."""

from django.contrib import admin

from mallops.lib.admin import FactAdmin, ReadOnlyAdmin

from .models import (
    Account,
    Accrual,
    Books,
    ClosedMonth,
    CreditLine,
    Entry,
    LineMessage,
    MonthBalance,
    PlanOffer,
    PlanVersion,
    RebatePlan,
    Statement,
    StatementLine,
)

PARTIES = ("merchant", "provider", "mall")


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", *PARTIES)
    list_filter = ("mall", "kind")
    list_select_related = PARTIES
    search_fields = ("merchant__code", "provider__code")


@admin.register(Books)
class BooksAdmin(ReadOnlyAdmin):
    list_display = ("mall", "open_from")
    list_select_related = ("mall",)


@admin.register(ClosedMonth)
class ClosedMonthAdmin(ReadOnlyAdmin):
    list_display = ("id", "month", "entries", "amount_fen", "closed_at", "closed_by", "mall")
    list_filter = ("mall",)
    list_select_related = ("mall", "closed_by")


@admin.register(MonthBalance)
class MonthBalanceAdmin(FactAdmin):
    list_display = ("id", "month", "account", "debits_fen", "credits_fen", "mall")
    list_select_related = ("mall", "account__mall", "account__merchant", "account__provider")
    list_filter = ("mall", "month")


@admin.register(Entry)
class EntryAdmin(FactAdmin):
    list_display = ("id", "kind", "source_id", "line", "debit", "credit", "amount_fen", "day", "month", "mall")
    list_select_related = (
        "mall", "debit__mall", "debit__merchant", "debit__provider", "credit__mall", "credit__merchant",
        "credit__provider",
    )  # fmt: skip
    list_filter = ("mall", "kind", "month")
    search_fields = ("=source_id", "=coupon__code")


@admin.register(RebatePlan)
class RebatePlanAdmin(ReadOnlyAdmin):
    list_display = ("id", "name_zh", "name_en", "created_by", "created_at", "mall")
    list_filter = ("mall",)
    list_select_related = ("mall", "created_by")
    search_fields = ("name_zh", "name_en")


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    list_display = ("plan", "number", "made_at", "made_by")
    list_filter = ("plan__mall",)
    list_select_related = ("plan", "made_by")


@admin.register(PlanOffer)
class PlanOfferAdmin(ReadOnlyAdmin):
    list_display = ("id", "version", "provider", "state", "from_day", "until_day", "mall")
    list_filter = ("mall", "state")
    list_select_related = ("mall", "version__plan", "provider")
    search_fields = ("provider__code",)


@admin.register(Accrual)
class AccrualAdmin(FactAdmin):
    list_display = ("id", "provider", "kind", "store", "amount_fen", "day", "matures_on", "state", "mall")
    list_select_related = ("mall", "provider", "store")
    list_filter = ("mall", "state", "kind")
    search_fields = ("=redemption__id", "=payment__id", "=store__code")


@admin.register(CreditLine)
class CreditLineAdmin(FactAdmin):
    list_display = ("id", "provider", "kind", "source_id", "credits", "day", "mall")
    list_select_related = ("mall", "provider")
    list_filter = ("mall", "kind")
    search_fields = ("=source_id",)


@admin.register(Statement)
class StatementAdmin(FactAdmin):
    list_display = ("id", "month", "merchant", "provider", "state", "total_fen", "mall")
    list_select_related = PARTIES
    list_filter = ("mall", "state", "month")
    search_fields = ("merchant__code", "provider__code")


@admin.register(StatementLine)
class StatementLineAdmin(FactAdmin):
    list_display = ("id", "statement_id", "position", "kind", "store", "count", "amount_fen", "mall")
    list_select_related = ("mall", "store")
    search_fields = ("=statement__id",)


@admin.register(LineMessage)
class LineMessageAdmin(FactAdmin):
    list_display = ("id", "line_id", "by", "of_mall", "at", "mall")
    list_select_related = ("mall", "by")
    search_fields = ("=line__id",)
