"""The roll-ups, to look at when a figure is in doubt."""

from django.contrib import admin

from mallops.lib.admin import FactAdmin

from .models import CouponDay, RollupDelta, StoreDay, StoreHour

SALES = ("payments", "gross_fen", "refunds", "refund_fen")
COUPONS = ("issued", "redeemed", "discount_fen", "reversals", "expired", "revoked")


class RollupAdmin(FactAdmin):
    list_filter = ("mall", "day")
    search_fields = ("=store__code",)


@admin.register(StoreHour)
class StoreHourAdmin(RollupAdmin):
    list_display = ("id", "day", "hour", "store", *SALES, *COUPONS, "mall")
    list_select_related = ("mall", "store")


@admin.register(StoreDay)
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
