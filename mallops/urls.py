"""Every address of the site. Pages of a mall live under malls/<slug>/, of a merchant or provider under its number."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, register_converter

from mallops.lib.paths import CodeConverter

register_converter(CodeConverter, "code")
admin.site.site_header = admin.site.site_title = "MallOps"
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("api/v1/", include("mallops.api.urls")),
    path("", include("mallops.home")),
    path("", include("merchants.urls")),
    path("", include("analytics.urls")),
    path("", include("coupons.urls")),
    path("", include("settlements.urls")),
    path("", include("mallops.redeem.urls")),
    path("", include("mallops.claim.urls")),
    path("", include("mallops.imports.urls")),
    path("accounts/", include("merchants.account_urls")),
    path("admin/", admin.site.urls),
]
