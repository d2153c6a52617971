"""Applying at a mall as a service provider, and the mall's answer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib.ui.filters import Filter, choice, search_field
from mallops.lib.ui.forms import MallForm, MallModelForm
from merchants.choices import Capability, ProviderState
from merchants.models import ProviderDocument, ServiceProvider
from merchants.services.documents import MOST_FILES

from .documents import DocumentField, DocumentsField

NUMBER = RegexValidator(r"^[0-9A-Za-z][0-9A-Za-z -]{3,38}[0-9A-Za-z]$", _("Digits and letters, at least five."))


class ApplicationForm(MallModelForm):
    registration_number = forms.CharField(
        label=_("Registration number"), max_length=40,
        validators=[NUMBER],
        help_text=_("The unified social credit code (统一社会信用代码), or what the country has instead."),
    )  # fmt: skip
    contact_name = forms.CharField(label=_("Contact person"), max_length=80)
    contact_email = forms.EmailField(
        label=_("E-mail"), help_text=_("The answer and, once approved, the invitation go there.")
    )
    capabilities = forms.MultipleChoiceField(
        label=_("What would you do?"), choices=Capability.choices, widget=forms.CheckboxSelectMultiple
    )
    licence = DocumentField(label=_("Business licence"), help_text=_("A PDF, PNG or JPEG file of at most 10 MB."))
    documents = DocumentsField(
        label=_("Other documents"), required=False, help_text=_("Such as certificates; up to nine.")
    )

    class Meta:
        model = ServiceProvider
        fields = [
            "name_zh", "name_en", "registration_number", "contact_name", "contact_phone", "contact_email", "about",
        ]  # fmt: skip
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large

    def clean_registration_number(self) -> str:
        return self.cleaned_data["registration_number"].replace(" ", "").upper()

    def clean_documents(self) -> list[UploadedFile]:
        if len(self.cleaned_data["documents"]) >= MOST_FILES:
            raise ValidationError(_("At most %(most)d documents in all.") % {"most": MOST_FILES})
        return self.cleaned_data["documents"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("name_zh") or cleaned.get("name_en")):
            self.add_error("name_zh", _("Enter the name in Chinese or in English."))
        if self.too_large:
            self.errors.pop("licence", None)
            self.add_error("licence", _("A file is larger than 10 MB."))
        return cleaned

    @property
    def files_given(self) -> list[tuple[str, UploadedFile]]:
        """The files of a valid form with their kind."""
        others = [(ProviderDocument.Kind.OTHER, file) for file in self.cleaned_data["documents"]]
        return [(ProviderDocument.Kind.LICENCE, self.cleaned_data["licence"]), *others]


class ApplicationFilter(Filter):
    search = search_field(_("Name or number"))
    state = choice(
        _("State"), pgettext_lazy("applications", "Waiting"),
        [*((state, label) for state, label in ProviderState.choices if state != ProviderState.APPLIED),
         ("all", _("All states"))],
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        chosen = super().values()
        state = chosen.pop("state", ProviderState.APPLIED)
        return chosen | ({} if state == "all" else {"state": state})


class AnswerForm(MallForm):
    """Approve or decline, as the button says."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to decline; the applicant reads it."),
    )  # fmt: skip
    word = forms.ChoiceField(
        choices=[("approve", _("Approve")), ("decline", _("Decline"))], widget=forms.HiddenInput,
        error_messages={"required": _("Approve or decline.")},
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("word") == "decline" and not cleaned.get("reason"):
            self.add_error("reason", _("Say why: the applicant reads it."))
        return cleaned


class DecisionForm(AnswerForm):
    """The mall's answer to one; what is ticked is granted on approval."""

    capabilities = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Capability.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("word") == "approve" and not cleaned.get("capabilities"):
            self.add_error("capabilities", _("Grant at least one capability."))
        return cleaned


class BulkDecisionForm(AnswerForm):
    """One answer to several; approved, each is granted what it asked for."""

    chosen = forms.ModelMultipleChoiceField(
        queryset=None, error_messages={"required": _("Choose at least one application.")}
    )

    def __init__(self, *args: Any, applications: QuerySet[ServiceProvider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = applications
