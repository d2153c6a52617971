"""Forms about notices and their channels, and about disputes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coupons.delivery import addresses
from coupons.models import Dispute, Notice
from coupons.models.delivery import Sender
from mallops.lib.ui.filters import Filter, choice
from mallops.lib.ui.forms import MallForm


class NoticeFilter(Filter):
    state = choice(_("State"), _("All states"), Notice.State.choices)


class DisputeFilter(Filter):
    state = choice(_("State"), _("All states"), Dispute.State.choices)


class ChannelForm(MallForm):
    sender = forms.ChoiceField(label=_("Sent by"), choices=Sender.choices, widget=forms.RadioSelect, initial="webhook")
    url = forms.URLField(
        label=_("Address of the webhook"), required=False, max_length=500, assume_scheme="https",
        help_text=_("Begins with https://. Only for a webhook."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("sender") != Sender.WEBHOOK:
            return cleaned | {"url": ""}
        if "url" in cleaned:
            try:
                addresses.check(cleaned["url"])
            except addresses.BadAddress as error:
                self.add_error("url", str(error))
        return cleaned


class SettleForm(MallForm):
    note = forms.CharField(
        label=_("What was agreed?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as who bears the cost. The merchant sees it."),
    )  # fmt: skip
