"""Forms of what people keep about their dashboards: saved views, notes on charts."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import saved
from analytics.forms.days import EARLIEST
from analytics.models import SavedView
from mallops.lib.ui.forms import DayInput, MallForm, MallModelForm
from merchants.models import User

LONGEST_NOTE = 366  # days


class ViewForm(MallModelForm):
    """The name of a view and who sees it; names of one owner at one body differ."""

    class Meta:
        model = SavedView
        fields = ("name", "shared")

    def __init__(self, *args: Any, owner: User, body: saved.Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner, self.body = owner, body

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        same = SavedView.objects.filter(owner=self.owner, name=name, **saved.columns(self.body))
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have a view of this name already."))
        return name


class NewViewForm(ViewForm):
    """`address` is that of the dashboard as it was looked at."""

    address = forms.CharField(max_length=2_000, widget=forms.HiddenInput)

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        try:
            saved.parsed(address, self.body)
        except saved.BadAddress as problem:
            raise forms.ValidationError(str(problem)) from problem
        return address


class NoteForm(MallForm):
    text = forms.CharField(label=gettext_lazy("Text"), max_length=80)
    first_day = forms.DateField(label=gettext_lazy("First day"), widget=DayInput)
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=DayInput, help_text=gettext_lazy("Empty: the same day.")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and not last and "last_day" not in self.errors:
            cleaned["last_day"] = last = first
        if first and last:
            self._check(first, last)
        return cleaned

    def _check(self, first: date, last: date) -> None:
        if first < EARLIEST:
            self.add_error("first_day", _("Choose a first day from %(day)s on.") % {"day": EARLIEST.isoformat()})
        if last < first:
            self.add_error("last_day", _("The last day is before the first."))
        elif (last - first).days >= LONGEST_NOTE:
            self.add_error("last_day", _("A note covers at most %(count)s days.") % {"count": LONGEST_NOTE})
