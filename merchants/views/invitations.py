"""Invitations: what the inviter does with them, and the link in the mail."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from merchants.forms.people import JoinForm
from merchants.models import Invitation, User
from merchants.services import invitations

from .people import open_row, people_url, send


@login_required
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = open_row(request, Invitation, pk)
    try:
        send(request, invitation, invitations.renew(invitation=invitation, by=request.user))
    except invitations.InvitationOver:
        say_over(request)
    return redirect(people_url(invitation.body))


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = open_row(request, Invitation, pk)
    try:
        invitations.withdraw(invitation=invitation, by=request.user)
        messages.success(request, _("The invitation was withdrawn."))
    except invitations.InvitationOver:
        say_over(request)
    return redirect(people_url(invitation.body))


def say_over(request: HttpRequest) -> None:
    messages.error(request, _("This invitation was answered or withdrawn before."))


@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. Whoever holds it may know the invited address and whether it has an account."""
    invitation = invitations.find(token)
    if invitation is None or not invitations.is_open(invitation):
        return render(request, "merchants/invitation_over.html", status=410 if invitation else 404)
    if request.user.is_authenticated:
        return join(request, invitation)
    if User.objects.filter(email__iexact=invitation.email).exists():
        return render(request, "merchants/invitation_sign_in.html", {"invitation": invitation})
    return join_as_new(request, invitation)


def join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """A signed-in reader joins if the invited address is theirs."""
    if request.user.email.lower() != invitation.email:
        return render(request, "merchants/invitation_other.html", {"invitation": invitation}, status=403)
    if request.method == "GET":
        return render(request, "merchants/invitation_join.html", {"invitation": invitation})
    try:
        invitations.accept(invitation=invitation, user=request.user)
    except invitations.InvitationOver:
        return render(request, "merchants/invitation_over.html", status=410)
    except invitations.AlreadyMember:
        messages.info(request, _("You belong to %(body)s already.") % {"body": invitation.body.name})
    return redirect("home")


def join_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """A reader without an account chooses a name and a password, and is signed in."""
    form = JoinForm(request.POST if request.method == "POST" else None, instance=User(email=invitation.email))
    if request.method == "GET" or not form.is_valid():
        context = {"invitation": invitation, "form": form}
        return render(request, "merchants/invitation_new.html", context, status=422 if form.errors else 200)
    try:
        user = invitations.accept_as_new(
            invitation=invitation, username=form.cleaned_data["username"], password=form.cleaned_data["password1"]
        )
    except invitations.InvitationOver:
        return render(request, "merchants/invitation_over.html", status=410)
    login(request, user)
    return redirect("home")
