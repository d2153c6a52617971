"""The filters of the dashboards. They live in the URL, defaults left out; what is not of the place is refused."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import periods
from analytics.models import Newness
from analytics.periods import MAX_DAYS, Compare, Preset
from analytics.queries.choice import Choice
from analytics.queries.places import Place
from mallops.lib.ui.forms import DayInput, MallForm
from merchants.models import Category, Floor, Store
from payments.models import Channel

from .days import check_days

DEFAULTS = {"period": Preset.MONTH.value, "compare": Compare.PREVIOUS.value}
Option = Category | Floor | Store | Channel | Newness
OF_TABLES = ("sort", "size", "page")  # parameters that belong to a table, with or without a prefix


class BoardForm(MallForm):
    """`kinds` are the filters beside period and comparison: some of category, floor, store, channel, newness."""

    choice_class = Choice

    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=Preset.choices)
    start = forms.DateField(label=gettext_lazy("From"), input_formats=["%Y-%m-%d"], required=False, widget=DayInput)
    end = forms.DateField(label=gettext_lazy("to"), input_formats=["%Y-%m-%d"], required=False, widget=DayInput)
    compare = forms.ChoiceField(label=gettext_lazy("Compare with"), choices=Compare.choices)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    floor = forms.ChoiceField(label=gettext_lazy("Floor"), required=False)
    store = forms.ChoiceField(label=gettext_lazy("Store"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    newness = forms.ChoiceField(label=gettext_lazy("Shoppers"), required=False)

    def __init__(self, query: QueryDict, *, path: str, place: Place, today: date, kinds: Collection[str] = ()) -> None:
        self.query, self.path, self.place, self.today = query, path, place, today
        super().__init__(self._with_defaults(query))
        self.options = {kind: _options(place, kind) for kind in kinds}
        everything = _everything()
        for kind in everything:
            if kind in kinds:
                self.fields[kind].choices = [("", everything[kind]), *map(_option, self.options[kind].items())]
            else:
                del self.fields[kind]

    def _with_defaults(self, query: QueryDict) -> dict[str, str]:
        """Blank is the default; the two days follow the preset, so that Custom begins with what was shown."""
        data = DEFAULTS | {name: value for name, value in query.items() if value}
        preset = data["period"] if data["period"] in Preset.values else Preset.MONTH
        shown = periods.chosen(Preset.MONTH if preset == Preset.CUSTOM else preset, self.today)
        days = {"start": shown.start.isoformat(), "end": shown.last.isoformat()}
        return days | data if preset == Preset.CUSTOM else data | days

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("period") == Preset.CUSTOM:
            check_days(self, most=MAX_DAYS)
        return cleaned

    @cached_property
    def choice(self) -> Choice:
        """Of a valid form."""
        data = self.cleaned_data
        preset = data["period"]
        period = (
            periods.from_to(data["start"], data["end"])
            if preset == Preset.CUSTOM
            else periods.chosen(preset, self.today)
        )
        picked = {kind: options.get(data.get(kind)) for kind, options in self.options.items()}
        picked |= {kind: data[kind] or None for kind in ("channel", "newness") if kind in picked}
        return self.choice_class(self.place, period, periods.compared(period, data["compare"], preset), **picked)

    @property
    def reset_url(self) -> str:
        """The board without filters."""
        return self.path

    def address(self, **changes: str | None) -> str:
        """The canonical address of a valid form, with some parameters changed; None takes one away."""
        kept = {name: value for name, value in self.query.items() if value and name.split("_")[-1] in OF_TABLES}
        return self.path + query_string(self._filters() | kept | changes)

    def filters_query(self, *names: str) -> str:
        """Filters for a link to another board: period and comparison, and those named."""
        names = ("period", "start", "end", "compare", *names)
        return query_string({name: value for name, value in self._filters().items() if name in names})

    def _filters(self) -> dict[str, str | None]:
        """What differs from the defaults."""
        custom = self.cleaned_data["period"] == Preset.CUSTOM
        names = [name for name in self.fields if custom or name not in ("start", "end")]
        values = {name: str(self.cleaned_data[name]) for name in names if self.cleaned_data[name]}
        return {name: value for name, value in values.items() if DEFAULTS.get(name) != value}

    @property
    def problems(self) -> Iterable[str]:
        return [problem for found in self.errors.values() for problem in found]


def query_string(parameters: Mapping[str, str | list[str] | None]) -> str:
    query = QueryDict(mutable=True)
    for name, value in parameters.items():
        query.setlist(name, value if isinstance(value, list) else [value] if value else [])
    return f"?{query.urlencode()}" if query else ""


def _options(place: Place, kind: str) -> dict[str, Option]:
    """What can be chosen of a kind, by the value in the URL."""
    if kind == "channel":
        return {channel.value: channel for channel in Channel}
    if kind == "newness":
        return {newness.value: newness for newness in (Newness.NEW, Newness.RETURNING)}
    found = {"category": lambda: place.categories, "floor": lambda: place.floors, "store": lambda: place.stores}
    return {one.code: one for one in found[kind]()}


def _everything() -> dict[str, str]:
    """What a filter says that is not set."""
    return {
        "category": _("All categories"),
        "floor": _("All floors"),
        "store": _("All stores"),
        "channel": _("All channels"),
        "newness": _("All shoppers"),
    }


def name_of(one: Option) -> str:
    """As on a chip."""
    return str(one.label) if isinstance(one, Channel | Newness) else one.name or one.code


def _option(item: tuple[str, Option]) -> tuple[str, str]:
    """Categories are set in below their parent; stores say where they are."""
    code, one = item
    if isinstance(one, Category):
        return code, "\u2003" * one.depth + one.name
    if isinstance(one, Store):
        return code, f"{one.name} {one.unit}".strip()
    return code, name_of(one)
