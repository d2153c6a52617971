"""The money of a mall, its merchants and its providers."""

from django.urls import path

from .views import credits, months, offers, plan_trials, plans, rebates, trial

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
