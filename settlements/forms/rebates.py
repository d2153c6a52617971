"""Filters of rebates."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mallops.lib.dates import months_back
from mallops.lib.ui.filters import Filter, choice
from merchants.models import ServiceProvider, Store
from settlements.models import Accrual

MONTHS = 13


class RebateFilter(Filter):
    """`month` is a calendar month; left out, the running one."""

    month = forms.TypedChoiceField(label=_("Month"), required=False, coerce=date.fromisoformat, empty_value=None)
    state = choice(_("State"), _("All states"), Accrual.State.choices)
    kind = choice(_("Kind"), _("All kinds"), Accrual.Kind.choices)
    store = forms.ModelChoiceField(label=_("Store"), queryset=None, required=False, empty_label=_("All stores"))

    def __init__(self, *args: Any, provider: ServiceProvider, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = months_back(today, MONTHS)
        self.fields["month"].choices = [
            ("", _("This month")), *((month.isoformat(), f"{month:%Y-%m}") for month in months[1:])
        ]  # fmt: skip
        served = provider.agreements.values("store")
        self.fields["store"].queryset = Store.objects.filter(pk__in=served).order_by("code")
