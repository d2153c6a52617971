from django.urls import path

from .events import PaymentView, RefundView
from .redemptions import RedemptionView, ReversalView

app_name = "api"
urlpatterns = [
    path("payments", PaymentView.as_view(), name="payments"),
    path("refunds", RefundView.as_view(), name="refunds"),
    path("redemptions", RedemptionView.as_view(), name="redemptions"),
    path("redemptions/<int:pk>/reversal", ReversalView.as_view(), name="reversal"),
]
