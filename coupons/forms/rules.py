"""The form of a rule: every field of RuleTerms as people write it."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.engine.terms import BadTerms, Limits, RuleTerms
from mallops.lib.money import MAX_FEN
from mallops.lib.ui.forms import DayInput, MallForm, MoneyField
from merchants.forms.providers import check_day
from merchants.models import Mall

from .fields import CategoriesField, HoursField, PercentField, PlacesField, require_name

PACK = 4  # stocks that one award can hold
ERRORS = {
    "required": _("A value is needed."),
    "not_whole": _("Takes a whole number in its range."),
    "order": _("The end lies before the start."),
    "empty_award": _("Choose at least one stock."),
    "unknown": _("Is not a known value."),
}
TRIGGER_REFUNDS = [
    ("keep", _("Keep it")),
    ("revoke", _("Revoke it at any refund")),
    ("revoke_below_minimum", _("Revoke it once what stays paid is below the minimum")),
]
USE_REFUNDS = [("return", _("Give it back")), ("forfeit", _("It stays used"))]
MANY = 2_000_000_000


def number(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, **{"min_value": 1, "max_value": MANY, **kwargs})


def money(label: str, **kwargs: Any) -> MoneyField:
    return MoneyField(label=label, required=False, max_fen=MAX_FEN, **kwargs)


class RuleForm(MallForm):
    """After a successful `is_valid`, `terms` are the RuleTerms."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    stores = PlacesField(label=_("Stores"), queryset=None, required=False)
    categories = CategoriesField(label=_("Categories"), queryset=None, required=False)
    min_fen = money(pgettext_lazy("an amount", "From"))
    max_fen = money(_("Up to"))
    starts_on = forms.DateField(label=_("First day"), required=False, widget=DayInput(), validators=[check_day])
    ends_on = forms.DateField(label=_("Last day"), required=False, widget=DayInput(), validators=[check_day])
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        choices=[(number_, name) for number_, name in enumerate(WEEKDAYS.values(), start=1)],
    )  # fmt: skip
    hours = HoursField(
        label=_("Hours"), required=False, max_length=200, help_text=_("Such as 11:00-14:00, 17:00-20:30.")
    )
    quantity = number(_("Awards in all"))
    budget_fen = money(_("Money in all"), min_fen=1)
    quantity_per_day = number(_("Awards a day"))
    budget_per_day_fen = money(_("Money a day"), min_fen=1)
    per_shopper = number(_("Awards per shopper"))
    per_shopper_per_day = number(_("Awards per shopper a day"))
    priority = number(
        _("Priority"), min_value=-10_000, max_value=10_000, help_text=_("The higher comes first; left empty: 0.")
    )
    group = forms.CharField(
        label=_("Exclusive group"), max_length=40, required=False,
        help_text=_("Of the rules with the same word here, only the first awards."),
    )  # fmt: skip
    holdout_bp = PercentField(
        label=_("Control group"), required=False, max_bp=9_000,
        help_text=_("This share of shoppers gets nothing, to measure what the rule brings."),
    )  # fmt: skip
    on_trigger_refund = forms.ChoiceField(
        label=_("The payment that earned the coupon is refunded"), choices=TRIGGER_REFUNDS, widget=forms.RadioSelect
    )
    on_use_refund = forms.ChoiceField(
        label=_("The payment it was used on is refunded in full"), choices=USE_REFUNDS, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, mall: Mall, initial: dict[str, Any] | None = None, **kwargs: Any) -> None:
        defaults = {"on_trigger_refund": "revoke_below_minimum", "on_use_refund": "return"}
        super().__init__(*args, initial=defaults | (initial or {}), **kwargs)
        self.terms: RuleTerms | None = None
        self.fields["stores"].queryset = mall.stores.order_by("code")
        self.fields["categories"].show(mall)
        # A stock closed since stays on offer where the draft has it, so that saving drops nothing unseen.
        awarded = [self.initial.get(f"stock_{row}") for row in range(1, PACK + 1)]
        stocks = mall.stocks.filter(Q(closed_at=None) | Q(pk__in=filter(None, awarded))).order_by("code")
        for row in range(1, PACK + 1):
            self.fields[f"stock_{row}"] = forms.ModelChoiceField(
                stocks, label=_("Stock"), required=False, empty_label="–"
            )
            self.fields[f"count_{row}"] = number(_("Coupons of it"), max_value=20, initial=1)

    def award_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        for row in range(1, PACK + 1):
            yield self[f"stock_{row}"], self[f"count_{row}"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        require_name(self, cleaned)
        award = self._award(cleaned)
        try:
            terms = _terms(cleaned, award)
            terms.check()
            self.terms = None if self.errors else terms
        except BadTerms as error:
            self._show(error)
        return cleaned

    def _award(self, cleaned: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        """The filled rows, each stock once."""
        award: dict[int, int] = {}
        for row in range(1, PACK + 1):
            stock, coupons = cleaned.get(f"stock_{row}"), cleaned.get(f"count_{row}")
            if stock is None:
                continue
            if stock.pk in award:
                self.add_error(f"stock_{row}", _("This stock is chosen already."))
            award[stock.pk] = coupons or 1
        return tuple(award.items())

    def _show(self, error: BadTerms) -> None:
        """Errors of the terms beside their fields, unless the field is in error already."""
        for name, codes in error.errors.items():
            name = "stock_1" if name == "award" else name
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, [ERRORS[code] for code in codes])


def _terms(cleaned: dict[str, Any], award: tuple[tuple[int, int], ...]) -> RuleTerms:
    return RuleTerms(
        award=award,
        stores=tuple(sorted(store.pk for store in cleaned.get("stores") or ())),
        categories=tuple(sorted(category.pk for category in cleaned.get("categories") or ())),
        min_fen=cleaned.get("min_fen") or 0,
        max_fen=cleaned.get("max_fen"),
        starts_on=cleaned.get("starts_on"),
        ends_on=cleaned.get("ends_on"),
        weekdays=tuple(sorted(cleaned.get("weekdays") or ())),
        hours=cleaned.get("hours") or (),
        limits=Limits(**{limit.name: cleaned.get(limit.name) for limit in fields(Limits)}),
        group=(cleaned.get("group") or "").strip(),
        priority=cleaned.get("priority") or 0,
        holdout_bp=cleaned.get("holdout_bp") or 0,
        on_trigger_refund=cleaned.get("on_trigger_refund", "keep"),
        on_use_refund=cleaned.get("on_use_refund", "return"),
    )


def initial_of(name_zh: str, name_en: str, terms: RuleTerms) -> dict[str, Any]:
    """What the form shows for a rule's names and terms; zero where empty says the same is left empty."""
    shown = {f.name: getattr(terms, f.name) for f in fields(RuleTerms)}
    shown |= {limit.name: getattr(terms.limits, limit.name) for limit in fields(Limits)}
    for name in ("min_fen", "holdout_bp", "priority"):
        shown[name] = shown[name] or None
    for row, (stock, coupons) in enumerate(terms.award, start=1):
        shown |= {f"stock_{row}": stock, f"count_{row}": coupons}
    return shown | {"name_zh": name_zh, "name_en": name_en}
