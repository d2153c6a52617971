from django.contrib import admin
from django.http import HttpRequest

from mallops.lib.admin import FactAdmin
from merchants.admin import MallAdmin
from merchants.models import Mall

from .models import (
    EventConflict,
    ParkingStay,
    Payment,
    Refund,
    Shopper,
    ShopperContact,
    ShopperDevice,
    ShopperIdentity,
    ShopperTag,
)

admin.site.unregister(Mall)


@admin.register(Mall)
class MallWithLedgerAdmin(MallAdmin):
    """The days of a ledger are cut by the mall's time zone, so the first payment pins it."""

    def get_readonly_fields(self, request: HttpRequest, obj: Mall | None = None) -> tuple[str, ...]:
        pinned = obj is not None and Payment.objects.for_mall(obj).exists()
        return (*super().get_readonly_fields(request, obj), *(["time_zone"] if pinned else []))


@admin.register(Shopper)
class ShopperAdmin(FactAdmin):
    list_display = ("id", "mall", "created_at", "erased_at")
    list_select_related = ("mall",)
    list_filter = ("mall", ("erased_at", admin.EmptyFieldListFilter))
    search_fields = ("=id",)


@admin.register(ShopperIdentity)
class ShopperIdentityAdmin(FactAdmin):
    list_display = ("id", "shopper", "mall")
    list_select_related = ("mall", "shopper")
    search_fields = ("=shopper__id", "=digest")
    exclude = ("digest",)


@admin.register(ShopperTag)
class ShopperTagAdmin(FactAdmin):
    list_display = ("id", "shopper", "tag", "added_at", "mall")
    list_select_related = ("mall", "shopper")
    list_filter = ("mall",)
    search_fields = ("=shopper__id", "=tag")


@admin.register(ShopperDevice)
class ShopperDeviceAdmin(FactAdmin):
    list_display = ("id", "shopper", "first_seen_at", "mall")
    list_select_related = ("mall", "shopper")
    list_filter = ("mall",)
    search_fields = ("=shopper__id", "=digest")
    exclude = ("digest",)


@admin.register(ShopperContact)
class ShopperContactAdmin(FactAdmin):
    """Who can be written to; the address itself is sealed."""

    list_display = ("id", "shopper", "language", "given_at", "mall")
    list_select_related = ("mall", "shopper")
    list_filter = ("mall", "language")
    search_fields = ("=shopper__id",)
    exclude = ("sealed",)


@admin.register(ParkingStay)
class ParkingStayAdmin(FactAdmin):
    list_display = ("stay_id", "shopper", "entered_at", "left_at", "mall")
    list_select_related = ("mall", "shopper")
    list_filter = ("mall", ("left_at", admin.EmptyFieldListFilter))
    search_fields = ("=stay_id", "=shopper__id")


@admin.register(Payment)
class PaymentAdmin(FactAdmin):
    list_display = (
        "transaction_id", "channel", "store", "amount_fen", "refunded_fen", "paid_at", "shopper", "source", "mall",
    )  # fmt: skip
    list_select_related = ("mall", "store", "shopper")
    list_filter = ("mall", "channel", "paid_at")
    search_fields = ("=transaction_id", "=store__code")


@admin.register(Refund)
class RefundAdmin(FactAdmin):
    list_display = ("refund_id", "channel", "payment", "store", "amount_fen", "refunded_at", "source", "mall")
    list_select_related = ("mall", "store", "payment")
    list_filter = ("mall", "channel", "refunded_at")
    search_fields = ("=refund_id", "=payment__transaction_id")


@admin.register(EventConflict)
class EventConflictAdmin(FactAdmin):
    """The one thing to change: that a person looked, and what came of it."""

    list_display = ("external_id", "kind", "channel", "store", "amount_fen", "source", "seen_at", "resolved_at", "mall")
    list_select_related = ("mall", "store")
    list_filter = ("mall", ("resolved_at", admin.EmptyFieldListFilter), "kind", "channel")
    search_fields = ("=external_id", "note")
    readonly_fields = ("mall", "kind", "channel", "external_id", "store", "amount_fen", "source", "seen_at")

    def has_change_permission(self, request: HttpRequest, obj: EventConflict | None = None) -> bool:
        return request.user.has_perm("payments.change_eventconflict")
