"""The money of a mall, its merchants and its providers."""

from django.urls import path

from .views import (
    credits,
    months,
    offers,
    own_statements,
    plan_trials,
    plans,
    rebates,
    statement_lines,
    statement_list,
    statements,
    trial,
)

app_name = "settlements"

urlpatterns = [
    path("malls/<slug:mall>/balance/", trial.trial_balance_page, name="trial_balance"),
    path("malls/<slug:mall>/entries/", trial.entry_list, name="entry_list"),
    path("malls/<slug:mall>/months/", months.month_list, name="month_list"),
    path("malls/<slug:mall>/months/close/", months.month_close, name="month_close"),
    path("malls/<slug:mall>/plans/", plans.plan_list, name="plan_list"),
    path("malls/<slug:mall>/plans/new/", plans.plan_new, name="plan_new"),
    path("malls/<slug:mall>/plans/<int:pk>/", plans.plan_detail, name="plan_detail"),
    path("malls/<slug:mall>/plans/<int:pk>/edit/", plans.plan_edit, name="plan_edit"),
    path("malls/<slug:mall>/plans/<int:pk>/try/", plan_trials.plan_try, name="plan_try"),
    path("malls/<slug:mall>/plans/<int:pk>/offer/", plans.plan_offer_new, name="plan_offer_new"),
    path("malls/<slug:mall>/plans/<int:pk>/offers/<int:offer>/stop/", plans.plan_offer_stop, name="plan_offer_stop"),
    path("malls/<slug:mall>/providers/<int:pk>/rebates/", rebates.provider_rebates, name="provider_rebates"),
    path("providers/<int:pk>/plans/", offers.plan_offers, name="plan_offers"),
    path("providers/<int:pk>/plans/<int:offer>/", offers.plan_offer, name="plan_offer"),
    path("providers/<int:pk>/plans/<int:offer>/answer/", offers.plan_offer_answer, name="plan_offer_answer"),
    path("providers/<int:pk>/rebates/", rebates.own_rebates, name="own_rebates"),
    path("providers/<int:pk>/credits/", credits.credit_list, name="credit_list"),
    path("providers/<int:pk>/boosts/new/", credits.boost_new, name="boost_new"),
]

STATEMENT, OWN = "malls/<slug:mall>/statements", "statements/<int:statement>"
urlpatterns += [
    path(f"{STATEMENT}/", statement_list.statement_list, name="mall_statements"),
    path(f"{STATEMENT}/issue/", statement_list.issue_all, name="mall_statements_issue"),
    path(f"{STATEMENT}/pay/", statement_list.pay_all, name="mall_statements_pay"),
    path(f"{STATEMENT}/<int:pk>/", statements.statement_detail, name="mall_statement"),
    path(f"{STATEMENT}/<int:pk>/issue/", statements.statement_issue, name="mall_statement_issue"),
    path(f"{STATEMENT}/<int:pk>/agree/", statements.statement_agree, name="mall_statement_agree"),
    path(f"{STATEMENT}/<int:pk>/pay/", statements.statement_pay, name="mall_statement_pay"),
    path(f"{STATEMENT}/<int:pk>/file/<slug:kind>/", statements.statement_file, name="mall_statement_file"),
    path(f"{STATEMENT}/<int:pk>/lines/<int:line>/", statement_lines.statement_line, name="mall_statement_line"),
    path(f"{STATEMENT}/<int:pk>/lines/<int:line>/write/", statement_lines.line_write, name="mall_statement_write"),
    path(f"{STATEMENT}/<int:pk>/lines/<int:line>/settle/", statement_lines.line_settle, name="mall_statement_settle"),
]
for side in ("merchant", "provider"):
    urlpatterns += [
        path(f"{side}s/<int:pk>/{address}", view, {"side": side}, name=f"{side}_{name}")
        for address, view, name in (
            ("statements/", own_statements.statement_list, "statements"),
            ("statements/so-far/", own_statements.so_far, "statement_so_far"),
            (f"{OWN}/", own_statements.statement_detail, "statement"),
            (f"{OWN}/agree/", own_statements.statement_agree, "statement_agree"),
            (f"{OWN}/file/<slug:kind>/", own_statements.statement_file, "statement_file"),
            (f"{OWN}/lines/<int:line>/", own_statements.statement_line, "statement_line"),
            (f"{OWN}/lines/<int:line>/dispute/", own_statements.line_dispute, "statement_dispute"),
            (f"{OWN}/lines/<int:line>/write/", own_statements.line_write, "statement_write"),
        )
    ]
