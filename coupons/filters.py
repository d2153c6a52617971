"""Filters above the lists of coupons and rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.models.coupon import CouponState, Outcome
from coupons.models.rule import RuleState
from coupons.queries.rules import SCHEDULED
from mallops.lib.ui.filters import Filter, choice, search_field
from merchants.models import Mall


class StockFilter(Filter):
    state = choice(_("State"), _("Open and closed"), [("open", _("Open")), ("closed", _("Closed"))])
    merchant = forms.ModelChoiceField(
        label=_("Merchant"), queryset=None, required=False, empty_label=_("All merchants")
    )

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["merchant"].queryset = mall.merchants.filter(stocks__isnull=False).distinct().order_by("code")

    def values(self) -> dict[str, Any]:
        chosen = super().values()
        state = chosen.pop("state", None)
        return chosen | ({"is_open": state == "open"} if state else {})


class RuleFilter(Filter):
    state = choice(
        _("State"), _("All states"), [*RuleState.choices, (SCHEDULED, pgettext_lazy("rule", "Scheduled"))]
    )  # fmt: skip
    store = forms.ModelChoiceField(label=_("Store"), queryset=None, required=False, empty_label=_("Any store"))

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = mall.stores.order_by("code")


class DecisionFilter(Filter):
    outcome = choice(_("Outcome"), _("All outcomes"), Outcome.choices)


class CouponFilter(Filter):
    search = search_field(_("Code or transaction id"))
    state = choice(_("State"), _("All states"), CouponState.choices)
    stock = forms.ModelChoiceField(label=_("Stock"), queryset=None, required=False, empty_label=_("All stocks"))

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stock"].queryset = mall.stocks.order_by("code")
