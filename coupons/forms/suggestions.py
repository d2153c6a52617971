"""The filters above the suggestions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mallops.lib.ui.filters import Filter, choice
from merchants.models import Mall


class SuggestionFilter(Filter):
    kind = forms.ChoiceField(
        label=_("Pairs of"), required=False, widget=forms.RadioSelect,
        choices=[("", _("Stores")), ("categories", _("Categories"))],
    )  # fmt: skip
    store = forms.ModelChoiceField(label=_("Store"), queryset=None, required=False, empty_label=_("Any store"))
    covered = choice(_("Rules"), _("All pairs"), [("no", _("No rule yet")), ("yes", _("Covered already"))])
    same = choice(_("Category"), _("Any category"), [("no", _("Different categories")), ("yes", _("Same category"))])

    def __init__(self, *args: Any, mall: Mall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = mall.stores.filter(closed_on=None).order_by("code")

    def values(self) -> dict[str, Any]:
        """What `affinity.queries.suggestions_of` takes. Of pairs of categories a store names its category."""
        chosen = super().values()
        kind, store = chosen.get("kind", "stores"), chosen.get("store")
        place = store and (store.pk if kind == "stores" else store.category_id)
        truths = {"no": False, "yes": True, None: None}
        same = None if kind == "categories" else truths[chosen.get("same")]
        return {"kind": kind, "place": place, "covered": truths[chosen.get("covered")], "same_category": same}
