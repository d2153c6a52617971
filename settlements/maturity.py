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
from .models import Accrual, Entry, EntryKind
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
        due = _waiting(mall, today).select_for_update().order_by("matures_on", "pk")  # as the index has them
        rows = list(due.values_list("pk", "provider", "amount_fen", "matures_on")[:BATCH])
        ids = [pk for pk, *_rest in rows]
        Accrual.objects.for_mall(mall).filter(pk__in=ids).update(state=State.MATURED)
        earned = Entry.objects.for_mall(mall).filter(kind=EntryKind.ACCRUAL, source_id__in=ids)
        about = {source: rest for source, *rest in earned.values_list("source_id", "store", "rule", "coupon")}
        lines = [
            Line(EntryKind.MATURITY, pk, pending(provider), due_account(provider), fen, day, 0, *about.get(pk, ()))
            for pk, provider, fen, day in rows
        ]
        posting.post(directories.current(mall.pk), lines, now=now)
    return len(rows)


def due_account(provider_id: int) -> Key:
    return Key("rebate", None, provider_id)


def _waiting(mall: Mall, today: date) -> QuerySet[Accrual]:
    return Accrual.objects.for_mall(mall).filter(state=State.PENDING, matures_on__lte=today)


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


def _back_line(accrual: Accrual, day: date) -> Line:
    is_due = accrual.state == State.MATURED
    where = (due_account if is_due else pending)(accrual.provider_id)
    coupon = accrual.redemption and accrual.redemption.coupon
    return Line(
        EntryKind.CLAWBACK, accrual.pk, where, EXPENSE, accrual.amount_fen, day, store_id=accrual.store_id,
        rule_id=coupon and coupon.rule_id, coupon_id=coupon and coupon.pk,
    )  # fmt: skip
