"""Which month to close."""

from django import forms

from settlements.books import first_of


class CloseForm(forms.Form):
    month = forms.DateField()

    def clean_month(self):
        """Any day stands for its month."""
        return first_of(self.cleaned_data["month"])
