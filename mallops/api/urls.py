from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from .claims import ClaimLinkView, ClaimView
from .contacts import ContactView
from .events import PaymentView, RefundView
from .redemptions import CouponKeyView, RedemptionView, ReversalView
from .rules import RuleViewSet
from .shoppers import StayLeftView, StaysView, TagsView
from .statements import EntryList, StatementList, StatementView
from .stocks import StockViewSet
from .studies import BacktestViewSet, CouponView, ExplainView

app_name = "api"
LIST, ONE = {"get": "list", "post": "create"}, {"get": "retrieve", "patch": "partial_update"}
urlpatterns = [
    path("payments", PaymentView.as_view(), name="payments"),
    path("refunds", RefundView.as_view(), name="refunds"),
    path("redemptions", RedemptionView.as_view(), name="redemptions"),
    path("redemptions/<int:pk>/reversal", ReversalView.as_view(), name="reversal"),
    path("coupon-key", CouponKeyView.as_view(), name="coupon_key"),
    path("claims", ClaimView.as_view(), name="claims"),
    path("claim-links", ClaimLinkView.as_view(), name="claim_links"),
    path("stocks", StockViewSet.as_view(LIST), name="stocks"),
    path("stocks/<int:pk>", StockViewSet.as_view(ONE), name="stock"),
    path("stocks/<int:pk>/close", StockViewSet.as_view({"post": "close"}), name="stock_close"),
    path("rules", RuleViewSet.as_view(LIST), name="rules"),
    path("rules/<int:pk>", RuleViewSet.as_view(ONE), name="rule"),
    path("rules/<int:pk>/<slug:step>", RuleViewSet.as_view({"post": "step"}), name="rule_step"),
    path("backtests", BacktestViewSet.as_view(LIST), name="backtests"),
    path("backtests/<int:pk>", BacktestViewSet.as_view({"get": "retrieve"}), name="backtest"),
    path("coupons/<slug:code>", CouponView.as_view(), name="coupon"),
    path("explain", ExplainView.as_view(), name="explain"),
    path("shoppers/tags", TagsView.as_view(), name="shopper_tags"),
    path("shoppers/contact", ContactView.as_view(), name="shopper_contact"),
    path("parking", StaysView.as_view(), name="parking"),
    path("parking/<slug:stay_id>/left", StayLeftView.as_view(), name="parking_left"),
    path("statements", StatementList.as_view(), name="statements"),
    path("statements/<int:pk>", StatementView.as_view(), name="statement"),
    path("statements/<int:pk>/entries", EntryList.as_view(), name="statement_entries"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
]
