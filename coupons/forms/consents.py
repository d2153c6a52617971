"""What a merchant or a provider answers to a rule."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coupons.models import Consent
from coupons.models.consent import ConsentState
from coupons.services.consents import BEFORE
from mallops.lib.ui.forms import MallForm
from merchants.access import is_active

ANSWERS = {
    ConsentState.ACCEPTED: _("Agrees"),
    ConsentState.DECLINED: _("Declines"),
    ConsentState.WITHDRAWN: _("Withdraws"),
}


def possible(consent: Consent) -> list[str]:
    """The answers that may follow the present one. A provider that may do nothing does not agree to anything."""
    found = [answer.value for answer, before in BEFORE.items() if consent.state in before]
    is_barred = consent.provider is not None and not is_active(consent.provider)
    return [answer for answer in found if not (is_barred and answer == ConsentState.ACCEPTED)]


class AnswerForm(MallForm):
    """Of the party itself: each answer is a button. A reason may be left out by who agrees."""

    answer = forms.ChoiceField(choices=[], widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept, and read by the mall."),
    )  # fmt: skip

    def __init__(self, *args: Any, answers: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = [(answer, ANSWERS[ConsentState(answer)]) for answer in answers]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("answer", ConsentState.ACCEPTED) != ConsentState.ACCEPTED and not cleaned.get("reason"):
            self.add_error("reason", _("Say why."))
        return cleaned


class PaperForm(AnswerForm):
    """Of the mall, for an answer given on paper or by telephone."""

    answer = forms.ChoiceField(label=_("Answer"), choices=[], widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason, or where the paper is kept"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
