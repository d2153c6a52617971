from django.contrib import admin
from django.http import HttpRequest

from mallops.lib.admin import FactAdmin, ReadOnlyAdmin
from merchants.admin import OfMallAdmin

from .models import (
    Backtest,
    Block,
    Claim,
    ClaimCode,
    Consent,
    Coupon,
    CouponClosure,
    Decision,
    Dispute,
    GuardFlag,
    HandOut,
    LimitCounter,
    Notice,
    NoticeChannel,
    Redemption,
    Reversal,
    Rule,
    RuleVersion,
    Stock,
    SuggestionReport,
    UpliftReport,
)
from .services.stocks import is_frozen

# What a coupon promises: frozen once it is proposed or issued. Quantity and budget may still be raised on the pages.
FROZEN_TERMS = (
    "mall", "merchant", "code", "kind", "value_fen", "percent_bp", "ceiling_fen", "exchange_price_fen",
    "min_spend_fen", "validity", "valid_from_day", "valid_until_day", "valid_for", "stores", "categories", "funder",
)  # fmt: skip


@admin.register(Stock)
class StockAdmin(OfMallAdmin):
    list_display = ("code", "name_zh", "name_en", "kind", "merchant", "quantity", "budget_fen", "closed_at", "mall")
    list_filter = ("mall", "kind", "funder", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("mall", "merchant")
    autocomplete_fields = ("mall", "merchant", "stores", "categories")

    def get_readonly_fields(self, request: HttpRequest, obj: Stock | None = None) -> tuple[str, ...]:
        return FROZEN_TERMS if obj is not None and is_frozen(obj) else ()


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """Rules are edited, published and stopped on the pages, which check their terms."""

    list_display = ("id", "name_zh", "name_en", "state", "version", "created_by", "created_at", "mall")
    list_filter = ("state", "mall")
    list_select_related = ("mall", "version__rule", "created_by")
    search_fields = ("name_zh", "name_en")


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    list_display = ("rule", "number", "published_at", "published_by")
    list_filter = ("rule__mall", "published_at")
    list_select_related = ("rule", "published_by")
    search_fields = ("rule__name_zh", "rule__name_en")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Answers are given and noted on the pages, where they stop a rule."""

    list_display = ("id", "version", "party", "state", "share_bp", "cost_fen", "on_paper", "answered_at", "mall")
    list_filter = ("state", "on_paper", "mall")
    list_select_related = ("version__rule", "merchant", "provider", "mall")


@admin.register(Coupon)
class CouponAdmin(FactAdmin):
    list_display = ("__str__", "stock", "rule", "state", "store", "shopper", "issued_at", "expires_at", "mall")
    list_select_related = ("mall", "stock", "rule", "store", "shopper")
    list_filter = ("mall", "state", "issued_at")
    search_fields = ("=code", "=payment__transaction_id", "=shopper__id")
    exclude = ("code",)


@admin.register(Claim)
class ClaimAdmin(FactAdmin):
    list_display = ("id", "rule", "kind", "store", "shopper", "distance_m", "claimed_at", "mall")
    list_select_related = ("mall", "rule", "store", "shopper")
    list_filter = ("mall", "kind", "claimed_at")
    search_fields = ("=request_id", "=shopper__id")


@admin.register(ClaimCode)
class ClaimCodeAdmin(ReadOnlyAdmin):
    """Made and closed on the pages, which keep the trail."""

    list_display = ("id", "rule", "store", "created_by", "created_at", "closed_at", "mall")
    list_filter = ("mall", "created_at")
    list_select_related = ("mall", "rule", "store", "created_by")
    search_fields = ("=token", "=store__code")


@admin.register(HandOut)
class HandOutAdmin(ReadOnlyAdmin):
    list_display = ("id", "rule", "state", "seen", "awarded", "held_out", "started_by", "started_at", "mall")
    list_filter = ("mall", "state", "started_at")
    list_select_related = ("mall", "rule", "started_by")
    search_fields = ("=id",)


@admin.register(Redemption)
class RedemptionAdmin(FactAdmin):
    list_display = ("id", "coupon", "store", "order_fen", "discount_fen", "redeemed_at", "by", "source", "mall")
    list_select_related = ("mall", "coupon", "store", "by")
    list_filter = ("mall", "redeemed_at")
    search_fields = ("=coupon__code", "=request_id", "=store__code")


@admin.register(Reversal)
class ReversalAdmin(FactAdmin):
    list_display = ("id", "redemption", "reason", "reversed_at", "by", "source", "mall")
    list_select_related = ("mall", "redemption", "by")
    list_filter = ("mall", "reversed_at")
    search_fields = ("=request_id", "=redemption__coupon__code")


@admin.register(CouponClosure)
class CouponClosureAdmin(FactAdmin):
    list_display = ("id", "coupon", "kind", "reason", "closed_at", "mall")
    list_select_related = ("mall", "coupon")
    list_filter = ("mall", "kind", "closed_at")
    search_fields = ("=coupon__code",)


@admin.register(Decision)
class DecisionAdmin(FactAdmin):
    list_display = ("id", "payment", "rule_version", "outcome", "reason", "shopper", "decided_at", "mall")
    list_select_related = ("mall", "payment", "rule_version__rule", "shopper")
    list_filter = ("mall", "outcome", "reason", "decided_at")
    search_fields = ("=payment__transaction_id", "=shopper__id")


@admin.register(LimitCounter)
class LimitCounterAdmin(FactAdmin):
    list_display = ("key", "used", "ceiling", "mall")
    list_select_related = ("mall",)
    search_fields = ("key",)


@admin.register(UpliftReport)
class UpliftReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "rule", "made_at", "mall")
    list_filter = ("mall",)
    list_select_related = ("mall", "rule")


@admin.register(SuggestionReport)
class SuggestionReportAdmin(ReadOnlyAdmin):
    list_display = ("id", "first_day", "last_day", "made_at", "mall")
    list_filter = ("mall",)
    list_select_related = ("mall",)


@admin.register(NoticeChannel)
class NoticeChannelAdmin(ReadOnlyAdmin):
    """Set up on the pages, which check the address and show the secret once."""

    list_display = ("id", "sender", "url", "is_active", "created_at", "mall")
    list_filter = ("sender", "is_active", "mall")
    list_select_related = ("mall",)
    exclude = ("secret",)


@admin.register(Notice)
class NoticeAdmin(FactAdmin):
    list_display = ("id", "coupon", "channel", "hours_before", "state", "attempts", "due_at", "sent_at", "mall")
    list_select_related = ("mall", "coupon", "channel")
    list_filter = ("mall", "state", "due_at")
    search_fields = ("=key", "=coupon__id")


@admin.register(Dispute)
class DisputeAdmin(FactAdmin):
    list_display = ("id", "coupon", "store", "reason", "state", "redeemed_at", "received_at", "by", "mall")
    list_select_related = ("mall", "coupon", "store", "by")
    list_filter = ("mall", "state", "received_at")
    search_fields = ("=request_id", "=coupon__id")


@admin.register(Backtest)
class BacktestAdmin(ReadOnlyAdmin):
    list_display = ("id", "rule", "label", "first_day", "last_day", "state", "asked_by", "asked_at", "mall")
    list_select_related = ("mall", "rule", "asked_by")
    list_filter = ("mall", "state", "asked_at")
    search_fields = ("=id", "label")


@admin.register(GuardFlag)
class GuardFlagAdmin(FactAdmin):
    """Reviewed on the pages, which lift the block and keep the trail."""

    list_display = ("id", "guard", "shopper", "state", "raised_at", "reviewed_by", "mall")
    list_select_related = ("mall", "shopper", "reviewed_by")
    list_filter = ("mall", "guard", "state", "raised_at")
    search_fields = ("=shopper__id",)


@admin.register(Block)
class BlockAdmin(FactAdmin):
    list_display = ("id", "shopper", "reason", "blocked_at", "blocked_by", "until", "lifted_at", "mall")
    list_select_related = ("mall", "shopper", "blocked_by")
    list_filter = ("mall", "blocked_at")
    search_fields = ("=shopper__id",)
