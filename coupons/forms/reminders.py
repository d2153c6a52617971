"""The field for the reminders of a stock."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

AT_MOST = 5
HOURS_AT_MOST = 720


class RemindersField(forms.CharField):
    """Hours before the end of a coupon such as ``72, 24, 2``, as a falling list of whole numbers in Python."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": _("Remind so many hours before the end"), "required": False, "max_length": 60,
            "help_text": _("Such as 72, 24, 2. Hours beyond a coupon's own validity are left out."), **kwargs,
        }  # fmt: skip
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[int]:
        words = value if isinstance(value, list) else re.split(r"[\s,，、;]+", str(value or "").strip())
        try:
            hours = sorted({int(word) for word in words if word != ""}, reverse=True)
        except ValueError as error:
            raise ValidationError(_("Enter whole hours, such as 72, 24, 2."), code="invalid") from error
        if len(hours) > AT_MOST or any(not 1 <= hour <= HOURS_AT_MOST for hour in hours):
            raise ValidationError(_("Enter at most 5 numbers from 1 to 720."), code="invalid")
        return hours

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or [])
        except ValidationError:
            return True

    def run_validators(self, value: Any) -> None:
        """The length is that of a text; what counts is checked above."""
