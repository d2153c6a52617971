"""Stocks, rules and coupons of a mall; a merchant's stocks."""

from django.urls import path

from .views import (
    backtests,
    blocks,
    claims,
    consents,
    coupons,
    decisions,
    disputes,
    explain,
    guards,
    mall_settings,
    merchant,
    notices,
    rule_editing,
    rule_page,
    rule_steps,
    rules,
    stocks,
    suggestions,
    uplift,
)

app_name = "coupons"

STEPS = [
    path(f"malls/<slug:mall>/rules/<int:pk>/{step}/", rule_steps.rule_step, {"step": step}, name=f"rule_{step}")
    for step in ("propose", "recall", "launch", "pause", "resume", "end")
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
    path("malls/<slug:mall>/rules/<int:pk>/", rule_page.rule_detail, name="rule_detail"),
    path("malls/<slug:mall>/rules/<int:pk>/edit/", rule_editing.rule_edit, name="rule_edit"),
    *STEPS,
    path("malls/<slug:mall>/rules/<int:pk>/consents/<int:consent>/", consents.rule_consent, name="rule_consent"),
    path("malls/<slug:mall>/rules/<int:pk>/decisions/", decisions.decision_list, name="decision_list"),
    path(
        "malls/<slug:mall>/rules/<int:pk>/decisions/<int:decision>/",
        decisions.decision_detail,
        name="decision_detail",
    ),
    path("malls/<slug:mall>/rules/<int:pk>/uplift/", uplift.rule_uplift, name="rule_uplift"),
    path("malls/<slug:mall>/rules/<int:pk>/uplift/renew/", uplift.rule_uplift_renew, name="rule_uplift_renew"),
    path("malls/<slug:mall>/uplift/", uplift.mall_uplift, name="mall_uplift"),
    path("malls/<slug:mall>/uplift/renew/", uplift.mall_uplift_renew, name="mall_uplift_renew"),
    path("malls/<slug:mall>/backtests/", backtests.backtest_list, name="backtest_list"),
    path("malls/<slug:mall>/backtests/new/", backtests.backtest_new, name="backtest_new"),
    path("malls/<slug:mall>/backtests/compare/", backtests.backtest_compare, name="backtest_compare"),
    path("malls/<slug:mall>/backtests/<int:pk>/", backtests.backtest_detail, name="backtest_detail"),
    path("malls/<slug:mall>/backtests/<int:pk>/cancel/", backtests.backtest_cancel, name="backtest_cancel"),
    path("malls/<slug:mall>/suggestions/", suggestions.suggestion_list, name="suggestions"),
    path("malls/<slug:mall>/suggestions/renew/", suggestions.suggestion_renew, name="suggestion_renew"),
    path("malls/<slug:mall>/suggestions/use/", suggestions.suggestion_use, name="suggestion_use"),
    path("malls/<slug:mall>/rules/<int:pk>/codes/", claims.code_list, name="claim_codes"),
    path("malls/<slug:mall>/rules/<int:pk>/codes/new/", claims.code_new, name="claim_code_new"),
    path("malls/<slug:mall>/rules/<int:pk>/codes/<int:code>/close/", claims.code_close, name="claim_code_close"),
    path(
        "malls/<slug:mall>/rules/<int:pk>/codes/<int:code>/poster.<slug:form>", claims.code_poster, name="claim_poster"
    ),
    path("malls/<slug:mall>/explain/", explain.explain, name="explain"),
    path("malls/<slug:mall>/explain/payments/<int:pk>/", explain.explain_payment, name="explain_payment"),
    path("malls/<slug:mall>/explain/claims/<int:pk>/", explain.explain_claim, name="explain_claim"),
    path("malls/<slug:mall>/explain/shoppers/<int:pk>/", explain.explain_shopper, name="explain_shopper"),
    path("malls/<slug:mall>/guards/", guards.guard_list, name="guard_list"),
    path("malls/<slug:mall>/guards/<int:pk>/", guards.guard_detail, name="guard_detail"),
    path("malls/<slug:mall>/guards/<int:pk>/review/", guards.guard_review, name="guard_review"),
    path("malls/<slug:mall>/blocks/", blocks.block_list, name="block_list"),
    path("malls/<slug:mall>/blocks/<int:pk>/", blocks.block_detail, name="block_detail"),
    path("malls/<slug:mall>/blocks/<int:pk>/lift/", blocks.block_lift, name="block_lift"),
    path("malls/<slug:mall>/coupons/", coupons.coupon_list, name="coupon_list"),
    path("malls/<slug:mall>/coupons/<int:pk>/", coupons.coupon_detail, name="coupon_detail"),
    path("malls/<slug:mall>/notices/", notices.notice_list, name="notice_list"),
    path("malls/<slug:mall>/notices/resend/", notices.notice_resend, name="notice_resend_all"),
    path("malls/<slug:mall>/notices/<int:pk>/", notices.notice_detail, name="notice_detail"),
    path("malls/<slug:mall>/notices/<int:pk>/resend/", notices.notice_resend, name="notice_resend"),
    path("malls/<slug:mall>/notice-channels/", notices.channel_list, name="channel_list"),
    path("malls/<slug:mall>/notice-channels/<int:pk>/switch/", notices.channel_switch, name="channel_switch"),
    path("malls/<slug:mall>/notice-channels/<int:pk>/test/", notices.channel_test, name="channel_test"),
    path("malls/<slug:mall>/disputes/", disputes.dispute_list, name="dispute_list"),
    path("malls/<slug:mall>/disputes/<int:pk>/", disputes.dispute_detail, name="dispute_detail"),
    path("malls/<slug:mall>/disputes/<int:pk>/settle/", disputes.dispute_settle, name="dispute_settle"),
    path("malls/<slug:mall>/settings/", mall_settings.mall_settings, name="mall_settings"),
    path("merchants/<int:pk>/stocks/", merchant.merchant_stocks, name="merchant_stocks"),
]
CONSENT = "consents/<int:consent>"
for side in ("merchant", "provider"):
    urlpatterns += [
        path(f"{side}s/<int:pk>/{address}", view, {"side": side}, name=f"{side}_{name}")
        for address, view, name in (
            ("consents/", consents.consent_list, "consents"),
            (f"{CONSENT}/", consents.consent_detail, "consent"),
            (f"{CONSENT}/answer/", consents.consent_answer, "consent_answer"),
        )
    ]
