"""Forms about plans of rebates. People name the last day; the database keeps the day after."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coupons.forms.fields import PercentField, require_name
from mallops.lib.money import MAX_FEN
from mallops.lib.ui.filters import Filter
from mallops.lib.ui.forms import DayField, MoneyField
from merchants.choices import ProviderState, Standing
from merchants.forms.agreements import ServiceForm
from merchants.models import Mall
from settlements.models import PlanVersion, RebatePlan
from settlements.plans import MAX_CREDITS, MAX_MATURITY_DAYS, MAX_OPENING_FEN, BadPlan, PlanTerms

TIERS = 5
_SAID = {
    "order": _("Each tier begins above the one before it."),
    "nothing": _("The plan gives nothing: name a rate, an opening reward or traffic credits."),
    "cap": _("A cap needs a rate."),
}


class PlanForm(ServiceForm):
    """The terms of a plan; with `plan`, of its next version."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=120, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    base = forms.ChoiceField(
        label=_("A redemption counts for"), widget=forms.RadioSelect, initial="discount",
        choices=[("discount", _("its discount")), ("order", _("the whole order"))],
    )  # fmt: skip
    cap_fen = MoneyField(
        label=_("At most in a calendar month"), required=False, min_fen=1, max_fen=MAX_FEN,
        help_text=_("Of redemption rewards. Empty: without cap."),
    )  # fmt: skip
    opening_fen = MoneyField(
        label=_("Opening reward"), required=False, max_fen=MAX_OPENING_FEN,
        help_text=_("Once per store, at its first payment under an operations agreement."),
    )  # fmt: skip
    credits_per_100_yuan = forms.IntegerField(
        label=_("Traffic credits for each ¥100"), required=False, min_value=0, max_value=MAX_CREDITS
    )
    maturity_days = forms.IntegerField(
        label=_("Days until a reward is due"), min_value=0, max_value=MAX_MATURITY_DAYS, initial=30,
        help_text=_("What is refunded or undone meanwhile is taken back before it is paid."),
    )  # fmt: skip

    def __init__(self, *args: Any, plan: RebatePlan | None = None, **kwargs: Any) -> None:
        if plan:
            kwargs["initial"] = initial(PlanTerms.from_json(plan.versions.first().terms))
        super().__init__(*args, **kwargs)
        self.is_new = plan is None
        for name in () if self.is_new else ("name_zh", "name_en"):
            del self.fields[name]
        for n in range(TIERS):
            self.fields[f"from_{n}"] = MoneyField(label=_("Above"), required=False, max_fen=MAX_FEN)
            self.fields[f"rate_{n}"] = PercentField(label=pgettext_lazy("plan", "Share"), required=False)

    def tier_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"from_{n}"], self[f"rate_{n}"]) for n in range(TIERS)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_new:
            require_name(self, cleaned)
        tiers = self._tiers(cleaned)
        if self.errors:
            return cleaned
        terms = PlanTerms(
            opening_fen=cleaned["opening_fen"] or 0, base=cleaned["base"], tiers=tiers, cap_fen=cleaned["cap_fen"],
            maturity_days=cleaned["maturity_days"], credits_per_100_yuan=cleaned["credits_per_100_yuan"] or 0,
        )  # fmt: skip
        try:
            terms.check()
        except BadPlan as error:
            self._show(error)
        return {"terms": terms} | {name: cleaned[name] for name in ("name_zh", "name_en") if self.is_new}

    def _tiers(self, cleaned: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        """Rows with a rate; one without an amount begins at nothing, if it is the first."""
        found = []
        for n in range(TIERS):
            start, rate = cleaned.get(f"from_{n}"), cleaned.get(f"rate_{n}")
            if rate is None and start and f"rate_{n}" not in self.errors:
                self.add_error(f"rate_{n}", _("Name the share of this tier."))
            elif rate is not None and start is None and n and f"from_{n}" not in self.errors:
                self.add_error(f"from_{n}", _("Name the amount from which on."))
            elif rate is not None:
                found.append((start or 0, rate))
        return tuple(found)

    def _show(self, error: BadPlan) -> None:
        for name, codes in error.errors.items():
            for code in codes:
                self.add_error(name if name in self.fields else None, _SAID[code])


def initial(terms: PlanTerms) -> dict[str, Any]:
    values = {name: value for name, value in terms.to_json().items() if name != "tiers"}
    for n, (start, rate) in enumerate(terms.tiers):
        values |= {f"from_{n}": start, f"rate_{n}": rate}
    return values


class LastDayForm(ServiceForm):
    """A form that asks for a last day; `until_day` is the day after."""

    @property
    def until_day(self) -> date | None:
        last = self.cleaned_data["last_day"]
        return last and last + timedelta(days=1)


class OfferForm(LastDayForm):
    provider = forms.ModelChoiceField(label=_("Service provider"), queryset=None)
    from_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False, help_text=_("Empty: until the mall lets it end."))

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = mall.providers.filter(state=ProviderState.APPROVED, standing__in=[Standing.GOOD, Standing.WARNED])
        self.fields["provider"].queryset = active.order_by("code")

    def values(self) -> dict[str, Any]:
        return {
            "provider": self.cleaned_data["provider"],
            "from_day": self.cleaned_data["from_day"],
            "until_day": self.until_day,
        }


class WithdrawForm(ServiceForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Mailed to the service provider."))


class EndForm(LastDayForm):
    last_day = DayField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Mailed to the service provider."))


class AnswerForm(ServiceForm):
    """Of the provider: each answer is a button. A reason may be left out by who accepts."""

    answer = forms.ChoiceField(choices=[("accept", ""), ("decline", "")], widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept, and read by the mall."),
    )  # fmt: skip


class TrialForm(Filter):
    """Which whole months before the running one a plan is tried on, and which version."""

    version = forms.ModelChoiceField(label=_("Version"), queryset=PlanVersion.objects.none(), required=False)
    months = forms.TypedChoiceField(
        label=_("Months"), coerce=int, required=False, empty_value=3, widget=forms.RadioSelect,
        choices=[("1", _("1 month")), ("", _("3 months")), ("6", _("6 months")), ("12", _("12 months"))],
    )  # fmt: skip

    def __init__(self, *args: Any, plan: RebatePlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = plan.versions.select_related("plan")
        self.fields["version"].empty_label = _("Newest version")
        self.fields["version"].label_from_instance = lambda version: _("Version %(n)s") % {"n": version.number}
