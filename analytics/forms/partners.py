"""Filters of the comparison with other merchants' stores: as few as possible, because each more would be another look
at the same stores, and the difference of two looks is a figure of the few stores or days between them.

There are three lengths, no free dates, and nothing but the category that the store belongs to. The days end with the
last Sunday, or the last month: what comes in today moves nothing, so nobody can watch a rank while shops are open, and
two neighbouring looks differ by a week at least.
"""

from datetime import timedelta
from functools import cached_property

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics import periods
from analytics.forms.board import BoardForm
from analytics.periods import Preset
from analytics.queries.choice import Choice

WHOLE = (Preset.MONTH, Preset.QUARTER, Preset.LAST_MONTH)


class StandingForm(BoardForm):
    period = forms.ChoiceField(label=_("Period"), choices=[(preset.value, preset.label) for preset in WHOLE])

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("start", "end", "compare"):
            del self.fields[name]

    @cached_property
    def choice(self) -> Choice:
        preset, sunday = self.cleaned_data["period"], self.today - timedelta(days=self.today.isoweekday())
        period = periods.chosen(preset, self.today if preset == Preset.LAST_MONTH else sunday)
        return self.choice_class(self.place, period, periods.compared(period, periods.Compare.PREVIOUS, preset))
