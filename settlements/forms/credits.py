"""A provider spends traffic credits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coupons.models import Rule
from mallops.lib.ui.filters import Filter, choice
from mallops.lib.ui.forms import DayField
from settlements.models import CreditLine
from settlements.services.boosts import MAX_WEIGHT

from .plans import LastDayForm


class BoostForm(LastDayForm):
    rule = forms.ModelChoiceField(
        label=_("Rule"), queryset=Rule.objects.none(),
        help_text=_("Live rules that give coupons used at stores you serve."),
    )  # fmt: skip
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=MAX_WEIGHT,
        help_text=_("Added to the rule's priority in the ranking. Each day costs as many traffic credits."),
    )  # fmt: skip
    from_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))

    def __init__(self, *args: Any, rules: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].queryset = Rule.objects.filter(pk__in=rules).order_by("pk")

    def values(self) -> dict[str, Any]:
        names = ("rule", "weight", "from_day")
        return {name: self.cleaned_data[name] for name in names} | {"until_day": self.until_day}


class CreditFilter(Filter):
    kind = choice(_("Kind"), _("All kinds"), CreditLine.Kind.choices)
