"""Forms about agreements. People name the last day; the database keeps the day after."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mallops.lib.spans import ENDED, RUNNING, UPCOMING
from mallops.lib.ui.filters import Filter, choice, search_field
from mallops.lib.ui.forms import DayField
from merchants.choices import AgreementState, Capability
from merchants.models import Agreement, Mall, ServiceProvider

from .fields import ServiceForm


class AgreementFilter(Filter):
    search = search_field(_("Store or merchant"))
    state = choice(
        _("State"), _("All states"),
        [
            (AgreementState.PROPOSED, _("Waits for the merchant")), (UPCOMING, _("Not begun")),
            (RUNNING, _("Running")), (ENDED, _("Ended")), (AgreementState.DECLINED, _("Declined")),
            (AgreementState.WITHDRAWN, _("Withdrawn")),
        ],
    )  # fmt: skip
    capability = choice(_("Capability"), _("All capabilities"), Capability.choices)


class MallAgreementFilter(AgreementFilter):
    search = search_field(_("Store, merchant or service provider"))
    provider = forms.ModelChoiceField(
        label=_("Service provider"), queryset=None, required=False, empty_label=_("All service providers")
    )

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = mall.providers.order_by("code")


class DaysForm(ServiceForm):
    """The days of an agreement. One without end must be meant."""

    from_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False)
    is_open = forms.BooleanField(label=_("Without a last day: it runs until it is ended"), required=False)

    def clean(self) -> dict[str, Any]:
        terms = super().clean()
        last, is_open = terms.pop("last_day", None), terms.pop("is_open", False)
        if bool(last) == is_open and "last_day" not in self.errors:
            self.add_error("last_day", _("Name the last day, or say that there is none."))
        return terms | {"until_day": last and last + timedelta(days=1)}


class AgreementForm(DaysForm):
    """Of stores that may be chosen, and what the provider is granted to do."""

    stores = forms.ModelMultipleChoiceField(
        label=_("Stores"), queryset=None, widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("One agreement for each. Hold Ctrl, or Cmd, to choose several."),
    )  # fmt: skip
    capability = forms.ChoiceField(label=_("Capability"))
    field_order = ["stores", "capability", "from_day", "last_day", "is_open"]

    def __init__(self, *args: Any, provider: ServiceProvider, stores: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stores"].queryset = stores.order_by("code")
        granted = provider.capabilities.filter(granted_at__isnull=False, revoked_at=None).order_by("capability")
        self.fields["capability"].choices = [(row.capability, row.get_capability_display()) for row in granted]


class HandOverForm(DaysForm):
    provider = forms.ModelChoiceField(label=_("To"), queryset=None)
    field_order = ["provider", "from_day", "last_day", "is_open"]

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = agreement.mall.providers.exclude(pk=agreement.provider_id)
        granted = others.filter(
            capabilities__capability=agreement.capability, capabilities__granted_at__isnull=False,
            capabilities__revoked_at=None,
        )  # fmt: skip
        self.fields["provider"].queryset = granted.order_by("code")


class EndForm(ServiceForm):
    last_day = DayField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Mailed to the other two parties."))

    @property
    def until_day(self) -> date:
        return self.cleaned_data["last_day"] + timedelta(days=1)


class AnswerForm(ServiceForm):
    """Of the merchant itself: each answer is a button. A reason may be left out by who agrees."""

    answer = forms.ChoiceField(choices=[("confirm", _("Agrees")), ("decline", _("Declines"))], widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept, and read by the mall and the service provider."),
    )  # fmt: skip


class PaperForm(AnswerForm):
    """Of the mall, for an answer given on paper or by telephone."""

    answer = forms.ChoiceField(
        label=_("The merchant"), choices=AnswerForm.base_fields["answer"].choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason, or where the paper is kept"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
