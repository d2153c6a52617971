"""What the pages for shoppers share: nobody signs in, nothing is stored or indexed, guessing is limited."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from . import throttle

SENSORS = "camera=(), microphone=(), geolocation=({})"


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse who guessed too often; tell caches and search engines to stay away; leave the phone's sensors alone,
    unless the view asks for the position (`allow_position`)."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        wrong_too_often = throttle.WRONG.is_over(throttle.address(request))
        response = busy(request) if wrong_too_often else view(request, token)
        patch_cache_control(response, private=True, no_store=True)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.headers.setdefault("Permissions-Policy", SENSORS.format(""))
        return response

    return guarded


def allow_position(response: HttpResponse) -> HttpResponse:
    response["Permissions-Policy"] = SENSORS.format("self")
    return response


def busy(request: HttpRequest) -> HttpResponse:
    text = _("Too many tries. Please wait a few minutes.")
    return render(request, "claim/notice.html", {"title": _("Please wait"), "text": text}, status=429)


def unknown(request: HttpRequest, what: str) -> HttpResponse:
    """The answer to an address that was never made: counted, logged, and the same for all."""
    throttle.note_wrong(request, what)
    text = _("The address is wrong. Scan the code again.")
    return render(request, "claim/notice.html", {"title": _("Page not found"), "text": text}, status=404)
