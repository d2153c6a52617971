"""Saved views: a dashboard with its filters under a name, one's own or shared with colleagues at the same body."""

from urllib.parse import unquote, urlsplit

from django.db.models import QuerySet
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from analytics.models import SavedView
from merchants import access
from merchants.choices import Action
from merchants.models import Category, Mall, Merchant, ServiceProvider, Store, User

Body = Mall | Merchant | ServiceProvider
LONGEST = 500  # characters of filters
OF_ONE = {"analytics:store_detail": Store, "analytics:category_detail": Category}  # pages of one thing, named by `code`


class BadAddress(ValueError):
    """Not the address of a dashboard of the body; the message says why."""


def columns(body: Body) -> dict:
    """The columns that say whose view it is."""
    if isinstance(body, Mall):
        return {"mall": body, "merchant": None, "provider": None}
    merchant = body if isinstance(body, Merchant) else None
    return {"mall": body.mall, "merchant": merchant, "provider": None if merchant else body}


def views_at(user: User, body: Body) -> QuerySet[SavedView]:
    """The views a user sees at a body, with their owners: the own ones, and those that colleagues share."""
    return SavedView.objects.visible_to(user).filter(**columns(body)).select_related("owner")


def save(*, owner: User, body: Body, name: str, address: str, shared: bool = False) -> SavedView:
    """Keep an address (path and query) of a dashboard; raises BadAddress."""
    page, arguments, query = parsed(address, body)
    return SavedView.objects.create(
        owner=owner, name=name, page=page, arguments=arguments, query=query, shared=shared, **columns(body)
    )


def change(*, view: SavedView, name: str, shared: bool) -> None:
    view.name, view.shared = name, shared
    view.save(update_fields=["name", "shared"])


def parsed(address: str, body: Body) -> tuple[str, dict, str]:
    """The page, its arguments and its filters; raises BadAddress if it is no dashboard of the body."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    try:
        match = resolve(path)
    except Resolver404:
        raise BadAddress(_("This is not the address of a dashboard.")) from None
    if parts.netloc or match.namespace != "analytics" or not path.startswith(home(body)):
        raise BadAddress(_("This is not the address of a dashboard."))
    if len(parts.query) > LONGEST:
        raise BadAddress(_("These are too many filters to keep."))
    return match.view_name, match.kwargs, parts.query


def home(body: Body) -> str:
    """What the addresses of a body's dashboards begin with."""
    return reverse(f"analytics:{_kind(body)}_overview", args=[_key(body)])


def list_address(body: Body, kept: str = "saved_views") -> str:
    """Of the page of what is kept at a body: the views a user sees, or the user's ``mail_reports``."""
    kind = _kind(body)
    name = kept if kind == "mall" else f"{kind}_{kept}"
    return reverse(f"analytics:{name}", args=[_key(body)])


def _kind(body: Body) -> str:
    return body._meta.model_name.removeprefix("service")


def _key(body: Body) -> str | int:
    """What names the body in addresses."""
    return body.slug if isinstance(body, Mall) else body.pk


def address(view: SavedView) -> str:
    """Where the view is looked at; raises NoReverseMatch if there is no such page any more."""
    return reverse(view.page, kwargs=view.arguments) + (f"?{view.query}" if view.query else "")


def why_not(view: SavedView, user: User) -> str:
    """Why a view cannot be opened (any more); empty if it can. Filters that no longer fit are told by the page."""
    if not access.may(user, Action.VIEW, view.body):
        return _("You may no longer see the figures of %(name)s.") % {"name": view.body.name}
    try:
        address(view)
    except NoReverseMatch:
        return _("The page of this view is no longer there.")
    model = OF_ONE.get(view.page)
    if model and not model.objects.filter(mall=view.mall, code=view.arguments["code"]).exists():
        return _("What this view was about is no longer there: %(code)s.") % {"code": view.arguments["code"]}
    return ""
