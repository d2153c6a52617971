"""Posts what coupons should have posted and have not: those from before there was a settlement ledger, or loaded past
it. Made by `manage.py post_settlements`; repeated, or run while the mall is at work, it comes to the same."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db import connection, models, transaction

from coupons.models import Coupon, CouponClosure, Redemption, Reversal
from merchants.queries import directory as directories

from . import of_coupons, opposites, posting
from .opposites import EXPIRY, RELEASE, RENEWAL, REVERSAL, Opposite
from .posting import Line

AT_ONCE = 20_000  # rows in a transaction
Step = Callable[[int, int, int, datetime], int]
COUPON = ("pk", "rule", "rule_version", "stock", "store", "cost_fen", "day")
REDEMPTION = ("pk", "coupon", "coupon__rule", "coupon__rule_version", "coupon__stock", "store", "discount_fen", "day")

# Not after the coupon was closed: then its commitment was released already. A redemption from before the closure was
# undone before it.
_FIRST = (
    f" AND NOT EXISTS (SELECT 1 FROM {CouponClosure._meta.db_table} k"
    " WHERE k.mall_id = s.mall_id AND k.coupon_id = s.coupon_id"
    f" AND NOT EXISTS (SELECT 1 FROM {Reversal._meta.db_table} r"
    " WHERE r.mall_id = s.mall_id AND r.redemption_id = s.id AND r.reversed_at < k.closed_at))"
)


def post_missing(mall_id: int, *, now: datetime) -> int:
    """Post what is missing of a mall; returns how many entries that were. Keeps at most AT_ONCE rows in memory."""
    steps = [
        (Coupon, _lines_of(Coupon, COUPON, of_coupons.issue_lines)),
        (Redemption, _lines_of(Redemption, REDEMPTION, of_coupons.cost_lines)),
    ]
    steps += [
        (opposite.source, _opposites(opposite, condition))
        for opposite, condition in ((RELEASE, _FIRST), (EXPIRY, ""), (REVERSAL, ""), (RENEWAL, ""))
    ]
    return sum(
        _in_transaction(step, mall_id, after, upto, now)
        for model, step in steps
        for after, upto in _ranges(model, mall_id)
    )


def _in_transaction(step: Step, mall_id: int, after: int, upto: int, now: datetime) -> int:
    with transaction.atomic():
        return step(mall_id, after, upto, now)


def _ranges(model: type[models.Model], mall_id: int) -> Iterator[tuple[int, int]]:
    """Ids after, and up to and with, which there are at most AT_ONCE rows of the mall."""
    ids = model._default_manager.for_mall(mall_id).order_by("pk").values_list("pk", flat=True)
    after, last = 0, ids.last()
    while last and after < last:
        upto = ids.filter(pk__gt=after)[AT_ONCE - 1 : AT_ONCE].first() or last
        yield after, upto
        after = upto


def _lines_of(model: type[models.Model], columns: Sequence[str], lines_of: Callable[..., list[Line]]) -> Step:
    """Lines worked out row by row."""

    def step(mall_id: int, after: int, upto: int, now: datetime) -> int:
        directory = directories.current(mall_id)
        rows = model._default_manager.for_mall(mall_id).filter(pk__gt=after, pk__lte=upto).order_by("pk")
        lines = [line for row in rows.values_list(*columns) for line in lines_of(directory, *row)]
        return posting.post(directory, lines, now=now)

    return step


def _opposites(opposite: Opposite, condition: str) -> Step:
    def step(mall_id: int, after: int, upto: int, now: datetime) -> int:
        which = f"s.id > %s AND s.id <= %s{condition}"
        with connection.cursor() as cursor:
            cursor.execute(*opposites.statement(mall_id, opposite, which, [after, upto], now=now))
            return cursor.rowcount

    return step
