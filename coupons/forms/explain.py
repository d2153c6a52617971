"""The one box of the explain page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.forms import MallForm


class ExplainForm(MallForm):
    search = forms.CharField(
        label=_("Payment, coupon or shopper"), max_length=128,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "autofocus": True}),
        help_text=_(
            "The transaction id of a payment; a coupon code, or its last four with the day of issue, such as "
            "X7K9 2026-11-21; the number of a shopper, such as #12, or the identity at the channel, which is not kept."
        ),
    )  # fmt: skip
