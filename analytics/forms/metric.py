"""Filters of boards that show one metric at a time, or some stores beside one another."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from analytics.forms.board import BoardForm, query_string
from analytics.metrics import METRICS
from analytics.tables.columns import CHANGE
from merchants.models import Store


class MetricForm(BoardForm):
    """`metrics` can be chosen; the first is the default."""

    metrics: Sequence[str] = ("net_sales",)

    metric = forms.ChoiceField(label=_("Figure"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        words = {key: METRICS[key].label for key in self.metrics if key in METRICS} | {CHANGE: _("Change of net sales")}
        self.fields["metric"].choices = [(self._blank(key), words[key]) for key in self.metrics if key in words]

    def _blank(self, key: str) -> str:
        """The default is left out of addresses."""
        return "" if key == self.metrics[0] else key

    @property
    def shown(self) -> str:
        return self.cleaned_data["metric"] or self.metrics[0]


class StoresForm(BoardForm):
    """`q` is looked for in names, codes and units."""

    q = forms.CharField(
        label=_("Search stores"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, code or unit")}),
    )  # fmt: skip

    def fits(self, store: Store) -> bool:
        wanted = self.cleaned_data["q"].casefold()
        return any(wanted in text.casefold() for text in (store.name_zh, store.name_en, store.code, store.unit))


class PlanForm(MetricForm):
    metrics = ("net_sales", CHANGE, "transactions", "average_ticket", "shoppers", "refund_rate", "redeemed")


class HoursForm(MetricForm):
    metrics = ("net_sales", "transactions", "average_ticket", "refunded")


class CompareForm(MetricForm):
    """The stores beside one another stand in the address too; they are all of the place."""

    metrics = ("net_sales", "transactions", "average_ticket", "shoppers", "refund_rate", "redeemed")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        hidden = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
        hidden.choices = [(store.code, store.name) for store in self.place.stores]
        self.fields["store"] = hidden

    def _with_defaults(self, query: QueryDict) -> dict:
        return super()._with_defaults(query) | {"store": [store.code for store in self.place.stores]}

    @property
    def reset_url(self) -> str:
        return self.path + query_string({"store": [store.code for store in self.place.stores]})

    def _filters(self) -> dict:
        return super()._filters() | {"store": self.cleaned_data["store"]}
