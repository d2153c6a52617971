"""Errors of the API as problem details (RFC 9457): what went wrong, where, and how to mend it."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"


class Problem(exceptions.APIException):
    """An answer with a code of its own. `errors` are dicts with `field`, `message`, and `index` in a batch."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict] | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.headers = headers or {}
        self.more = {**({"errors": errors} if errors else {}), **more}


def invalid(errors: list[dict]) -> Problem:
    return Problem(400, "invalid", _("Some fields cannot be accepted."), errors=errors)


def problem_details(error: Exception, context: dict) -> Response | None:
    """DRF's exception handler: any error the caller can do something about; others stay a 500 and are logged."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    if isinstance(error, exceptions.ValidationError):
        error = invalid(list(_by_field(error.detail)))
    status = error.status_code
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": getattr(error, "code", None) or error.default_code,
        "detail": str(error.detail),
        **getattr(error, "more", {}),
    }
    headers = dict(getattr(error, "headers", {}))
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def _by_field(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """What DRF found wrong, nested as the data is, as one entry per message with the path to its field."""
    if isinstance(detail, dict):
        for name, inside in detail.items():
            at = "" if name == "non_field_errors" else name
            yield from _by_field(inside, f"{path}.{at}".strip("."))
    elif isinstance(detail, list):
        for inside in detail:
            yield from _by_field(inside, path)
    else:
        yield {"field": path, "message": str(detail)}
