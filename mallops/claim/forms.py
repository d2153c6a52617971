from uuid import uuid4

from django import forms

from coupons.geo import BadPosition, Position, position
from mallops.lib.ui.forms import MallForm


class ClaimForm(MallForm):
    """The button of a claim page: a request id made with the page, and for a claim nearby where the phone is."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    latitude = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    longitude = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def here(self) -> Position | None:
        """The position sent along, if it is one."""
        try:
            return position(self.cleaned_data["latitude"], self.cleaned_data["longitude"])
        except BadPosition:
            return None
