"""Forms about members and invitations."""

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.forms import MallForm, MallModelForm
from merchants.choices import Role
from merchants.models import Invitation, Membership, User
from merchants.services.members import Body, kind_of


def roles_at(body: Body) -> list[tuple[str, str]]:
    """The roles that can be held at this kind of body."""
    return [(role, label) for role, label in Role.choices if role.startswith(f"{kind_of(body)}_")]


class RoleForm(MallForm):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, body: Body, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.body = body
        self.fields["role"].choices = roles_at(body)


class InviteForm(RoleForm):
    email = forms.EmailField(label=_("E-mail"))
    field_order = ["email", "role"]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        at_body = {kind_of(self.body): self.body}
        if Membership.objects.filter(user__email__iexact=email, **at_body).exists():
            raise ValidationError(_("This person belongs here already."))
        if Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None, **at_body).exists():
            raise ValidationError(_("This address is invited already; send that invitation again instead."))
        return email


class JoinForm(MallModelForm, UserCreationForm):
    """The new account of an invited person; the address is the invited one."""

    usable_password = None

    class Meta:
        model = User
        fields = ["username"]
