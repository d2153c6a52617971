"""Moving stores on the plans of their floors."""

from collections.abc import Mapping

from django.db import transaction

from merchants.models import Floor, Mall, Store, User
from merchants.models.base import touch_mall
from merchants.plans import Box
from merchants.queries.plans import FIELDS, box_of

from . import audit


@transaction.atomic
def save_plan(*, mall: Mall, floor: Floor, boxes: Mapping[int, Box | None], by: User) -> int:
    """Put stores of a floor where `boxes` says (store id -> squares); None: laid out by unit. Returns how many moved.

    Raises KeyError for a store that is not on the floor, IntegrityError for a box that is not on the plan.
    """
    stores = {store.pk: store for store in Store.objects.select_for_update().filter(mall=mall, floor=floor)}
    moved = [stores[pk] for pk, box in boxes.items() if box_of(stores[pk]) != box]
    if not moved:
        return 0
    changes = {store.code: [_noted(box_of(store)), _noted(boxes[store.pk])] for store in moved}
    for store in moved:
        for field, value in zip(FIELDS, boxes[store.pk] or (None,) * 4, strict=True):
            setattr(store, field, value)
    Store.objects.bulk_update(moved, FIELDS)
    touch_mall(mall.pk)
    audit.record(actor=by, mall=mall, action="plan_changed", obj=floor, changes=changes)
    return len(moved)


def _noted(box: Box | None) -> list[int] | None:
    return list(box) if box else None
