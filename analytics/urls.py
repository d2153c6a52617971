"""Dashboards of malls, merchants and service providers."""

from django.urls import path

from .views import categories, funnel, overview, partners, stores

app_name = "analytics"
urlpatterns = [
    path("malls/<slug:mall>/", overview.mall_overview, name="mall_overview"),
    path("malls/<slug:mall>/stores/", stores.store_list, name="store_list"),
    path("malls/<slug:mall>/stores/<path:code>/", stores.store_detail, name="store_detail"),
    path("malls/<slug:mall>/categories/", categories.category_list, name="category_list"),
    path("malls/<slug:mall>/categories/<slug:code>/", categories.category_detail, name="category_detail"),
    path("malls/<slug:mall>/coupon-results/", funnel.coupon_funnel, name="coupon_funnel"),
    path("merchants/<int:pk>/", partners.merchant_overview, name="merchant_overview"),
    path("providers/<int:pk>/", partners.provider_overview, name="provider_overview"),
]
