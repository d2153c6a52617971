"""Payments of known shoppers as columns, for studies that look at many at once."""

from typing import TYPE_CHECKING

from django.db.models import F, QuerySet

from mallops.lib.columns import Seconds, read_columns
from payments.models import Payment

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("pk", "shopper_id", "store_id", "at", "net_fen")


def purchase_columns(payments: QuerySet[Payment]) -> "np.ndarray":
    """The payments that have a shopper, by shopper and time: a structured array of `pk`, `shopper_id`, `store_id`,
    `at` (seconds since 1970) and `net_fen` (amount less what was refunded of it). 40 bytes for each."""
    import numpy as np

    known = payments.filter(shopper__isnull=False).order_by()
    rows = known.annotate(at=Seconds("paid_at"), net_fen=F("amount_fen") - F("refunded_fen"))
    table = read_columns(rows, COLUMNS)
    return table[np.lexsort((table["pk"], table["at"], table["shopper_id"]))]
