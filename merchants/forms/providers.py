"""Forms about service providers. People name the last day of an agreement; the database keeps the day after."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.forms import DayInput, MallForm
from merchants.choices import Capability, Standing
from merchants.models import Agreement, ServiceProvider

_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)


def day_field(**kwargs) -> forms.DateField:
    return forms.DateField(widget=DayInput(), **kwargs)


def check_day(day: date | None) -> None:
    if day and not _FIRST <= day < _LAST:
        raise ValidationError(_("Choose a day of this century."))


class AgreementForm(MallForm):
    store = forms.ModelChoiceField(label=_("Store"), queryset=None)
    capability = forms.ChoiceField(label=_("Capability"), choices=Capability.choices)
    from_day = day_field(label=_("First day"), validators=[check_day])
    last_day = day_field(label=_("Last day"), required=False, validators=[check_day])

    def __init__(self, *args, provider: ServiceProvider, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.provider = provider
        self.fields["store"].queryset = provider.mall.stores.order_by("code")

    def clean(self) -> dict:
        terms = super().clean()
        if self.errors:
            return terms
        last = terms.pop("last_day")
        terms["until_day"] = last + timedelta(days=1) if last else None
        if last and last < terms["from_day"]:
            self.add_error("last_day", _("The last day is before the first."))
        elif self._overlapping(terms):
            raise ValidationError(_("An agreement for this store and capability runs in that time already."))
        return terms

    def _overlapping(self, terms: dict) -> bool:
        same = self.provider.agreements.filter(store=terms["store"], capability=terms["capability"])
        same = same.filter(Q(until_day=None) | Q(until_day__gt=terms["from_day"]))
        if terms["until_day"]:
            same = same.filter(from_day__lt=terms["until_day"])
        return same.exists()


class EndForm(MallForm):
    last_day = day_field(label=_("Last day"), validators=[check_day])

    def __init__(self, *args, agreement: Agreement, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.agreement = agreement

    def clean_last_day(self) -> date:
        last = self.cleaned_data["last_day"]
        if last < self.agreement.from_day:
            raise ValidationError(_("The last day is before the first."))
        return last


class StandingForm(MallForm):
    standing = forms.ChoiceField(label=_("Standing"), choices=Standing.choices)
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Kept in the audit trail."))

    def __init__(self, *args, provider: ServiceProvider, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.provider = provider

    def clean_standing(self) -> str:
        if self.cleaned_data["standing"] == self.provider.standing:
            raise ValidationError(_("The provider has this standing already."))
        return self.cleaned_data["standing"]
