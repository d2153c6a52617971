"""The filters of the flow: the days, how long a move may take, where it leaves and where it arrives."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.flow import WITHIN_HOURS
from analytics.forms.board import BoardForm, name_of
from analytics.queries.choice import Choice
from analytics.queries.places import Place
from merchants.models import Category, Floor, Store

USUAL_HOURS = 24
Spot = Category | Floor | Store
KINDS = {"source": gettext_lazy("From %(place)s"), "target": gettext_lazy("To %(place)s")}
ANYWHERE = {"source": gettext_lazy("From anywhere"), "target": gettext_lazy("To anywhere")}


@dataclass(frozen=True)
class End:
    """Where moves leave or arrive: a category with all below it, a floor or a store. `name` is said on a chip."""

    name: str
    stores: tuple[Store, ...]


@dataclass(frozen=True)
class FlowChoice(Choice):
    """Without a source or target, all stores are meant."""

    source: End | None = None
    target: End | None = None

    @property
    def sources(self) -> list[Store]:
        return list(self.source.stores) if self.source else self.place.stores

    @property
    def targets(self) -> list[Store]:
        return list(self.target.stores) if self.target else self.place.stores


class FlowForm(BoardForm):
    """A place is named by the letter of its kind and its code: ``c:dining``, ``f:L2``, ``s:hotpot``."""

    choice_class = FlowChoice
    shown_labels = {"within"}

    within = forms.ChoiceField(label=gettext_lazy("Within"), required=False)
    source = forms.ChoiceField(label=gettext_lazy("From"), required=False)
    target = forms.ChoiceField(label=gettext_lazy("To"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        hours = [hours for hours in WITHIN_HOURS if hours != USUAL_HOURS]
        self.fields["within"].choices = [("", said(USUAL_HOURS)), *((str(number), said(number)) for number in hours)]
        found = by_kind(self.place)
        for field, chip in KINDS.items():
            self.fields[field].choices = [("", ANYWHERE[field]), *grouped(found)]
            self.options[field] = {
                value: End(chip % {"place": name_of(one)}, tuple(stores_of(self.place, one)))
                for group in found.values() for value, one in group.items()
            }  # fmt: skip

    @property
    def within_hours(self) -> int:
        return int(self.cleaned_data["within"] or USUAL_HOURS)


def said(hours: int) -> str:
    """``3 hours``, ``7 days``: 24 hours are not a calendar day."""
    if hours <= USUAL_HOURS:
        return _("%(count)s hours") % {"count": hours}
    return _("%(count)s days") % {"count": hours // 24}


def by_kind(place: Place) -> dict[str, dict[str, Spot]]:
    """All places that have stores, by the label of their kind and their value in the URL."""
    categories = [category for category in place.categories if place.stores_in(category)]
    kinds = [(_("Categories"), "c", categories), (_("Floors"), "f", place.floors), (_("Stores"), "s", place.stores)]
    return {label: {f"{letter}:{one.code}": one for one in found} for label, letter, found in kinds}


def grouped(found: dict[str, dict[str, Spot]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The same for a select; categories are set in below their parent."""
    return [
        (label, [(value, "\u2003" * getattr(one, "depth", 0) + name_of(one)) for value, one in group.items()])
        for label, group in found.items()
        if group
    ]


def stores_of(place: Place, one: Spot) -> list[Store]:
    if isinstance(one, Category):
        return place.stores_in(one)
    if isinstance(one, Floor):
        return [store for store in place.stores if store.floor_id == one.pk]
    return [one]
