from django import forms
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.forms import MallForm


class CredentialForm(MallForm):
    label = forms.CharField(
        label=_("Label"), max_length=60, help_text=_("Which system will use it, such as “Till of the food court”.")
    )
