"""Filters of boards about the present: there are no days to choose."""

from functools import cached_property

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics import periods
from analytics.forms.board import BoardForm
from analytics.queries.choice import Choice
from coupons.models.rule import RuleState
from mallops.lib.dates import Period


class NowForm(BoardForm):
    """`days` up to today are read; the same weekday of the week before is compared with if `compares`."""

    days = 1
    compares = False

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period", "start", "end", "compare"):
            del self.fields[name]

    @cached_property
    def choice(self) -> Choice:
        picked = {kind: options.get(self.cleaned_data.get(kind)) for kind, options in self.options.items()}
        period = periods.latest(self.days, self.today)
        return self.choice_class(self.place, period, self.before(period), **picked)

    def before(self, period: Period) -> Period | None:
        return periods.same_weekdays(period) if self.compares else None

    def _filters(self) -> dict[str, str | None]:
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class BudgetForm(NowForm):
    """The days are those from which the pace is taken."""

    days = 7

    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("Live and paused")), (RuleState.LIVE, _("Live")), (RuleState.PAUSED, _("Paused"))],
    )  # fmt: skip

    @property
    def states(self) -> list[str]:
        state = self.cleaned_data["state"]
        return [state] if state else [RuleState.LIVE, RuleState.PAUSED]


class LiveForm(NowForm):
    compares = True
