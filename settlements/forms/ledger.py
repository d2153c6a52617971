"""Filters above the pages of the settlement ledger."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mallops.lib.format import month_label
from mallops.lib.ui.filters import Filter, choice, search_field
from merchants.models import Mall
from settlements.models import Account, AccountKind, EntryKind


class MonthField(forms.TypedChoiceField):
    """One of some months, by its first day."""

    def __init__(self, everything: str) -> None:
        super().__init__(label=_("Month"), required=False, coerce=date.fromisoformat, empty_value=None)
        self.everything = everything

    def offer(self, months: list[date]) -> None:
        self.choices = [("", self.everything), *((month.isoformat(), month_label(month)) for month in months)]


class BalanceFilter(Filter):
    search = search_field(_("Merchant or provider"))
    month = MonthField(_("The whole time"))
    kind = choice(pgettext_lazy("ledger", "Account"), _("All accounts"), AccountKind.choices)

    def __init__(self, *args: Any, months: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].offer(months)


class EntryFilter(Filter):
    search = search_field(_("Code of a coupon"))
    month = MonthField(_("All months"))
    kind = choice(_("Kind"), _("All kinds"), EntryKind.choices)
    account = forms.ModelChoiceField(
        label=pgettext_lazy("ledger", "Account"), queryset=None, required=False, empty_label=_("All accounts")
    )
    store = forms.ModelChoiceField(label=_("Store"), queryset=None, required=False, empty_label=_("All stores"))
    rule = forms.ModelChoiceField(label=_("Rule"), queryset=None, required=False, empty_label=_("All rules"))

    def __init__(self, *args: Any, mall: Mall, months: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].offer(months)
        accounts = Account.objects.filter(mall=mall).select_related("merchant", "provider", "mall")
        self.fields["account"].queryset = accounts.order_by("kind", "merchant__code", "provider__code")
        self.fields["store"].queryset = mall.stores.order_by("code")
        self.fields["rule"].queryset = mall.rules.order_by("pk")
