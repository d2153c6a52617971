"""What of the ledger is taken away as a file, of which days and stores."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from analytics.files.ledger import LEDGERS
from analytics.forms.days import check_days
from analytics.periods import from_to
from analytics.queries.places import Place
from mallops.lib.dates import Period, first_of_month
from mallops.lib.ui.forms import DayInput, MallForm
from merchants.models import Store

MAX_DAYS = 366


class LedgerForm(MallForm):
    kind = forms.ChoiceField(label=gettext_lazy("What"))
    start = forms.DateField(label=gettext_lazy("First day"), input_formats=["%Y-%m-%d"], widget=DayInput)
    end = forms.DateField(label=gettext_lazy("Last day"), input_formats=["%Y-%m-%d"], widget=DayInput)
    stores = forms.MultipleChoiceField(
        label=gettext_lazy("Stores"), required=False, widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("None chosen: all of them."),
    )  # fmt: skip

    def __init__(self, *args: Any, place: Place, today: date, **kwargs: Any) -> None:
        initial = {"start": first_of_month(today), "end": today, "kind": "payments"}
        super().__init__(*args, initial=initial, **kwargs)
        self.place, self.today = place, today
        self.fields["kind"].choices = [(kind, ledger.label) for kind, ledger in LEDGERS.items()]
        self.fields["stores"].choices = [(store.code, f"{store.name} {store.unit}".strip()) for store in place.stores]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        check_days(self, most=MAX_DAYS)
        return cleaned

    @property
    def period(self) -> Period:
        """Of a valid form."""
        return from_to(self.cleaned_data["start"], self.cleaned_data["end"])

    @property
    def chosen_stores(self) -> list[Store]:
        chosen = set(self.cleaned_data["stores"])
        return [store for store in self.place.stores if not chosen or store.code in chosen]
