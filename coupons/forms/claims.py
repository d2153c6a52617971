from django import forms
from django.utils.translation import gettext_lazy as _

from coupons import nearby
from coupons.engine.terms import RuleTerms
from mallops.lib.ui.forms import MallForm
from merchants.models import Mall, Store
from merchants.queries import directory as directories


class ClaimCodeForm(MallForm):
    """Where a new claim code hangs: at a store where the rule is offered, or anywhere in the mall."""

    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("Hangs at"), required=False, empty_label=_("Anywhere in the mall"),
        help_text=_("Coupons claimed by this code count as given there."),
    )  # fmt: skip

    def __init__(self, *args, mall: Mall, terms: RuleTerms, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        stores = mall.stores.filter(closed_on=None).order_by("code")
        if terms.stores or terms.categories:
            stores = stores.filter(pk__in=nearby.stores_of(directories.current(mall.pk), terms))
        self.fields["store"].queryset = stores
