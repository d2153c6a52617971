"""The upload form; it looks into the file at once, so that a wrong one is told before anything is queued."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mallops.lib.csvcolumns import match_header
from mallops.lib.csvio import BadFile, open_csv
from mallops.lib.ui.forms import MallForm

from .doors import DOORS
from .models import ImportKind


class ImportForm(MallForm):
    kind = forms.ChoiceField(label=gettext_lazy("What is in the file"), choices=ImportKind.choices)
    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"})
    )
    all_or_nothing = forms.TypedChoiceField(
        label=gettext_lazy("If some rows are bad"),
        choices=[("no", gettext_lazy("Take the good rows")), ("yes", gettext_lazy("Take nothing"))],
        widget=forms.RadioSelect, coerce=lambda chosen: chosen == "yes", initial="no",
    )  # fmt: skip
    award = forms.BooleanField(
        label=gettext_lazy("Award coupons for recent payments"), required=False,
        help_text=gettext_lazy("Payments only. Older payments never award anything."),
    )  # fmt: skip

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.too_large = too_large
        self.fields["file"].help_text = _("At most %(limit)d MB. UTF-8, GB18030 or UTF-16.") % {
            "limit": max_megabytes()
        }
        if too_large:
            self.fields["file"].error_messages["required"] = _("The file is larger than %(limit)d MB.") % {
                "limit": max_megabytes()
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        file: UploadedFile | None = cleaned.get("file")
        if file and cleaned.get("kind"):
            try:
                match_header(DOORS[cleaned["kind"]].columns, open_csv(file).header)
            except BadFile as error:
                self.add_error("file", str(error))
            file.seek(0)
        cleaned["award"] = cleaned.get("award", False) and cleaned.get("kind") == ImportKind.PAYMENTS
        return cleaned


def max_megabytes() -> int:
    return settings.IMPORT_MAX_BYTES // (1024 * 1024)
