"""Writing rebates down, once: the accrual with its evidence, its posting and its traffic credits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from mallops.lib.dates import first_of_month
from mallops.lib.sql import insert_new
from merchants.models import ServiceProvider
from merchants.queries.directory import Directory

from . import credits, posting
from .accounts import Key
from .deals import Deal
from .models import Accrual, EntryKind
from .posting import Line

EXPENSE = Key("rebate_expense")
COLUMNS = (
    "mall_id", "provider_id", "offer_id", "kind", "store_id", "redemption_id", "payment_id", "agreement_id", "base_fen",
    "run_fen", "amount_fen", "credits", "day", "month", "matures_on", "state", "made_at",
)  # fmt: skip


class Earned(NamedTuple):
    """A reward to be written down; money in fen. An opening has a payment, a redemption its coupon and rule."""

    deal: Deal
    day: date
    store_id: int
    agreement_id: int
    amount_fen: int
    credits: int = 0
    base_fen: int = 0
    run_fen: int = 0
    redemption_id: int | None = None
    payment_id: int | None = None
    coupon_id: int | None = None
    rule_id: int | None = None


def pending(provider_id: int) -> Key:
    return Key("rebate_pending", None, provider_id)


def write(directory: Directory, provider: ServiceProvider, earned: Iterable[Earned], *, now: datetime) -> int:
    """Write rewards of a provider down, inside a transaction that holds its row; returns how many were new."""
    by_evidence = {(each.redemption_id, each.store_id): each for each in earned}
    rows = [_row(provider, each, now) for each in by_evidence.values()]
    made = [
        (pk, by_evidence[redemption, store])
        for pk, redemption, store in insert_new(Accrual, COLUMNS, rows, returning=("id", "redemption_id", "store_id"))
    ]
    posting.post(directory, [_line(provider, pk, each) for pk, each in made], now=now)
    credits.earn(provider, [(pk, each.credits, each.day) for pk, each in made if each.credits], now=now)
    return len(made)


def _row(provider: ServiceProvider, each: Earned, now: datetime) -> tuple:
    kind = Accrual.Kind.REDEMPTION if each.redemption_id else Accrual.Kind.OPENING
    matures_on = each.day + timedelta(days=each.deal.terms.maturity_days)
    return (
        provider.mall_id, provider.pk, each.deal.offer_id, kind.value, each.store_id, each.redemption_id,
        each.payment_id, each.agreement_id, each.base_fen, each.run_fen, each.amount_fen, each.credits, each.day,
        first_of_month(each.day), matures_on, Accrual.State.PENDING.value, now,
    )  # fmt: skip


def _line(provider: ServiceProvider, accrual_id: int, each: Earned) -> Line:
    return Line(
        EntryKind.ACCRUAL, accrual_id, EXPENSE, pending(provider.pk), each.amount_fen, each.day,
        store_id=each.store_id, rule_id=each.rule_id, coupon_id=each.coupon_id,
    )  # fmt: skip
