"""Forms in our markup: Bootstrap classes on every control, one template per field (``ui/field.html``)."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.template import loader
from django.utils.translation import gettext_lazy as _

from mallops.lib.format import NONE
from mallops.lib.money import BadAmount, parse_yuan, yuan

DJANGOS_EMPTY_LABEL = "---------"


def control_class(bound: BoundField) -> str:
    """The Bootstrap classes of a bound field's control."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind = "form-check-input"
    elif isinstance(widget, forms.Select):
        kind = "form-select"
    elif widget.is_hidden:
        kind = ""
    else:
        kind = "form-control"
    return " ".join(filter(None, [kind, widget.attrs.get("class", ""), "is-invalid" if bound.errors else ""]))


class MallBoundField(BoundField):
    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        if classes := control_class(self):
            attrs["class"] = classes
        return attrs


class MallRenderer(DjangoTemplates):
    """Widgets are Django's own; forms and fields are ours, found where all our templates are."""

    form_template_name = "ui/form_fields.html"
    field_template_name = "ui/field.html"
    bound_field_class = MallBoundField

    def get_template(self, template_name: str):
        ours = template_name.startswith("ui/")
        return loader.get_template(template_name) if ours else super().get_template(template_name)


class _MallMixin:
    default_renderer = MallRenderer()
    # Filter fields whose label is shown beside the control; the others tell theirs to screen readers only.
    shown_labels: frozenset[str] | set[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if getattr(field, "empty_label", None) == DJANGOS_EMPTY_LABEL:
                field.empty_label = NONE


class MallForm(_MallMixin, forms.Form):
    pass


class MallModelForm(_MallMixin, forms.ModelForm):
    pass


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def check_day(day: date | None) -> None:
    """A validator against slips of the keyboard, whose days fit no calendar of ours."""
    if day and not date(2000, 1, 1) <= day < date(2100, 1, 1):
        raise ValidationError(_("Choose a day of this century."))


class DayField(forms.DateField):
    """A day as the browser's picker or a file writes it; 03/04/2026 could be either of two."""

    widget = DayInput
    input_formats = ["%Y-%m-%d", "%Y/%m/%d"]
    default_error_messages = {"invalid": _("Enter a day such as 2026-03-31.")}
    default_validators = [check_day]


class MoneyField(forms.CharField):
    """An amount typed in yuan, as integer fen in Python."""

    before = "¥"  # drawn in front of the control by ui/field.html

    def __init__(self, *, min_fen: int | None = 0, max_fen: int | None = None, **kwargs: Any) -> None:
        self.min_fen, self.max_fen = min_fen, max_fen
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return yuan(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return value if isinstance(value, int) else None
        try:
            return parse_yuan(str(value).strip().replace(",", "").removeprefix("¥"))
        except BadAmount as error:
            raise ValidationError(_("Enter an amount in yuan, such as 12.50."), code="invalid") from error

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if self.min_fen is not None and value < self.min_fen:
            raise ValidationError(_("Enter at least %(amount)s.") % {"amount": f"¥{yuan(self.min_fen)}"}, code="min")
        if self.max_fen is not None and value > self.max_fen:
            raise ValidationError(_("Enter at most %(amount)s.") % {"amount": f"¥{yuan(self.max_fen)}"}, code="max")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True
