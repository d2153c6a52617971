"""Which rule to try on which days; which two backtests to lay side by side."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coupons.backtest import queries, services
from coupons.backtest.services import BacktestError
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Backtest, Rule
from mallops.lib.ui.filters import Filter
from mallops.lib.ui.forms import DayInput, MallForm
from merchants.models import Mall, User

# The field that an error of the service is about, and what it says.
PROBLEMS = {
    "reversed": ("last_day", _("The last day lies before the first.")),
    "future": ("last_day", _("This day has not come yet.")),
    "too_long": ("first_day", _("At most three years can be tried at once.")),
    "empty": (None, _("This mall has no payments yet, so there is nothing to try a rule on.")),
    "foreign": ("rule", _("Something this rule names is gone. Look at its draft first.")),
}


class BacktestForm(MallForm):
    """After `is_valid`, `terms` are those to be tried."""

    rule = forms.ModelChoiceField(label=_("Rule"), queryset=Rule.objects.none(), empty_label=_("Choose a rule"))
    which = forms.ChoiceField(
        label=_("Which terms"), widget=forms.RadioSelect, initial="draft",
        choices=[("draft", _("Draft")), ("proposed", _("Proposed version")), ("version", _("Running version"))],
    )  # fmt: skip
    first_day = forms.DateField(label=_("First day"), widget=DayInput)
    last_day = forms.DateField(label=_("Last day"), widget=DayInput)
    label = forms.CharField(
        label=_("Label"), max_length=120, required=False, help_text=_("To tell two backtests of a rule apart.")
    )
    terms: RuleTerms | None = None

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mall = mall
        self.fields["rule"].queryset = mall.rules.select_related("version", "proposed").order_by("-created_at")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "rule" in cleaned and "which" in cleaned:
            self._read(cleaned["rule"], cleaned["which"])
        return cleaned

    def _read(self, rule: Rule, which: str) -> None:
        version = None if which == "draft" else getattr(rule, which)
        if which != "draft" and version is None:
            self.add_error("which", _("This rule has no such version."))
            return
        try:
            self.terms = RuleTerms.from_json(rule.draft if which == "draft" else version.terms)
        except BadTerms:
            self.add_error("rule", _("The draft of this rule is not complete."))

    def start(self, by: User) -> Backtest | None:
        """Start what was asked for; without success say why at the field concerned."""
        asked = self.cleaned_data
        try:
            return services.start(
                self.mall, asked["rule"], self.terms, asked["first_day"], asked["last_day"], asked["label"], by
            )
        except BacktestError as error:
            self.add_error(*PROBLEMS[error.code])
            return None


class CompareForm(Filter):
    a = forms.ModelChoiceField(label=_("First"), queryset=Backtest.objects.none(), empty_label=_("Choose a backtest"))
    b = forms.ModelChoiceField(label=_("Second"), queryset=Backtest.objects.none(), empty_label=_("Choose a backtest"))
    shown_labels = {"a", "b"}

    def __init__(self, *args: Any, mall: Mall, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("a", "b"):
            field = self.fields[name]
            field.required = False
            field.queryset = queries.finished(mall, user)
            field.label_from_instance = title_of


def title_of(backtest: Backtest) -> str:
    """What a backtest is called: its rule, label and days."""
    parts = [backtest.rule.name if backtest.rule else "", backtest.label, f"{backtest.first_day} – {backtest.last_day}"]
    return f"#{backtest.pk} " + " · ".join(part for part in parts if part)
