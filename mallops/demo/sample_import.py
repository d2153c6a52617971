"""One finished import for the list of imports: yesterday's file of the card terminals, with two rows that are wrong."""

import csv
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from zoneinfo import ZoneInfo

from django.db import transaction

from mallops.imports.models import ImportKind, ImportRun
from mallops.imports.running import run_file
from mallops.lib.money import yuan
from merchants.models import Mall, Store, User
from payments.events import PaymentEvent

from .replay import Replay

HEADER = ("门店编号", "支付渠道", "交易单号", "金额", "支付时间")


class Quiet:
    """Stands in for the context of a task; nobody watches."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None: ...

    def fenced(self) -> AbstractContextManager:
        return transaction.atomic()


def run(mall: Mall, replay: Replay, by: User) -> None:
    """The last 200 payments again (all known), three new ones, and two that the report names. Without a payment, as on
    a first day that has only just begun, there is no file."""
    if not replay.at.size:
        return
    rows = [HEADER, *_rows(mall, replay)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    done = ImportRun.objects.create(
        mall=mall, kind=ImportKind.PAYMENTS, file_name="terminals-银行卡.csv", created_by=by
    )
    run_file(done, io.BytesIO(text.getvalue().encode("gb18030")), Quiet())


def _rows(mall: Mall, replay: Replay) -> Iterator[tuple[str, ...]]:
    codes, zone = dict(Store.objects.filter(mall=mall).values_list("pk", "code")), ZoneInfo(mall.time_zone)
    count = len(replay.at)
    known = replay.payment_events(max(0, count - 200), count)

    def row(event: PaymentEvent, **other: str) -> tuple[str, ...]:
        cells = {
            "store": codes[event.store_id],
            "channel": event.channel,
            "id": event.transaction_id,
            "amount": yuan(event.amount_fen),
            "at": event.paid_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        }
        return tuple((cells | other).values())

    yield from map(row, known)
    for number, event in enumerate(known[:3]):
        yield row(event, id=f"{replay.prefix}T{number:07d}")
    yield row(known[0], id=f"{replay.prefix}T0000003", amount="128.505")
    yield row(known[0], id=f"{replay.prefix}T0000004", store="X999")
