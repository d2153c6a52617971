"""Filters and answers about statements."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.filters import Filter, choice, search_field
from mallops.lib.ui.forms import MallForm, MoneyField
from settlements.models import Statement
from settlements.models.statements import StatementState
from settlements.services.statements import MOST_FEN

from .ledger import MonthField


class StatementFilter(Filter):
    search = search_field(_("Merchant or provider"))
    month = MonthField(_("All months"))
    state = choice(_("State"), _("All states"), StatementState.choices)
    party = choice(
        _("Of whom"), _("Merchants and providers"), [("merchant", _("Merchants")), ("provider", _("Service providers"))]
    )

    def __init__(self, *args: Any, months: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].offer(months)


class OpenMonthFilter(Filter):
    """Of the months that are not closed yet."""

    month = MonthField(_("This month"))

    def __init__(self, *args: Any, months: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].offer(months)


def text_field(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}), **options)


class DisputeForm(MallForm):
    text = text_field(_("What is wrong"), help_text=_("The mall reads it and answers here."))


class MessageForm(MallForm):
    text = text_field(_("Message"))


class SettleForm(MallForm):
    """An adjustment above zero is in favour of the party."""

    text = text_field(_("Your answer"), help_text=_("Mailed to the other side."))
    adjustment = MoneyField(
        label=_("Adjustment"), required=False, min_fen=-MOST_FEN, max_fen=MOST_FEN,
        help_text=_(
            "Empty for none. Above zero in favour of the merchant or provider, below zero (-12.50) of the mall. It is"
            " booked in the month that is open, and stands on its statement."
        ),
    )  # fmt: skip


class AgreedForm(MallForm):
    """Of the mall, for what was agreed on paper or by telephone."""

    note = forms.CharField(label=_("How it was agreed, or where the paper is kept"), max_length=500)


class PayForm(MallForm):
    reference = forms.CharField(
        label=_("Reference of the payment"), max_length=80, help_text=_("Of the bank, by which both sides find it.")
    )


class PayAllForm(PayForm):
    """Of statements of a mall that are agreed."""

    chosen = forms.ModelMultipleChoiceField(queryset=None, error_messages={"required": _("Choose statements.")})

    def __init__(self, *args: Any, rows: QuerySet[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = rows.filter(state=StatementState.CLOSED)
