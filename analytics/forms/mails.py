"""The choices of a mail report."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics import saved
from analytics.mails import services
from analytics.mails.opened import NotOpened
from analytics.models import MailReport, SavedView
from mallops.lib.ui.forms import MallModelForm
from merchants.models import User


class ReportForm(MallModelForm):
    """Of a new report: of which saved view, or of the board at `address`, which is saved as a view."""

    address = forms.CharField(required=False, widget=forms.HiddenInput)
    hour = forms.TypedChoiceField(
        label=gettext_lazy("Not before"),
        coerce=int,
        initial=8,
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)],
    )

    class Meta:
        model = MailReport
        fields = ["view", "every", "hour", "with_pdf", "with_xlsx", "even_if_empty"]
        labels = {"view": gettext_lazy("Saved view"), "every": gettext_lazy("How often")}

    def __init__(self, *args: Any, body: saved.Body, reader: User, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body, self.reader = body, reader
        self.address = self.data.get("address", "") if self.is_bound else address
        self.fields["address"].initial = self.address
        zone = getattr(body, "mall", body).time_zone
        self.fields["hour"].help_text = _("By the clock of the mall, %(zone)s.") % {"zone": zone}
        if self.instance.pk or self.address:
            del self.fields["view"]
        else:
            self.fields["view"].queryset = saved.views_at(reader, body)
            self.fields["view"].label_from_instance = lambda view: view.name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.reader.email:
            self.add_error(None, _("Your account has no mail address."))
        if self.address and not self.instance.pk and not self.errors:
            self._keep_address()
        view: SavedView | None = cleaned.get("view") or (self.instance.view if self.instance.view_id else None)
        same = MailReport.objects.filter(view=view, to=self.reader, every=cleaned.get("every"))
        if view and same.exclude(pk=self.instance.pk).exists():
            self.add_error("every", _("You get this view at this rhythm already."))
        return cleaned

    def _keep_address(self) -> None:
        """Saves the board as a view, unless there is one of it."""
        try:
            self.instance.view = services.view_of(self.address, owner=self.reader, body=self.body)
        except (saved.BadAddress, NotOpened) as reason:
            self.add_error(None, str(reason))
