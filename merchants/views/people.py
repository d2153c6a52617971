"""Members of a mall, a merchant or a provider: one page for the three, and what is done there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from mallops.lib.ui.tables import Column, Empty, Table
from merchants import access
from merchants.choices import Action
from merchants.forms.people import InviteForm, RoleForm, roles_at
from merchants.models import Mall, Membership, Merchant
from merchants.queries import people as queries
from merchants.services import invitations, mails, members
from merchants.services.members import Body

from .base import open_mall, open_merchant, open_provider

MERCHANT_COLUMNS = [
    Column("name", gettext_lazy("Merchant"), url=lambda row: people_url(row), sub=lambda row: row.code),
    Column("members", gettext_lazy("Members"), align="end", sortable=True),
]


@login_required
@require_http_methods(["GET", "POST"])
def mall_people(request: HttpRequest, mall: str) -> HttpResponse:
    return people(request, open_mall(request, mall, Action.MANAGE))


@login_required
@require_http_methods(["GET", "POST"])
def merchant_people(request: HttpRequest, pk: int) -> HttpResponse:
    return people(request, open_merchant(request, pk, Action.MANAGE))


@login_required
@require_http_methods(["GET", "POST"])
def provider_people(request: HttpRequest, pk: int) -> HttpResponse:
    return people(request, open_provider(request, pk, Action.MANAGE))


def people(request: HttpRequest, body: Body) -> HttpResponse:
    """The page of a body the reader may manage; a POST invites."""
    form = InviteForm(request.POST if request.method == "POST" else None, body=body)
    if request.method == "POST" and form.is_valid():
        invitation, token = invitations.invite(
            body=body, role=form.cleaned_data["role"], email=form.cleaned_data["email"], by=request.user
        )
        send(request, invitation, token)
        return redirect(people_url(body))
    context = {
        "title": _("People"),
        "members": queries.members(body),
        "pending": queries.pending(body),
        "roles": roles_at(body),
        "form": form,
        "merchants": merchant_table(request, body) if isinstance(body, Mall) else None,
    }
    return render(request, "merchants/people.html", context, status=422 if form.errors else 200)


def merchant_table(request: HttpRequest, mall: Mall) -> Table:
    """The way to the people of each merchant of a mall."""
    empty = Empty(_("No merchant yet"))
    rows = queries.merchants_with_members(mall)
    return Table(MERCHANT_COLUMNS, rows, request.GET, label=_("Merchants"), page_size=25, empty=empty)


@login_required
@require_POST
def member_role(request: HttpRequest, pk: int) -> HttpResponse:
    membership = open_row(request, Membership, pk)
    form = RoleForm(request.POST, body=membership.body)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles offered."))
        return redirect(people_url(membership.body))
    try:
        members.change_role(membership=membership, role=form.cleaned_data["role"], by=request.user)
        messages.success(request, _("Role changed."))
    except members.LastManager:
        say_last_manager(request)
    return redirect(people_url(membership.body))


@login_required
@require_POST
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    membership = open_row(request, Membership, pk)
    try:
        members.remove(membership=membership, by=request.user)
        messages.success(request, _("%(name)s was removed.") % {"name": membership.user})
    except members.LastManager:
        say_last_manager(request)
    still_there = access.may(request.user, Action.MANAGE, membership.body)
    return redirect(people_url(membership.body) if still_there else "home")


def open_row(request: HttpRequest, model, pk: int):
    """A membership or invitation at a body the reader manages: 404 out of sight, 403 without the right."""
    rows = model.objects.select_related("mall", "merchant__mall", "provider__mall")
    row = get_object_or_404(rows, pk=pk)
    access.body_or_404(request.user, type(row.body), Action.MANAGE, pk=row.body.pk)
    return row


def people_url(body: Body) -> str:
    if isinstance(body, Mall):
        return reverse("merchants:mall_people", kwargs={"mall": body.slug})
    name = "merchant_people" if isinstance(body, Merchant) else "provider_people"
    return reverse(f"merchants:{name}", kwargs={"pk": body.pk})


def send(request: HttpRequest, invitation, token: str) -> None:
    """Mail the link, and tell the reader how that went."""
    url = request.build_absolute_uri(reverse("merchants:invitation_accept", kwargs={"token": token}))
    if mails.send_invitation(invitation=invitation, url=url):
        messages.success(request, _("An invitation was sent to %(email)s.") % {"email": invitation.email})
    else:
        messages.warning(request, _("The invitation stands, but the mail could not be sent. Send it again later."))


def say_last_manager(request: HttpRequest) -> None:
    messages.error(request, _("The last manager stays: give someone else that role first."))
