"""How a view opens the mall, merchant or provider of its URL."""

from django.http import HttpRequest

from merchants import access
from merchants.models import Mall, Merchant, ServiceProvider


def open_mall(request: HttpRequest, slug: str, action: str) -> Mall:
    """The mall of the URL, for a reader who holds the right there; also marks it for the navigation."""
    request.body_opened = access.body_or_404(request.user, Mall, action, slug=slug)
    return request.body_opened


def open_merchant(request: HttpRequest, pk: int, action: str) -> Merchant:
    request.body_opened = access.body_or_404(request.user, Merchant, action, pk=pk)
    return request.body_opened


def open_provider(request: HttpRequest, pk: int, action: str) -> ServiceProvider:
    request.body_opened = access.body_or_404(request.user, ServiceProvider, action, pk=pk)
    return request.body_opened
