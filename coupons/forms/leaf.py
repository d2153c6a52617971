"""The form of one condition: the fact, and whatever operator, value, place and days the fact takes."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.engine.conditions import FACTS, MAX_DAYS, MAX_VALUES, FactSpec, Leaf
from coupons.sentences.times import clock
from mallops.lib.money import MAX_FEN, yuan
from mallops.lib.ui.forms import MallForm, MoneyField

from .offer import Choice, Offer

NAMES = ("was", "fact", "op", "value", "days", "stores", "categories")
FACT_CHOICES = [
    ("", _("Choose…")),
    (_("The payment"), [
        ("amount_fen", _("Amount")), ("store", _("Store")), ("category", _("Category")),
        ("weekday", _("Weekday")), ("minute", _("Time of day")),
    ]),
    (_("The shopper before"), [
        ("first_visit", _("First visit")), ("visits", _("Visits")), ("spend_fen", _("Money spent")),
        ("days_since_visit", _("Days since the last visit")),
    ]),
    (_("The shopper now"), [
        ("tag", _("Tag")), ("holds_stock", _("Coupon held")), ("parked", _("Parked here")),
    ]),
]  # fmt: skip
OPS = {
    "at_least": _("at least"), "at_most": _("at most"), "equals": _("exactly"),
    "in": _("is one of"), "not_in": _("is none of"), "is": _("is"),
}  # fmt: skip
TRUTHS = [("yes", pgettext_lazy("truth", "Yes")), ("no", pgettext_lazy("truth", "No"))]


class TagsField(forms.CharField):
    """Words apart by commas, as a list."""

    def to_python(self, value: Any) -> list[str]:
        text = str(value or "").replace("，", ",").replace("、", ",")
        return list(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MAX_VALUES or any(len(tag) > 40 or not tag.isprintable() for tag in value):
            raise forms.ValidationError(_("Tags have at most 40 characters each."), code="range")


class ClockField(forms.RegexField):
    """A time of day such as 17:30, as minutes; the end of the day is 24:00."""

    def __init__(self, **kwargs: Any) -> None:
        said = {"invalid": _("Enter a time such as 17:30.")}
        super().__init__(r"^\s*([01]?\d|2[0-3]):[0-5]\d\s*$|^\s*24:00\s*$", error_messages=said, **kwargs)

    def clean(self, value: Any) -> int | None:
        hour, _colon, minute = super().clean(str(value or "").replace("：", ":")).partition(":")
        return int(hour) * 60 + int(minute)


def ticks(choices: list[Choice], **kwargs: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(choices=choices, coerce=int, widget=forms.CheckboxSelectMultiple, **kwargs)


def money(symbol: str, **kwargs: Any) -> MoneyField:
    made = MoneyField(**kwargs)
    made.before = symbol
    return made


def whole(least: int, most: int, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=most, **kwargs)


def _value_field(kind: str, offer: Offer) -> forms.Field:
    """The control for a value of a type of `engine.conditions.FACTS`."""
    label = {"label": _("Value")}
    make: dict[str, Callable[[], forms.Field]] = {
        "money": lambda: money(offer.symbol, max_fen=MAX_FEN, **label),
        "number": lambda: whole(0, 100_000, **label),
        "minute": lambda: ClockField(max_length=9, **label),
        "truth": lambda: forms.ChoiceField(choices=TRUTHS, initial="yes", **label),
        "tags": lambda: TagsField(max_length=2_000, help_text=_("Apart by commas."), **label),
        "weekdays": lambda: ticks(list(enumerate(WEEKDAYS.values(), start=1)), **label),
        "stores": lambda: ticks(offer.stores, label=_("Stores")),
        "categories": lambda: ticks(offer.categories, label=_("Categories")),
        "stocks": lambda: ticks(offer.stock_choices(offer.stocks), label=_("Stocks")),
    }
    return make[kind]()


class LeafForm(MallForm):
    """Bound to the `values` of one condition (name -> texts). `leaf` is the JSON of the condition once it is whole.

    While somebody is still writing (`strict` is false), what is only missing is no error yet.
    """

    was = forms.CharField(required=False, widget=forms.HiddenInput)
    fact = forms.ChoiceField(label=_("Condition"), choices=FACT_CHOICES)

    def __init__(
        self, values: dict[str, list[str]], *, prefix: str, offer: Offer, strict: bool, focus: bool = False
    ) -> None:
        fact = (values.get("fact") or [""])[0]
        self.spec = FACTS.get(fact)
        values = values if self.spec is None else _fitting(fact, values)
        data = MultiValueDict({f"{prefix}-{name}": texts for name, texts in values.items()})
        super().__init__(data, prefix=prefix)
        self.fields["fact"].widget.attrs = {"class": "fact-choice"} | ({"autofocus": True} if focus else {})
        if self.spec:
            self._add_fields(self.spec, offer)
        self.leaf = self._json() if self.is_valid() else None
        if not strict:
            self._forgive()

    def _add_fields(self, spec: FactSpec, offer: Offer) -> None:
        if len(spec.ops) > 1:
            self.fields["op"] = forms.ChoiceField(label=_("How"), choices=[(op, OPS[op]) for op in spec.ops])
        self.fields["value"] = _value_field(spec.type, offer)
        if spec.place:
            self.fields["stores"] = ticks(offer.stores, label=_("At stores"), required=False)
            self.fields["categories"] = ticks(offer.categories, label=_("At categories"), required=False)
        if spec.days:
            self.fields["days"] = whole(1, MAX_DAYS, label=_("In the last days"), required=False)

    def _json(self) -> dict[str, Any]:
        cleaned = {"op": self.spec.ops[0]} | self.cleaned_data
        if self.spec.type == "truth":
            cleaned["value"] = cleaned["value"] == "yes"
        return {name: cleaned[name] for name in NAMES[1:] if cleaned.get(name) not in (None, [], "")}

    def _forgive(self) -> None:
        for name, errors in list(self.errors.items()):
            if {error.code for error in errors.as_data()} == {"required"}:
                del self.errors[name]

    @property
    def is_unpicked(self) -> bool:
        """Whether nothing is ticked yet, so that the list is shown open."""
        return not self["value"].value()

    @property
    def is_list(self) -> bool:
        """Whether the value is picked from a long list."""
        return self.spec is not None and self.spec.type in {"stores", "categories", "stocks"}


def _fitting(fact: str, values: dict[str, list[str]]) -> dict[str, list[str]]:
    """Values after another fact was chosen (`was` is the one before): a value of another type is dropped, an operator
    the fact does not have becomes its first; a truth is yes until told otherwise."""
    spec, was = FACTS[fact], FACTS.get((values.get("was") or [fact])[0])
    kept = values | {"was": [fact]}
    if was is None or was.type != spec.type:
        kept["value"] = []
    if (values.get("op") or [""])[0] not in spec.ops:
        kept["op"] = [spec.ops[0]]
    if spec.type == "truth" and not kept.get("value"):
        kept["value"] = ["yes"]
    return kept


def texts_of(leaf: Leaf) -> dict[str, list[str]]:
    """A condition as the texts that its form would post."""
    show: dict[str, Callable[[Any], list[str]]] = {
        "money": lambda fen: [yuan(fen)],
        "number": lambda number: [str(number)],
        "minute": lambda minute: [clock(minute)],
        "truth": lambda truth: ["yes" if truth else "no"],
        "tags": lambda tags: [", ".join(tags)],
    }
    value = show.get(FACTS[leaf.fact].type, _texts)(leaf.value)
    texts = {"fact": [leaf.fact], "op": [leaf.op], "value": value}
    texts |= {"stores": _texts(leaf.stores), "categories": _texts(leaf.categories)}
    return texts | ({"days": [str(leaf.days)]} if leaf.days is not None else {})


def _texts(values: Iterable[Any]) -> list[str]:
    return [str(value) for value in values]
