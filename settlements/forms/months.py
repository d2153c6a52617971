"""Which month to close."""

from django import forms

from mallops.lib.dates import first_of_month


class CloseForm(forms.Form):
    month = forms.DateField()

    def clean_month(self):
        """Any day stands for its month."""
        return first_of_month(self.cleaned_data["month"])
