"""When rebates become due, and when they are taken back. Each accrual does either once."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from coupons.redeeming import Undone
from merchants.models import Mall
from merchants.queries import directory as directories
from merchants.queries.directory import Directory

from . import credits, deals, posting
from .accounts import Key
from .accruals import EXPENSE, pending
from .models import Accrual, EntryKind
from .posting import Line

BATCH = 5_000
State = Accrual.State


def mature(mall: Mall, today: date, *, now: datetime) -> int:
    """Let rebates become due whose time of waiting is over on a local day; returns how many. An opening whose payment
    was refunded in full meanwhile is taken back instead."""
    with transaction.atomic():
        _take_back_openings(mall, today, now)
    total = 0
    while done := _mature_batch(mall, today, now):
        total += done
    return total


def _mature_batch(mall: Mall, today: date, now: datetime) -> int:
    with transaction.atomic():
        directory = directories.current(mall.pk)
        due = list(_waiting(mall, today).select_for_update(of=("self",)).order_by("pk")[:BATCH])
        Accrual.objects.for_mall(mall).filter(pk__in=[each.pk for each in due]).update(state=State.MATURED)
        posting.post(directory, [_due_line(each) for each in due], now=now)
    return len(due)


def _waiting(mall: Mall, today: date) -> QuerySet[Accrual]:
    waiting = Accrual.objects.for_mall(mall).filter(state=State.PENDING, matures_on__lte=today)
    return waiting.select_related("redemption__coupon")


def _take_back_openings(mall: Mall, today: date, now: datetime) -> None:
    refunded = _waiting(mall, today).filter(kind=Accrual.Kind.OPENING, payment__refunded_fen=F("payment__amount_fen"))
    days = {each.pk: each.matures_on for each in refunded}
    if days:
        deals.hold_all(mall.pk)
        _take_back(directories.current(mall.pk), days, now)


def claw_back(directory: Directory, reversals: Sequence[Undone], *, now: datetime) -> int:
    """Take back what redemptions earned that are undone in this transaction; returns how many accruals."""
    if not reversals:
        return 0
    deals.hold_all(directory.mall_id)
    days = {undone.redemption.pk: undone.reversal.day for undone in reversals}
    earned = Accrual.objects.for_mall(directory.mall_id).filter(kind=Accrual.Kind.REDEMPTION, redemption__in=days)
    found = dict(earned.values_list("pk", "redemption"))
    return _take_back(directory, {pk: days[redemption] for pk, redemption in found.items()}, now)


def _take_back(directory: Directory, days: dict[int, date], now: datetime) -> int:
    """Take back accruals, each on its day: their amounts, from where they are by now, and their credits."""
    if not days:
        return 0
    rows = Accrual.objects.for_mall(directory.mall_id).filter(pk__in=days).exclude(state=State.CLAWED_BACK)
    held = list(rows.select_related("redemption__coupon").select_for_update(of=("self",)).order_by("pk"))
    rows.update(state=State.CLAWED_BACK)
    posting.post(directory, [_back_line(each, days[each.pk]) for each in held], now=now)
    credits.take_back(directory.mall_id, [(each, days[each.pk]) for each in held if each.credits], now=now)
    return len(held)


def _due(accrual: Accrual) -> Key:
    return Key("rebate", None, accrual.provider_id)


def _due_line(accrual: Accrual) -> Line:
    return _line(EntryKind.MATURITY, accrual, pending(accrual.provider_id), _due(accrual), accrual.matures_on)


def _back_line(accrual: Accrual, day: date) -> Line:
    is_due = accrual.state == State.MATURED
    return _line(EntryKind.CLAWBACK, accrual, _due(accrual) if is_due else pending(accrual.provider_id), EXPENSE, day)


def _line(kind: str, accrual: Accrual, debit: Key, credit: Key, day: date) -> Line:
    coupon = accrual.redemption and accrual.redemption.coupon
    return Line(
        kind, accrual.pk, debit, credit, accrual.amount_fen, day, store_id=accrual.store_id,
        rule_id=coupon and coupon.rule_id, coupon_id=coupon and coupon.pk,
    )  # fmt: skip
