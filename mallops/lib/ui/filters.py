"""Filters above the lists. Empty means everything; a value that is not offered filters nothing."""

from typing import Any

from django import forms

from .forms import MallForm


class Filter(MallForm):
    def values(self) -> dict[str, Any]:
        """The chosen values that are valid."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def choice(label: str, everything: str, choices: list) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", everything), *choices])


def search_field(label: str, *, max_length: int = 64) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "placeholder": label})
    return forms.CharField(label=label, required=False, max_length=max_length, widget=widget)
