"""The plan of a floor as one form: four numbers for each store."""

from collections.abc import Iterable, Sequence

from django import forms
from django.utils.translation import gettext as _

from mallops.lib.ui.forms import MallForm
from merchants.models import Store
from merchants.models.directory import PLAN_HEIGHT, PLAN_WIDTH
from merchants.plans import Box, overlapping
from merchants.queries.plans import places

SIDES = ("x", "y", "width", "height")
LEAST = {"x": 0, "y": 0, "width": 1, "height": 1}
MOST = {"x": PLAN_WIDTH - 1, "y": PLAN_HEIGHT - 1, "width": PLAN_WIDTH, "height": PLAN_HEIGHT}


class PlanForm(MallForm):
    """Fields ``<store id>-x`` and so on; begins with where the stores lie now. A store for which the grid had no room
    may stay without numbers."""

    def __init__(self, *args, stores: Iterable[Store], **kwargs) -> None:
        self.stores = list(stores)
        boxes = places(self.stores)
        start = {f"{store.pk}-{side}": at for store in self.stores if store.pk in boxes
                 for side, at in zip(SIDES, boxes[store.pk], strict=True)}  # fmt: skip
        super().__init__(*args, initial=start, **kwargs)
        for store in self.stores:
            for side, label in zip(SIDES, labels(), strict=True):
                text = _("%(store)s: %(side)s") % {"store": store.name, "side": label}
                self.fields[f"{store.pk}-{side}"] = _number(side, text, required=store.pk in boxes)

    def clean(self) -> dict:
        cleaned = super().clean()
        for store in self.stores:
            box = self.box(store)
            if box and box.x + box.width > PLAN_WIDTH:
                self.add_error(f"{store.pk}-width", _("%(store)s reaches over the right edge.") % {"store": store.name})
            if box and box.y + box.height > PLAN_HEIGHT:
                self.add_error(
                    f"{store.pk}-height", _("%(store)s reaches over the lower edge.") % {"store": store.name}
                )
        return cleaned

    def box(self, store: Store) -> Box | None:
        """Where a valid form puts the store; None where a number is missing."""
        sides = [self.cleaned_data.get(f"{store.pk}-{side}") for side in SIDES]
        return None if None in sides else Box(*sides)

    @property
    def boxes(self) -> dict[int, Box | None]:
        return {store.pk: self.box(store) for store in self.stores}

    @property
    def rows(self) -> list[tuple[Store, list[forms.BoundField]]]:
        return [(store, [self[f"{store.pk}-{side}"] for side in SIDES]) for store in self.stores]

    def overlaps(self) -> list[tuple[Store, Store]]:
        """Pairs of stores that lie on one another, unless one took over the unit of the other."""
        known = {store.pk: store for store in self.stores}
        values = {store.pk: self._shown(store) for store in self.stores}
        pairs = overlapping({pk: box for pk, box in values.items() if box})
        found = [(known[one], known[other]) for one, other in pairs]
        return [(one, other) for one, other in found if not one.unit or one.unit != other.unit]

    def _shown(self, store: Store) -> Box | None:
        sides = [self.initial.get(f"{store.pk}-{side}") for side in SIDES]
        if self.is_bound:
            return self.box(store)
        return None if None in sides else Box(*sides)


def labels() -> Sequence[str]:
    return (_("left"), _("top"), _("width"), _("height"))


def _number(side: str, label: str, *, required: bool) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"data-side": side, "aria-label": label})
    limits = {"min_value": LEAST[side], "max_value": MOST[side]}
    return forms.IntegerField(label=label, required=required, widget=widget, **limits)
