"""Fields for how people write percentages, hours of the day, places of a mall and names."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from coupons.sentences.times import clock
from merchants.models import Category, Mall

_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,2})?", re.ASCII)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–~至到]\s*(\d{1,2}):(\d{2})", re.ASCII)


class PercentField(forms.CharField):
    """A percentage with at most two decimals, such as ``20``, as basis points in Python."""

    after = "%"  # drawn behind the control by ui/field.html

    def __init__(self, *, min_bp: int = 0, max_bp: int = 10_000, **kwargs: Any) -> None:
        self.min_bp, self.max_bp = min_bp, max_bp
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{(Decimal(value) / 100).normalize():f}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return value if isinstance(value, int) else None
        text = str(value).strip().removesuffix("%").rstrip()
        if not _PERCENT.fullmatch(text):
            raise ValidationError(_("Enter a percentage such as 20 or 12.5."), code="invalid")
        return int(Decimal(text) * 100)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.min_bp <= value <= self.max_bp:
            limits = {"least": self.prepare_value(self.min_bp), "most": self.prepare_value(self.max_bp)}
            raise ValidationError(_("Enter %(least)s to %(most)s percent.") % limits, code="range")


class HoursField(forms.CharField):
    """Spans of the day such as ``11:00-14:00, 17:00-20:30``, as pairs of minutes in Python."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(f"{clock(start)}-{clock(end)}" for start, end in value)

    def to_python(self, value: Any) -> tuple[tuple[int, int], ...]:
        text = str(value or "").replace("：", ":").strip()
        return tuple(sorted(_span(part) for part in re.split(r"\s*[,，;；、]\s*", text) if part))

    def validate(self, value: Sequence[tuple[int, int]]) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if any(later[0] < earlier[1] for earlier, later in pairwise(value)):
            raise ValidationError(_("Two of the times overlap."), code="overlap")


def _span(text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValidationError(_("“%(text)s” is not a time such as 11:00-14:00."), code="invalid", params={"text": text})
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or end > 1440:
        raise ValidationError(_("“%(text)s” is not on the clock."), code="invalid", params={"text": text})
    if start >= end:
        raise ValidationError(
            _("“%(text)s” ends before it begins; write a night as 22:00-24:00, 00:00-02:00."),
            code="order",
            params={"text": text},
        )
    return start, end


class PlacesField(forms.ModelMultipleChoiceField):
    """Stores or categories to tick."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, place: Any) -> str:
        return f"{place.name} · {place.unit}" if getattr(place, "unit", "") else place.name


class CategoriesField(PlacesField):
    """Categories in the order of their tree, those below others set in."""

    def show(self, mall: Mall) -> None:
        """Offer the categories of one mall."""
        self.queryset = mall.categories.all()
        self.choices = [(category.pk, f"{'　' * depth}{category.name}") for category, depth in tree(self.queryset)]


def tree(categories: Iterable[Category]) -> Iterator[tuple[Category, int]]:
    """Each category with its depth, parents before their children."""
    below: dict[int | None, list[Category]] = {}
    for category in categories:
        below.setdefault(category.parent_id, []).append(category)

    def walk(parent: int | None, depth: int) -> Iterator[tuple[Category, int]]:
        for category in below.get(parent, ()):
            yield category, depth
            yield from walk(category.pk, depth + 1)

    return walk(None, 0)


def require_name(form: forms.BaseForm, cleaned: dict[str, Any]) -> None:
    """A thing with a Chinese and an English name has at least one of them."""
    names = {"name_zh", "name_en"}
    if not names & form.errors.keys() and not any(cleaned.get(name) for name in names):
        form.add_error("name_zh", _("Give a name in at least one language."))
