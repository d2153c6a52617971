"""The last minutes as a table, and the last events as sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from analytics.metrics import Sums
from analytics.queries.choice import Choice
from analytics.queries.live import Event
from mallops.lib.format import money
from mallops.lib.ui.tables import Column, Table

from .columns import metric_column, metric_row


def minute_table(
    choice: Choice, label: str, keys: Sequence[str], minutes: Sequence[datetime], sums: Sequence[Sums]
) -> Table:
    currency = choice.place.mall.currency
    columns = [
        Column("minute", _("Minute"), value=lambda row: clock(row["minute"])),
        *(metric_column(key, currency, sortable=False, brief=True) for key in keys),
    ]
    rows = [metric_row(keys, one, minute=minute) for minute, one in zip(minutes, sums, strict=True)]
    return Table(columns, rows, label=label, page_size=None)


def clock(moment: datetime) -> str:
    return moment.strftime("%H:%M")


def sentence(event: Event, stores: Mapping[int, str], currency: str) -> str:
    """What happened where, without a word on who it was. `stores` are names by id."""
    said = {
        "payment": _("%(store)s: %(amount)s paid by %(channel)s"),
        "refund": _("%(store)s: %(amount)s given back"),
        "issued": _("%(store)s: coupon “%(coupon)s” given"),
        "redeemed": _("%(store)s: coupon “%(coupon)s” redeemed, %(amount)s off an order of %(order)s"),
    }[event.kind]
    return said % {
        "store": stores[event.store_id],
        "amount": money(event.amount_fen, currency),
        "order": money(event.order_fen, currency),
        "channel": event.channel,
        "coupon": event.stock.name if event.stock else "",
    }
