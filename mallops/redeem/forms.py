"""Forms at the counter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mallops.lib.money import MAX_FEN
from mallops.lib.ui.forms import DayInput, MallForm, MoneyField
from merchants.models import Merchant


class RedeemForm(MallForm):
    """A code as it is read out, and the order it is used on."""

    code = forms.CharField(
        label=_("Coupon code"), max_length=40,
        widget=forms.TextInput(attrs={
            "class": "redeem-input", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false",
            "placeholder": "XXXX-XXXX-XXXX", "autofocus": True,
        }),
    )  # fmt: skip
    order_fen = MoneyField(label=_("Order, before the coupon"), min_fen=1, max_fen=MAX_FEN)


class ConfirmForm(RedeemForm):
    """The second step: the same again, unseen. The request id makes two clicks one redemption."""

    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "order_fen"):
            self.fields[name].widget = forms.HiddenInput()


class UndoForm(MallForm):
    reason = forms.CharField(label=_("Why is it undone?"), max_length=200)
    request_id = forms.UUIDField(widget=forms.HiddenInput)


class RedemptionFilter(MallForm):
    shown_labels = frozenset({"day"})
    day = forms.DateField(label=_("Day"), required=False, widget=DayInput())
    store = forms.ModelChoiceField(label=_("Store"), queryset=None, required=False, empty_label=_("All stores"))

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = merchant.stores.order_by("code")

    def values(self) -> dict[str, Any]:
        """The chosen values that are valid."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
