"""Forms about service providers."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.filters import Filter, choice, search_field
from mallops.lib.ui.forms import DayField, MallForm, MallModelForm
from merchants.choices import Capability, Standing
from merchants.models import Category, Mall, ProviderDocument, ServiceProvider
from merchants.services.providers import CONTACT_FIELDS

from .documents import DocumentField
from .fields import ServiceForm


class ProviderFilter(Filter):
    search = search_field(_("Name or number"))
    standing = choice(_("Standing"), _("Any standing"), Standing.choices)
    capability = choice(_("Capability"), _("Any capability"), Capability.choices)


class StandingForm(ServiceForm):
    standing = forms.ChoiceField(label=_("Standing"), choices=Standing.choices)
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("The provider reads it."))


class BulkStandingForm(StandingForm):
    """One standing for several, with one reason. Nobody is terminated in passing."""

    standing = forms.ChoiceField(
        label=_("Standing"), choices=[choice for choice in Standing.choices if choice[0] != Standing.TERMINATED]
    )
    chosen = forms.ModelMultipleChoiceField(
        queryset=None, error_messages={"required": _("Choose at least one service provider.")}
    )

    def __init__(self, *args: Any, providers: QuerySet[ServiceProvider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = providers


class CapabilityForm(MallForm):
    capability = forms.ChoiceField(choices=Capability.choices)


class TakeBackForm(ServiceForm):
    """From when on a capability is gone: today at the earliest, as yesterday's work is done."""

    last_day = DayField(label=_("Last day of its agreements"))
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("The provider reads it."))

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        self.today = mall.today()
        super().__init__(*args, initial={"last_day": self.today}, **kwargs)

    def clean_last_day(self) -> date:
        if self.cleaned_data["last_day"] < self.today:
            raise ValidationError(_("Choose today or a later day."))
        return self.cleaned_data["last_day"]

    @property
    def terms(self) -> dict[str, Any]:
        return {"until_day": self.cleaned_data["last_day"] + timedelta(days=1), "reason": self.cleaned_data["reason"]}


class ContactForm(MallModelForm):
    contact_email = forms.EmailField(label=_("Contact e-mail"))

    class Meta:
        model = ServiceProvider
        fields = CONTACT_FIELDS
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}


class DocumentForm(MallForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=ProviderDocument.Kind.choices)
    file = DocumentField(label=_("File"), help_text=_("A PDF, PNG or JPEG file of at most 10 MB."))


class ListingForm(ServiceForm):
    category = forms.ModelChoiceField(label=_("Category"), queryset=Category.objects.none())
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Providers read it."))

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = mall.categories.order_by("position", "code")
