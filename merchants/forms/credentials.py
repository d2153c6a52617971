"""Forms of API keys."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib.ui.forms import MallForm
from merchants.choices import Scope
from merchants.models import Mall, ServiceProvider
from merchants.services.credentials import PROVIDER_SCOPES

LIVES = {
    30: pgettext_lazy("key", "30 days"),
    90: pgettext_lazy("key", "90 days"),
    365: _("A year"),
    0: _("Until it is revoked"),
}
OVERLAPS = {0: _("At once"), 1: _("After an hour"), 24: _("After a day"), 168: _("After a week")}  # hours


class CredentialForm(MallForm):
    """What a key of the mall, or of one of its providers, may do and for how long."""

    label = forms.CharField(
        label=_("Label"), max_length=60, help_text=_("Which system will use it, such as “Till of the food court”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: everything."),
    )  # fmt: skip
    stores = forms.ModelMultipleChoiceField(
        label=_("Only for these stores"), queryset=None, required=False, help_text=_("None chosen: all it can reach.")
    )
    life = forms.TypedChoiceField(label=_("Ends after"), choices=LIVES, coerce=int, initial=365)
    is_sandbox = forms.BooleanField(
        label=_("Sandbox"), required=False, help_text=_("Everything runs and is answered, nothing is kept.")
    )

    def __init__(self, *args, mall: Mall, provider: ServiceProvider | None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        scopes = PROVIDER_SCOPES if provider else Scope
        self.fields["scopes"].choices = [(scope.value, scope.label) for scope in scopes]
        stores = mall.stores.filter(agreements__provider=provider).distinct() if provider else mall.stores.all()
        self.fields["stores"].queryset = stores.order_by("code")

    @property
    def terms(self) -> dict:
        """Of a valid form, as `services.credentials.issue` takes it."""
        terms = {**self.cleaned_data}
        life = terms.pop("life")
        return terms | {"expires_at": timezone.now() + timedelta(days=life) if life else None}


class RotateForm(MallForm):
    overlap = forms.TypedChoiceField(
        label=_("The old key ends"), choices=OVERLAPS, coerce=int, initial=24,
        help_text=_("Until then both work, so that the new one can be put in place."),
    )  # fmt: skip

    @property
    def span(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["overlap"])
