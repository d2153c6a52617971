"""Forms of a stock: everything until the first issue, afterwards only what may still change."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.models import Stock
from coupons.models.stock import Kind, Validity
from mallops.lib.money import MAX_FEN
from mallops.lib.ui.forms import DayField, MallModelForm, MoneyField
from merchants.models import Mall

from .fields import CategoriesField, PercentField, PlacesField, require_name
from .reminders import RemindersField

# The fields of each kind and of each validity: needed if it is chosen, else passed over with what is wrong in them.
NEEDED = {
    Kind.AMOUNT_OFF: ("value_fen",),
    Kind.PERCENT_OFF: ("percent_bp", "ceiling_fen"),
    Kind.EXCHANGE: ("worth_fen", "exchange_price_fen"),
    Validity.FIXED: ("valid_from_day", "valid_until_day"),
    Validity.DAYS: ("valid_days",),
    Validity.HOURS: ("valid_hours",),
}


class StockForm(MallModelForm):
    """All of a stock. `worth_fen`, `valid_days` and `valid_hours` are `value_fen` and `valid_for` by another label."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, widget=forms.RadioSelect)
    value_fen = MoneyField(label=_("Amount off"), min_fen=1, max_fen=MAX_FEN)
    percent_bp = PercentField(label=_("Percent off"), min_bp=1, help_text=_("20 means that 80 % are paid (8 折)."))
    ceiling_fen = MoneyField(
        label=_("At most"), min_fen=1, max_fen=MAX_FEN, help_text=_("The most one coupon takes off.")
    )
    worth_fen = MoneyField(label=_("Worth of the goods"), min_fen=1, max_fen=MAX_FEN)
    exchange_price_fen = MoneyField(
        label=_("Price with the coupon"), max_fen=MAX_FEN, help_text=_("0 gives the goods away.")
    )
    min_spend_fen = MoneyField(label=_("Minimum order"), required=False, max_fen=MAX_FEN)
    validity = forms.ChoiceField(label=_("Valid"), choices=Validity.choices, widget=forms.RadioSelect)
    valid_from_day = DayField(label=_("First day"))
    valid_until_day = DayField(label=_("Last day"))
    valid_days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=3650, help_text=_("1: to the end of the day after receipt.")
    )
    valid_hours = forms.IntegerField(label=pgettext_lazy("how many", "Hours"), min_value=1, max_value=8760)
    remind_hours = RemindersField()
    stores = PlacesField(label=_("Stores"), queryset=None, required=False)
    categories = CategoriesField(label=_("Categories"), queryset=None, required=False)
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=2_000_000_000)
    budget_fen = MoneyField(
        label=_("Money budget"), required=False, min_fen=1, max_fen=MAX_FEN,
        help_text=_("Counted at the most each coupon can cost."),
    )  # fmt: skip

    class Meta:
        model = Stock
        fields = (
            "name_zh", "name_en", "code", "merchant", "funder", "kind", "value_fen", "percent_bp", "ceiling_fen",
            "exchange_price_fen", "min_spend_fen", "validity", "valid_from_day", "valid_until_day",
            "remind_hours", "stores", "categories", "quantity", "budget_fen",
        )  # fmt: skip

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mall = mall
        self.instance.mall = mall
        self.fields["merchant"].queryset = mall.merchants.order_by("code")
        self.fields["stores"].queryset = mall.stores.order_by("code")
        self.fields["categories"].show(mall)
        stock = self.instance
        if not stock.pk:
            self.initial |= {"kind": Kind.AMOUNT_OFF, "validity": Validity.DAYS, "valid_days": 14}
        else:
            self.initial["worth_fen"] = stock.value_fen
            self.initial["valid_days"] = self.initial["valid_hours"] = stock.valid_for

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if self.mall.stocks.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another stock has this code."))
        return code

    def clean_min_spend_fen(self) -> int:
        return self.cleaned_data["min_spend_fen"] or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        require_name(self, cleaned)
        self._pass_over(cleaned)
        self._check_order(cleaned)
        cleaned["value_fen"] = cleaned.get("value_fen") or cleaned.pop("worth_fen", None)
        cleaned["valid_for"] = cleaned.get("valid_days") or cleaned.get("valid_hours")
        return cleaned

    def _pass_over(self, cleaned: dict[str, Any]) -> None:
        """Empty the fields of kinds that are not chosen; they are not even shown."""
        needed = {name for choice in ("kind", "validity") for name in NEEDED.get(cleaned.get(choice), ())}
        for name in {name for names in NEEDED.values() for name in names} - needed:
            cleaned[name] = None
            self.errors.pop(name, None)

    def _check_order(self, cleaned: dict[str, Any]) -> None:
        first, last = cleaned.get("valid_from_day"), cleaned.get("valid_until_day")
        if cleaned.get("validity") == Validity.FIXED and first and last and last < first:
            self.add_error("valid_until_day", _("The last day is before the first."))
        worth, price = cleaned.get("worth_fen"), cleaned.get("exchange_price_fen")
        if cleaned.get("kind") == Kind.EXCHANGE and worth is not None and price is not None and price >= worth:
            self.add_error("exchange_price_fen", _("Must be below the worth of the goods."))
        off, least = cleaned.get("value_fen"), cleaned.get("min_spend_fen") or 0
        if cleaned.get("kind") == Kind.AMOUNT_OFF and off is not None and 0 < least < off:
            self.add_error("min_spend_fen", _("Must not be below the amount off."))


class IssuedStockForm(MallModelForm):
    """What may still change after the first issue: names, and more quantity or budget."""

    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=2_000_000_000)
    budget_fen = MoneyField(label=_("Money budget"), required=False, min_fen=1, max_fen=MAX_FEN)
    remind_hours = RemindersField()

    class Meta:
        model = Stock
        fields = ("name_zh", "name_en", "quantity", "budget_fen", "remind_hours")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        require_name(self, cleaned)
        return cleaned
