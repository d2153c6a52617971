"""Forms at the counter."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coupons import disputes, offline
from mallops.lib.money import MAX_FEN
from mallops.lib.ui.forms import DayInput, MallForm, MoneyField
from merchants.models import Merchant


class RedeemForm(MallForm):
    """A code as it is read out or scanned, and the order it is used on."""

    code = forms.CharField(
        label=_("Coupon code"), max_length=offline.LONGEST,
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


class LateForm(MallForm):
    """A redemption made without connection, as the page kept it."""

    code = forms.CharField(max_length=offline.LONGEST)
    order_fen = forms.IntegerField(min_value=1, max_value=MAX_FEN)
    request_id = forms.UUIDField()
    redeemed_at = forms.DateTimeField()

    def clean_redeemed_at(self) -> datetime:
        moment = self.cleaned_data["redeemed_at"]
        if moment > timezone.now() + disputes.AHEAD_AT_MOST:
            raise forms.ValidationError(_("The clock of this device is fast."))
        return moment


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
