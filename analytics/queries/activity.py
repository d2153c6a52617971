"""When stores last sold anything, as far as it may be known."""

from datetime import date

from django.db import connection

from analytics.models import RollupDelta, StoreDay
from analytics.periods import latest
from mallops.lib.dates import as_day

from .places import Place
from .windows import condition

LOOK_BACK = 365  # days


def last_days(place: Place, today: date) -> dict[int, date]:
    """Store id -> the local day of its last payment; stores without one in the last `LOOK_BACK` days are left out."""
    period = latest(LOOK_BACK, today)
    stores = [store.pk for store in place.stores]
    if not stores:
        return {}
    served, days = condition(place.served, period)
    selects = [
        f"SELECT store_id, MAX(day) FROM {model._meta.db_table} WHERE mall_id = %s AND day >= %s AND day < %s"
        f" AND payments > 0 AND store_id IN ({', '.join(['%s'] * len(stores))}){served} GROUP BY store_id"
        for model in (StoreDay, RollupDelta)
    ]
    found: dict[int, date] = {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), [place.mall.pk, period.start, period.end, *stores, *days] * 2)
        for store_id, day in cursor.fetchall():
            found[store_id] = max(as_day(day), found.get(store_id, date.min))
    return found
