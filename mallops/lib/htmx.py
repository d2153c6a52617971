"""One URL answers a page or a part of it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect


def render_part(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    part: str,
    status: int = 200,
    push_url: str | None = None,
) -> HttpResponse:
    """The template's partial `part` for an htmx request aimed at the element of that id, else the whole page.

    The answer is never stored and varies on HX-Request, so that Back never shows a bare part.
    """
    htmx = request.htmx
    partial = htmx and not htmx.boosted and not htmx.history_restore_request and htmx.target == part
    response = render(request, f"{template}#{part}" if partial else template, context, status=status)
    if partial:
        response.content = response.content.strip()  # blank text around a part would stay behind when it is swapped
    if partial and push_url:
        response["HX-Push-Url"] = push_url
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    patch_cache_control(response, private=True, no_store=True)
    return response


class HtmxSignInMiddleware:
    """A signed-out reader's htmx request goes to the sign-in page as a whole, not into a corner of the old page."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response
        self.login = resolve_url(settings.LOGIN_URL)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.htmx and response.status_code == 302 and response["Location"].startswith(self.login):
            return HttpResponseClientRedirect(self.login)
        return response
