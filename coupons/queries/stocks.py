"""Stocks with what is used of them."""

from django.db.models import Count, Q, QuerySet

from coupons.models import Coupon, Rule, Stock
from coupons.models.coupon import CouponState
from coupons.models.rule import RuleState
from merchants.models import Mall, Merchant

from .limits import used_by


def stock_rows(mall: Mall, *, is_open: bool | None = None, merchant: Merchant | None = None) -> QuerySet[Stock]:
    """Stocks of a mall, each with `issued` coupons and `claimed_fen`, what these cost at most."""
    stocks = mall.stocks.select_related("merchant").annotate(issued=used_by("k", ".n"), claimed_fen=used_by("k", ".m"))
    if is_open is not None:
        stocks = stocks.filter(closed_at__isnull=is_open)
    return stocks.filter(merchant=merchant) if merchant else stocks


def state_counts(stock: Stock) -> dict[str, int]:
    """How many coupons of the stock are in each state."""
    coupons = Coupon.objects.for_mall(stock.mall_id).filter(stock=stock)
    return coupons.aggregate(**{state: Count("pk", filter=Q(state=state)) for state in CouponState.values})


def rules_awarding(stock: Stock) -> QuerySet[Rule]:
    """Rules whose running version awards the stock and that have not ended."""
    running = Rule.objects.filter(mall=stock.mall_id, version__stocks=stock).exclude(state=RuleState.ENDED)
    return running.select_related("version").order_by("-version__published_at")


def merchant_rules(merchant: Merchant) -> QuerySet[Rule]:
    """Rules whose running version awards a stock of the merchant, each once."""
    awarding = Rule.objects.filter(mall=merchant.mall_id, version__stocks__merchant=merchant).values("pk")
    return Rule.objects.filter(pk__in=awarding).select_related("version").order_by("-version__published_at")
