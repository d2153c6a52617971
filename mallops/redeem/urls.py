"""Redeeming coupons at a merchant's stores."""

from django.urls import path

from . import disputes, log, offline, views

app_name = "redeem"
urlpatterns = [
    path("merchants/<int:pk>/redeem/", views.store_choose, name="store_choose"),
    # Store codes are the mall's own and may hold a slash.
    path("merchants/<int:pk>/redeem/<code:store>/", views.store_redeem, name="store_redeem"),
    path("merchants/<int:pk>/redeem-late/<code:store>/", offline.store_late, name="store_late"),
    path("merchants/<int:pk>/disputes/", disputes.dispute_list, name="dispute_list"),
    path("merchants/<int:pk>/redemptions/", log.redemption_list, name="redemption_list"),
    path("merchants/<int:pk>/redemptions/<int:redemption>/", log.redemption_detail, name="redemption_detail"),
    path("merchants/<int:pk>/redemptions/<int:redemption>/undo/", log.redemption_undo, name="redemption_undo"),
]
