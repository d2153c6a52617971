"""Three addresses that belong to no app: the start page, the language switch, the health check."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET, require_POST

from merchants.models import Mall

from . import navigation


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """To the reader's first body; a superuser without one goes to the first mall, anyone else is told to wait."""
    membership = request.user.memberships.select_related("mall", "merchant", "provider").order_by("pk").first()
    if membership:
        return redirect(navigation.start_url(membership))
    if request.user.is_superuser and (mall := Mall.objects.first()):
        return redirect(navigation.home_url(mall))
    if request.user.is_staff:
        return redirect("admin:index")
    return render(request, "home_empty.html")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie and, for who is signed in, with the account; go back to where one was."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    language = request.POST.get("language", "")
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, samesite="Lax")
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("", home, name="home"),
    path("language/", set_language, name="set_language"),
    path("health/", health, name="health"),
]
