"""What a mall sets for itself: where it lies, and the control group held out of everything."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from merchants.models import Mall, User
from merchants.models.base import touch_mall
from merchants.services import audit

FIELDS = ("latitude", "longitude", "radius_m", "country", "holdout_bp")


def change(*, mall: Mall, values: Mapping[str, Any], by: User | None) -> None:
    """Set position (degrees), radius (metres), country and the mall-wide control group (basis points), all of FIELDS.

    From its next payment or claim on, every process goes by them.
    """
    with transaction.atomic():
        kept = Mall.objects.select_for_update().get(pk=mall.pk)
        before = {name: getattr(kept, name) for name in FIELDS}
        if changes := audit.changed(before, {name: values[name] for name in FIELDS}):
            Mall.objects.filter(pk=kept.pk).update(**{name: new for name, (_old, new) in changes.items()})
            touch_mall(kept.pk)
            audit.record(actor=by, mall=kept, action="mall_changed", obj=kept, changes=changes)
