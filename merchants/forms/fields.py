"""What several forms share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.forms import MallForm
from merchants.services.refusal import Refused


class RegistrationNumberField(forms.CharField):
    """A unified social credit code, or what the country has instead; blanks do not count, nor does the case."""

    default_validators = [RegexValidator(r"^[0-9A-Z][0-9A-Z-]{3,}[0-9A-Z]$", _("Letters and digits, at least five."))]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace(" ", "").upper()


class ServiceForm(MallForm):
    """A form whose service may refuse what was entered."""

    def try_to(self, service: Callable, **values: Any) -> bool:
        """Call the service; if it refuses, say so at the field and return False."""
        try:
            service(**values)
        except Refused as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
            return False
        return True
