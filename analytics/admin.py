"""The roll-ups, to look at when a figure is in doubt."""

from django.contrib import admin

from mallops.lib.admin import FactAdmin, ReadOnlyAdmin

from .models import (
    Annotation,
    CouponDay,
    FlowReport,
    MailReport,
    RollupDelta,
    SavedView,
    ShopperReport,
    StoreDay,
    StoreHour,
    StoreMonth,
)

SALES = ("payments", "gross_fen", "refunds", "refund_fen")
COUPONS = ("issued", "redeemed", "discount_fen", "reversals", "expired", "revoked")


class RollupAdmin(FactAdmin):
    list_filter = ("mall", "day")
    search_fields = ("=store__code",)


@admin.register(StoreHour)
class StoreHourAdmin(RollupAdmin):
    list_display = ("id", "day", "hour", "store", *SALES, *COUPONS, "mall")
    list_select_related = ("mall", "store")


@admin.register(StoreDay, StoreMonth)
class StoreDayAdmin(RollupAdmin):
    list_display = ("id", "day", "store", *SALES, *COUPONS, "mall")
    list_select_related = ("mall", "store")


@admin.register(CouponDay)
class CouponDayAdmin(RollupAdmin):
    list_display = ("id", "day", "rule", "stock", "store", *COUPONS, "mall")
    list_select_related = ("mall", "rule", "stock", "store")
    search_fields = ("=store__code", "=stock__code")


@admin.register(RollupDelta)
class RollupDeltaAdmin(RollupAdmin):
    list_display = ("id", "day", "hour", "store", "rule", "stock", *SALES, *COUPONS, "mall")
    list_select_related = ("mall", "store", "rule", "stock")


@admin.register(MailReport)
class MailReportAdmin(ReadOnlyAdmin):
    """Who gets what by mail, and why not. Made and changed by the receivers themselves."""

    list_display = ("id", "view", "to", "every", "hour", "paused", "sent_for", "sent_at", "problem")
    list_filter = ("every", "paused", "view__mall")
    list_select_related = ("view", "to")
    search_fields = ("to__username", "to__email", "problem")


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "page", "query", "shared", "mall")
    list_select_related = ("owner", "mall")
    list_filter = ("mall", "shared")
    search_fields = ("name", "owner__username")


@admin.register(Annotation)
class AnnotationAdmin(ReadOnlyAdmin):
    list_display = ("text", "first_day", "last_day", "by", "mall")
    list_select_related = ("by", "mall")
    list_filter = ("mall",)
    search_fields = ("text",)


@admin.register(FlowReport)
class FlowReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "mall", "first_day", "last_day", "within_hours", "state", "made_at")
    list_select_related = ("mall",)
    list_filter = ("mall", "state")


@admin.register(ShopperReport)
class ShopperReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "mall", "last_day", "made_at")
    list_select_related = ("mall",)
