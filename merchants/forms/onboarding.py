"""Forms about bringing stores into a mall. A row of a file goes through the same form as what is typed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.filters import Filter, choice, search_field
from mallops.lib.ui.forms import DayField
from merchants.models import Category, Mall, Onboarding, ServiceProvider
from merchants.services.onboarding import ProposalsRefused
from merchants.services.onboarding_checks import Proposal

from .applications import AnswerForm
from .fields import RegistrationNumberField, ServiceForm

STATES = Onboarding.State


class Offered:
    """What a provider may choose from at its mall, read once for many rows."""

    def __init__(self, provider: ServiceProvider) -> None:
        mall = provider.mall
        self.categories = {category.code: category for category in mall.categories.select_related("parent")}
        self.floors = {floor.code: floor for floor in mall.floors.order_by("level")}
        granted = provider.capabilities.filter(granted_at__isnull=False, revoked_at=None).order_by("capability")
        self.capabilities = [(row.capability, row.get_capability_display()) for row in granted]


def path_of(category: Category) -> str:
    return f"{category.parent.name} / {category.name}" if category.parent else category.name


class OnboardingForm(ServiceForm):
    store_name_zh = forms.CharField(label=_("Store, Chinese name"), max_length=120, required=False)
    store_name_en = forms.CharField(label=_("Store, English name"), max_length=120, required=False)
    store_code = forms.CharField(
        label=_("Store code"), max_length=40, help_text=_("Not used in the mall yet, such as L4-hotpot."),
        validators=[RegexValidator(r"^[\w.-]+$", _("Letters, digits, dots and dashes."))],
    )  # fmt: skip
    category = forms.TypedChoiceField(label=_("Category"))
    floor = forms.TypedChoiceField(label=_("Floor"), required=False, empty_value=None)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False, help_text=_("Such as L2-05."))
    registration_number = RegistrationNumberField(
        label=_("Registration number of the merchant"),
        help_text=_("The unified social credit code (统一社会信用代码). A merchant of the mall is found by it."),
    )
    merchant_name_zh = forms.CharField(
        label=_("Merchant, Chinese name"), max_length=120, required=False,
        help_text=_("Used when the merchant is new; without a name it gets that of the store."),
    )  # fmt: skip
    merchant_name_en = forms.CharField(label=_("Merchant, English name"), max_length=120, required=False)
    capability = forms.ChoiceField(label=_("What you will do for the store"))
    from_day = DayField(label=_("First day of the agreement"))

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories, floors = self.fields["category"], self.fields["floor"]
        categories.choices = [("", "–"), *((code, path_of(row)) for code, row in offered.categories.items())]
        categories.coerce = offered.categories.__getitem__
        floors.choices = [("", "–"), *((code, row.name or code) for code, row in offered.floors.items())]
        floors.coerce = offered.floors.__getitem__
        self.fields["capability"].choices = offered.capabilities

    @property
    def proposal(self) -> Proposal:
        """What a valid form says."""
        return Proposal(**self.cleaned_data)

    def try_to(self, service: Callable, **values: Any) -> bool:
        """Propose what the form says."""
        try:
            return super().try_to(service, proposals=[self.proposal], **values)
        except ProposalsRefused as refused:
            for problem in refused.problems:
                self.add_error(problem.field, problem.message)
            return False


class StateFilter(Filter):
    search = search_field(_("Store, merchant or number"))
    state = choice(_("State"), _("All states"), STATES.choices)


class OnboardingFilter(StateFilter):
    provider = forms.ModelChoiceField(
        label=_("Service provider"), queryset=None, required=False, empty_label=_("All service providers")
    )

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].queryset = mall.providers.filter(onboardings__isnull=False).distinct().order_by("code")


class DecisionsForm(AnswerForm):
    """One answer of the mall to one proposal or several."""

    chosen = forms.ModelMultipleChoiceField(
        queryset=None, error_messages={"required": _("Choose at least one proposal.")}
    )

    def __init__(self, *args: Any, proposals: QuerySet[Onboarding], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = proposals
