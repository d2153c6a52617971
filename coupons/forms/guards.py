"""Filters and forms of the pages about abuse."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coupons.models import GuardFlag
from coupons.models.guard import Guard
from coupons.queries.shoppers import shopper_named
from mallops.lib import dates
from mallops.lib.ui.filters import Filter, choice
from mallops.lib.ui.forms import DayInput, MallForm
from merchants.models import Mall
from payments.models import Shopper


class GuardFilter(Filter):
    guard = choice(_("Guard"), _("All guards"), Guard.choices)
    state = choice(_("State"), _("All states"), GuardFlag.State.choices)


class BlockFilter(Filter):
    state = choice(_("State"), _("In force"), [("all", _("All, also ended and lifted"))])


class ReviewForm(MallForm):
    """A person's word on a finding; the button says which. `alike` is how many others rest on the same evidence."""

    note = forms.CharField(
        label=_("What did you find?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the finding, for whoever asks later."),
    )  # fmt: skip
    together = forms.BooleanField(required=False)
    word = forms.ChoiceField(choices=[("uphold", _("Uphold")), ("overrule", _("Overrule"))], widget=forms.HiddenInput)

    def __init__(self, *args: Any, alike: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["together"].label = ngettext(
            "Also the %(number)s other shopper with the same evidence",
            "Also the %(number)s other shoppers with the same evidence", alike,
        ) % {"number": alike}  # fmt: skip
        if not alike:
            del self.fields["together"]


class BlockForm(MallForm):
    """Who gets no coupons, why and for how long."""

    shopper = forms.CharField(
        label=_("Shopper"), max_length=128, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("The number, such as #12, or the identity at the channel, which is not kept."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=500)
    last_day = forms.DateField(
        label=_("Until (included)"), required=False, widget=DayInput(), help_text=_("Empty: until the block is lifted.")
    )

    def __init__(self, *args: Any, mall: Mall, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mall, self.now = mall, now

    def clean_shopper(self) -> Shopper:
        found = shopper_named(self.mall, self.cleaned_data["shopper"])
        if found is None:
            raise ValidationError(_("No shopper of this mall has this number or identity."))
        return found

    def clean_last_day(self):
        day = self.cleaned_data["last_day"]
        if day and day < dates.today(self.mall.time_zone, self.now):
            raise ValidationError(_("Choose today or a later day."))
        return day

    @property
    def until(self) -> datetime | None:
        """The first moment after the block."""
        day = self.cleaned_data["last_day"]
        return day and dates.day_end(day, self.mall.time_zone)
