"""Stocks, rules and coupons of a mall; a merchant's stocks."""

from django.urls import path

from .views import coupons, decisions, merchant, rule_editing, rules, stocks

app_name = "coupons"

STEPS = [
    path(f"malls/<slug:mall>/rules/<int:pk>/{step}/", rule_editing.rule_step, {"step": step}, name=f"rule_{step}")
    for step in ("publish", "pause", "resume", "end")
]

urlpatterns = [
    path("malls/<slug:mall>/stocks/", stocks.stock_list, name="stock_list"),
    path("malls/<slug:mall>/stocks/new/", stocks.stock_new, name="stock_new"),
    path("malls/<slug:mall>/stocks/<int:pk>/", stocks.stock_detail, name="stock_detail"),
    path("malls/<slug:mall>/stocks/<int:pk>/edit/", stocks.stock_edit, name="stock_edit"),
    path("malls/<slug:mall>/stocks/<int:pk>/close/", stocks.stock_close, name="stock_close"),
    path("malls/<slug:mall>/rules/", rules.rule_list, name="rule_list"),
    path("malls/<slug:mall>/rules/new/", rule_editing.rule_new, name="rule_new"),
    path("malls/<slug:mall>/rules/preview/", rule_editing.rule_preview, name="rule_preview"),
    path("malls/<slug:mall>/rules/<int:pk>/", rules.rule_detail, name="rule_detail"),
    path("malls/<slug:mall>/rules/<int:pk>/edit/", rule_editing.rule_edit, name="rule_edit"),
    *STEPS,
    path("malls/<slug:mall>/rules/<int:pk>/decisions/", decisions.decision_list, name="decision_list"),
    path(
        "malls/<slug:mall>/rules/<int:pk>/decisions/<int:decision>/",
        decisions.decision_detail,
        name="decision_detail",
    ),
    path("malls/<slug:mall>/coupons/", coupons.coupon_list, name="coupon_list"),
    path("malls/<slug:mall>/coupons/<int:pk>/", coupons.coupon_detail, name="coupon_detail"),
    path("merchants/<int:pk>/stocks/", merchant.merchant_stocks, name="merchant_stocks"),
]
