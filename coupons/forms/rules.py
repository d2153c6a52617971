"""The form of a rule: every field of RuleTerms as people write it."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.engine.terms import BadTerms, Limits, RuleTerms
from coupons.starting_points import Start
from mallops.lib.money import MAX_FEN
from mallops.lib.ui.forms import DayField, MallForm, MoneyField
from merchants.models import Mall

from . import conditions
from .fields import HoursField, PercentField, require_name
from .leaf import ticks
from .offer import Offer
from .shares import SharesPart, as_id, initial_shares

PACK = 4  # stocks that one award can hold
ERRORS = {
    "required": _("A value is needed."),
    "not_whole": _("Takes a whole number in its range."),
    "order": _("The end lies before the start."),
    "empty_award": _("Choose at least one stock."),
    "unknown": _("Is not a known value."),
    "together": _("Give both numbers, or none."),
    "not_whole_share": _("The shares must add up to 100 %."),
    "twice": _("The same payer stands there twice."),
}
UNFIT = _("This cannot be run as it is.")
TRIGGERS = [
    ("payment", _("A payment")),
    ("qr", _("Scanning a QR code")),
    ("nearby", _("Being nearby")),
    ("hand_out", _("A hand-out to all who meet the conditions")),
]
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


class RuleForm(SharesPart, MallForm):
    """After a successful `is_valid`, `terms` are the RuleTerms. `drafted` are the terms as far as they can be read, and
    `tree` the conditions, both also while something is wrong.

    `do` is what a button says to the tree of conditions; while it changes, and in a preview (`strict` is false), what
    is only missing in a condition is not held against it.
    """

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    trigger = forms.ChoiceField(label=_("What starts it"), choices=TRIGGERS, required=False, widget=forms.RadioSelect)
    radius_m = number(
        _("Within metres"), min_value=10, max_value=50_000,
        help_text=_("Of one of the stores below, else of the mall; left empty: the radius set for the mall."),
    )  # fmt: skip
    min_fen = money(pgettext_lazy("an amount", "From"))
    max_fen = money(_("Up to"))
    starts_on = DayField(label=_("First day"), required=False)
    ends_on = DayField(label=_("Last day"), required=False)
    weekdays = ticks(list(enumerate(WEEKDAYS.values(), start=1)), label=_("Weekdays"), required=False)
    hours = HoursField(
        label=_("Hours"), required=False, max_length=200, help_text=_("Such as 11:00-14:00, 17:00-20:30.")
    )
    quantity = number(_("Awards in all"))
    budget_fen = money(_("Money in all"), min_fen=1)
    quantity_per_day = number(_("Awards a day"))
    budget_per_day_fen = money(_("Money a day"), min_fen=1)
    per_shopper = number(_("Awards per shopper"))
    per_shopper_per_day = number(_("Awards per shopper a day"))
    per_shopper_in_days = number(_("Awards per shopper in several days"))
    window_days = number(_("How many days that is"), max_value=366)
    quantity_per_store = number(_("Awards at each store"))
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

    def __init__(
        self, data: Any = None, *, mall: Mall, start: Start | None = None, do: str = "", strict: bool = True
    ) -> None:
        start = start or Start()
        super().__init__(data, initial=initial_of(start))
        self.offer = Offer.of(mall)
        for name in ("min_fen", "max_fen", "budget_fen", "budget_per_day_fen"):
            self.fields[name].before = mall.currency
        self.terms: RuleTerms | None = None
        self.drafted = start.terms
        self._add_places()
        self._add_awards()
        self.add_shares()
        self.tree = self._tree(do, strict)

    def _add_places(self) -> None:
        self.fields["stores"] = ticks(self.offer.stores, label=_("Stores"), required=False)
        self.fields["categories"] = ticks(self.offer.categories, label=_("Categories"), required=False)

    def _add_awards(self) -> None:
        awarded = [pk for row in range(1, PACK + 1) if (pk := self.initial.get(f"stock_{row}"))]
        choices = [("", "–"), *self.offer.stock_choices(awarded)]
        for row in range(1, PACK + 1):
            self.fields[f"stock_{row}"] = forms.TypedChoiceField(
                choices=choices, coerce=int, empty_value=None, label=_("Stock"), required=False,
                widget=forms.Select({"class": "stock-choice"}),
            )  # fmt: skip
            self.fields[f"count_{row}"] = number(_("Coupons of it"), max_value=20, initial=1)

    def _tree(self, do: str, strict: bool) -> conditions.Tree:
        root = conditions.read(self.data) if self.is_bound else conditions.of(self.initial.get("conditions"))
        if do:
            conditions.change(root, do)
        return conditions.Tree(root, offer=self.offer, strict=strict and self.is_bound and not do)

    def award_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField, str]]:
        """Stock, how many of it, and what the chosen stock is."""
        for row in range(1, PACK + 1):
            stock = self[f"stock_{row}"]
            yield stock, self[f"count_{row}"], self.offer.stock_note(as_id(stock.value()))

    def is_pack(self) -> bool:
        return any(self[f"stock_{row}"].value() for row in range(2, PACK + 1))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        require_name(self, cleaned)
        self.drafted = self._drafted(cleaned)
        if not self.tree.is_right:
            self.add_error(None, _("The conditions are not complete."))
        try:
            self.drafted.check()
        except BadTerms as error:
            self._show(error)
        self.terms = None if self.errors else self.drafted
        return cleaned

    def _award(self, cleaned: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        """The filled rows, each stock once."""
        award: dict[int, int] = {}
        for row in range(1, PACK + 1):
            stock, coupons = cleaned.get(f"stock_{row}"), cleaned.get(f"count_{row}")
            if stock is None:
                continue
            if stock in award:
                self.add_error(f"stock_{row}", _("This stock is chosen already."))
            award[stock] = coupons or 1
        return tuple(award.items())

    def _drafted(self, cleaned: dict[str, Any]) -> RuleTerms:
        """The terms of what could be read. What the trigger does not have is left out, though it may stand there."""
        trigger = cleaned.get("trigger") or "payment"
        pays = trigger == "payment"
        return RuleTerms(
            award=self._award(cleaned),
            trigger=trigger,
            radius_m=cleaned.get("radius_m") if trigger == "nearby" else None,
            conditions=self.tree.node,
            shares=self.shares(cleaned),
            stores=tuple(sorted(cleaned.get("stores") or ())),
            categories=tuple(sorted(cleaned.get("categories") or ())),
            min_fen=(cleaned.get("min_fen") or 0) if pays else 0,
            max_fen=cleaned.get("max_fen") if pays else None,
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

    def _show(self, error: BadTerms) -> None:
        """Errors of the terms beside their fields, unless the field is in error already."""
        shown = {"award": "stock_1", "shares": "share_0"}
        for name, codes in error.errors.items():
            name = shown.get(name, name)
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, [ERRORS.get(code, UNFIT) for code in codes])


def initial_of(start: Start) -> dict[str, Any]:
    """What the form shows; zero where empty says the same is left empty."""
    terms = start.terms
    shown = {f.name: getattr(terms, f.name) for f in fields(RuleTerms)}
    shown |= {limit.name: getattr(terms.limits, limit.name) for limit in fields(Limits)}
    for name in ("min_fen", "holdout_bp", "priority"):
        shown[name] = shown[name] or None
    for row, (stock, coupons) in enumerate(terms.award, start=1):
        shown |= {f"stock_{row}": stock, f"count_{row}": coupons}
    shown |= initial_shares(terms.shares)
    return shown | {"name_zh": start.name_zh, "name_en": start.name_en}
