"""The side navigation and the switcher: which pages a reader is offered, by the rights held at the opened body."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from coupons.queries import consents
from mallops.lib.counting import counted
from merchants import access
from merchants.choices import Action
from merchants.models import Mall, Merchant, ServiceProvider
from merchants.queries import agreements
from settlements.queries import plans, statements, waiting

from . import menus

KINDS = {
    Mall: (_("Mall operations"), menus.MALL),
    Merchant: (_("Merchant"), menus.MERCHANT),
    ServiceProvider: (_("Service provider"), menus.PROVIDER),
}


def shell(request: HttpRequest) -> dict:
    """Context processor: `body`, `body_kind`, and `nav` and `tenants`, made only if a template asks for them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    body = getattr(request, "body_opened", None)
    return {
        "body": body,
        "body_kind": kind_of(body),
        "nav": SimpleLazyObject(lambda: navigation(request, body)),
        "tenants": SimpleLazyObject(lambda: tenants(user, body)),
    }


def kind_of(body) -> str:
    """What stands below the name of a body."""
    kind, _menu = KINDS[type(body) if body else Mall]
    return kind


def menu_of(body) -> tuple[menus.Menu, dict]:
    """The pages of a body, and the URL arguments that name it."""
    if body is None:
        return [], {}
    _kind, menu = KINDS[type(body)]
    return menu, {"mall": body.slug} if isinstance(body, Mall) else {"pk": body.pk}


def navigation(request: HttpRequest, body) -> list[dict]:
    menu, arguments = menu_of(body)
    here, counts = request.resolver_match.view_name if request.resolver_match else "", badges(request, body)
    groups = [
        {
            "label": label,
            "items": [
                {
                    "label": page.label,
                    "icon": page.icon,
                    "url": reverse(page.name, kwargs=arguments),
                    "active": menus.is_under(here, page),
                    "badge": counts.get(page.name),
                }
                for page in pages
                if page.right in request.rights
            ],
        }
        for label, pages in menu
    ]
    return [group for group in groups if group["items"]]


def badges(request: HttpRequest, body) -> dict[str, int]:
    """How much waits for the reader behind a page, by its name. At a mall, for those who may answer."""
    needed = Action.MANAGE if isinstance(body, Mall) else Action.VIEW
    if body is None or needed not in request.rights:
        return {}
    return counted(WAITING[type(body)](body))


WAITING = {
    Mall: waiting.of_mall,
    Merchant: lambda merchant: {
        "coupons:merchant_consents": consents.asked(merchant),
        "merchants:merchant_agreements": agreements.asked(merchant),
        "settlements:merchant_statements": statements.asked(merchant),
    },
    ServiceProvider: lambda provider: {
        "coupons:provider_consents": consents.asked(provider),
        "settlements:plan_offers": plans.asked(provider),
        "settlements:provider_statements": statements.asked(provider),
    },
}


def home_url(body) -> str:
    """The first page of a body."""
    menu, arguments = menu_of(body)
    _label, pages = menu[0]
    return reverse(pages[0].name, kwargs=arguments)


def tenants(user, body) -> list[dict]:
    """The bodies a reader belongs to, for the switcher."""
    found = []
    for membership in user.memberships.select_related("mall", "merchant__mall", "provider__mall").order_by("pk"):
        at = membership.body
        found.append(
            {
                "label": at.name,
                "role": membership.get_role_display(),
                "url": start_url(membership),
                "active": at == body,
            }
        )
    return found


def start_url(membership) -> str:
    """Where a member begins: the first page, or the redemption page for who may only redeem."""
    if Action.VIEW not in access.RIGHTS[membership.role]:
        return reverse("redeem:store_choose", kwargs={"pk": membership.merchant_id})
    return home_url(membership.body)
