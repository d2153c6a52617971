"""People, credentials, service providers."""

from django.urls import path

from .views import credentials, invitations, people, providers

app_name = "merchants"
urlpatterns = [
    path("malls/<slug:mall>/people/", people.mall_people, name="mall_people"),
    path("merchants/<int:pk>/people/", people.merchant_people, name="merchant_people"),
    path("providers/<int:pk>/people/", people.provider_people, name="provider_people"),
    path("members/<int:pk>/role/", people.member_role, name="member_role"),
    path("members/<int:pk>/remove/", people.member_remove, name="member_remove"),
    path("invitations/<int:pk>/resend/", invitations.resend, name="invitation_resend"),
    path("invitations/<int:pk>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("invitations/<str:token>/", invitations.accept, name="invitation_accept"),
    path("malls/<slug:mall>/credentials/", credentials.mall_credentials, name="mall_credentials"),
    path("providers/<int:pk>/credentials/", credentials.provider_credentials, name="provider_credentials"),
    path("credentials/<int:pk>/revoke/", credentials.revoke, name="credential_revoke"),
    path("malls/<slug:mall>/providers/", providers.provider_list, name="provider_list"),
    path("malls/<slug:mall>/providers/<int:pk>/", providers.provider_detail, name="provider_detail"),
    path("malls/<slug:mall>/providers/<int:pk>/standing/", providers.provider_standing, name="provider_standing"),
    path("malls/<slug:mall>/providers/<int:pk>/agreements/", providers.agreement_add, name="agreement_add"),
    path("malls/<slug:mall>/agreements/<int:pk>/end/", providers.agreement_end, name="agreement_end"),
    path("providers/<int:pk>/agreements/", providers.provider_agreements, name="provider_agreements"),
]
