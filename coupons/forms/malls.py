"""The mall's own settings for its rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.forms import MallForm
from merchants.models import Mall
from merchants.models.directory import validate_country

from .fields import PercentField


def degrees(label: str, most: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=-most, max_value=most, max_digits=9, decimal_places=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


class MallSettingsForm(MallForm):
    latitude = degrees(_("Latitude"), 90)
    longitude = degrees(_("Longitude"), 180)
    radius_m = forms.IntegerField(
        label=_("Radius (m)"), min_value=10, max_value=50_000,
        help_text=_("Who is so near to this position counts as being at the mall."),
    )  # fmt: skip
    country = forms.CharField(
        label=_("Country"), required=False, max_length=2, validators=[validate_country],
        help_text=_("Whose public holidays charts show, as two letters such as CN; empty for none."),
    )  # fmt: skip
    holdout_bp = PercentField(
        label=_("Mall-wide control group"), max_bp=5_000,
        help_text=_("This share of shoppers gets no coupon of any rule, to measure what coupons bring altogether."),
    )  # fmt: skip
    restart = forms.BooleanField(label=_("Change the control group and measure from anew"), required=False)

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        names = ("latitude", "longitude", "radius_m", "country", "holdout_bp")
        super().__init__(*args, initial={name: getattr(mall, name) for name in names}, **kwargs)
        self.mall = mall

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        place = [cleaned.get("latitude"), cleaned.get("longitude")]
        if not self.errors.keys() & {"latitude", "longitude"} and place.count(None) == 1:
            self.add_error("latitude" if place[0] is None else "longitude", _("Give both, or none."))
        changed = "holdout_bp" in cleaned and cleaned["holdout_bp"] != self.mall.holdout_bp
        if changed and not cleaned.get("restart"):
            self.add_error("restart", _("The measurement begins anew with another group: tick here if that is meant."))
        return cleaned
