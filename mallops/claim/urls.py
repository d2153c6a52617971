"""Pages for shoppers, which open without signing in, and the operator's pages of a rule's hand-outs."""

from django.urls import path

from . import hand_outs, views

app_name = "claim"
RUNS = "malls/<slug:mall>/rules/<int:pk>/hand-outs"
urlpatterns = [
    path("c/<str:token>/", views.offer, name="offer"),
    path("k/<str:token>/", views.coupon, name="coupon"),
    path(f"{RUNS}/", hand_outs.hand_out_list, name="hand_outs"),
    path(f"{RUNS}/start/", hand_outs.hand_out_start, name="hand_out_start"),
    path(f"{RUNS}/preview/", hand_outs.hand_out_preview, name="hand_out_preview"),
    path(f"{RUNS}/<int:run>/", hand_outs.hand_out_detail, name="hand_out"),
    path(f"{RUNS}/<int:run>/cancel/", hand_outs.hand_out_cancel, name="hand_out_cancel"),
]
