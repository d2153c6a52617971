"""Which days may be asked for."""

from datetime import date

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

EARLIEST = date(2000, 1, 1)


def check_days(form: forms.Form, *, most: int) -> None:
    """Adds what is wrong with the days from `start` to `end`, both included, that a form with a `today` asks for."""
    start, end = form.cleaned_data.get("start"), form.cleaned_data.get("end")
    if start is None or end is None:
        return  # not a date, and said so already
    if start < EARLIEST:
        form.add_error("start", _("Choose a first day from %(day)s on.") % {"day": EARLIEST.isoformat()})
    elif end > form.today:
        form.add_error("end", _("Choose days up to today, %(day)s.") % {"day": form.today.isoformat()})
    elif end < start:
        form.add_error("end", _("The last day is before the first."))
    elif (end - start).days >= most:
        text = ngettext("Choose at most %(count)s day.", "Choose at most %(count)s days.", most)
        form.add_error("end", text % {"count": most})
