"""How a view opens the mall, merchant or provider of its URL."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from merchants import access
from merchants.models import Mall, Merchant, ServiceProvider


def open_mall(request: HttpRequest, slug: str, action: str) -> Mall:
    """The mall of the URL, for a reader who holds the right there; raises Http404 or PermissionDenied."""
    return _open(request, Mall, action, slug=slug)


def open_merchant(request: HttpRequest, pk: int, action: str) -> Merchant:
    return _open(request, Merchant, action, pk=pk)


def open_provider(request: HttpRequest, pk: int, action: str) -> ServiceProvider:
    return _open(request, ServiceProvider, action, pk=pk)


def open_party(request: HttpRequest, side: str, pk: int, action: str) -> Merchant | ServiceProvider:
    """A merchant or a provider: `side` is "merchant" or "provider"."""
    return {"merchant": open_merchant, "provider": open_provider}[side](request, pk, action)


def open_provider_of(request: HttpRequest, mall: str, pk: int, action: str) -> tuple[Mall, ServiceProvider]:
    """A mall by its slug, and one of its providers."""
    opened = open_mall(request, mall, action)
    return opened, get_object_or_404(opened.providers.select_related("mall"), pk=pk)


def provider_url(provider: ServiceProvider) -> str:
    """The page of a provider at its mall."""
    return reverse("merchants:provider_detail", kwargs={"mall": provider.mall.slug, "pk": provider.pk})


def open_body(request: HttpRequest, body: access.Body, action: str) -> access.Body:
    """A mall, merchant or provider that something of its own led to."""
    return _open(request, type(body), action, pk=body.pk)


def _open(request: HttpRequest, model: type[access.Body], action: str, **lookup) -> access.Body:
    """The navigation is drawn for the body, and the rights at it, that were opened last."""
    request.body_opened, request.rights = access.body_or_404(request.user, model, action, **lookup)
    return request.body_opened
