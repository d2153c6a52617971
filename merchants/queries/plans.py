"""Where stores lie on the plans of their floors."""

from collections.abc import Iterable

from merchants import plans
from merchants.models import Store
from merchants.plans import Box

FIELDS = ("plan_x", "plan_y", "plan_width", "plan_height")


def box_of(store: Store) -> Box | None:
    """The place that was given to a store."""
    return None if store.plan_x is None else Box(*(getattr(store, field) for field in FIELDS))


def places(stores: Iterable[Store]) -> dict[int, Box]:
    """Store id -> its box on the plan of one floor: its own, else one laid out by its unit, or by its code without.

    Stores of one unit share its place. Those for which the grid has no room are left out.
    """
    stores = list(stores)
    made = plans.arranged(map(_unit, stores))
    found = {store.pk: box_of(store) or made.get(_unit(store)) for store in stores}
    return {pk: box for pk, box in found.items() if box}


def _unit(store: Store) -> str:
    return store.unit or store.code
