"""Proof of the settlement ledger: its entries against the rows of coupons that they come from, worked out anew, and
closed months against what they were when they were closed. Lines of `manage.py check_ledger`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, TruncMonth

from coupons.models import Coupon, CouponClosure, Redemption, Reversal
from coupons.models.coupon import CouponState
from mallops.lib.dates import next_month
from merchants.models import Mall
from merchants.queries import directory as directories
from merchants.queries.directory import Directory

from . import of_coupons, rebate_check, statement_check, sums
from .accounts import Key, of_payer
from .models import Account, Books, ClosedMonth, Entry, EntryKind, MonthBalance

AT_ONCE = 20_000


class Move(NamedTuple):
    """What an entry must say. A store may have had another merchant then, so who honoured a coupon is left open."""

    line: int
    debit: Key
    credit: Key
    amount_fen: int

    def back(self) -> "Move":
        return Move(self.line, self.credit, self.debit, self.amount_fen)


Moves = tuple[Move, ...]
HONOURED = Key("reimbursement")


def problems(mall: Mall) -> Iterator[str]:
    """One line for each disagreement; none if all is well. Reads the whole ledger of the mall, a part at a time."""
    yield from entries_of_coupons(mall)
    yield from commitments(mall)
    yield from booked_months(mall)
    yield from closed_months(mall)
    yield from month_balances(mall)
    yield from rebate_check.problems(mall)
    yield from statement_check.problems(mall)


def entries_of_coupons(mall: Mall) -> Iterator[str]:
    directory, to = directories.current(mall.pk), "redemption__"
    coupon, use = ("rule_version", "stock", "cost_fen"), ("coupon__rule_version", "coupon__stock", "discount_fen")
    of_issue = [f"coupon__{name}" for name in coupon]
    issue, cost = _issue(directory), _cost(directory)
    Kind = EntryKind
    yield from _compare(mall, Kind.ISSUE, Coupon, coupon, issue)
    yield from _compare(mall, Kind.REDEMPTION, Redemption, use, cost)
    yield from _compare(mall, Kind.REVERSAL, Reversal, [to + name for name in use], _back(cost))
    yield from _compare(mall, Kind.EXPIRY, CouponClosure, of_issue, _back(issue))
    yield from _compare(mall, Kind.RELEASE, Redemption, of_issue, _back(issue), may_lack=True)
    yield from _compare(mall, Kind.RENEWAL, Reversal, [to + name for name in of_issue], issue, may_lack=True)


def _issue(directory: Directory) -> Callable[..., Moves]:
    def moves(version: int, stock: int, fen: int) -> Moves:
        parts = of_coupons.split(directory, version, stock, fen)
        return tuple(
            Move(line, of_payer("commitment", payer), of_coupons.OUTSTANDING, part)
            for line, (payer, part) in enumerate(parts)
            if part
        )

    return moves


def _cost(directory: Directory) -> Callable[..., Moves]:
    def moves(version: int, stock: int, fen: int) -> Moves:
        parts = of_coupons.split(directory, version, stock, fen)
        return tuple(
            Move(line, of_payer("cost", payer), HONOURED, part) for line, (payer, part) in enumerate(parts) if part
        )

    return moves


def _back(moves: Callable[..., Moves]) -> Callable[..., Moves]:
    return lambda *row: tuple(move.back() for move in moves(*row))


def _compare(
    mall: Mall, kind: EntryKind, model, columns: Iterable[str], moves: Callable[..., Moves], *, may_lack: bool = False
) -> Iterator[str]:
    """The entries of a kind against what they should be by the columns of the rows they come from, part by part."""
    accounts = _accounts(mall)
    entries = Entry.objects.for_mall(mall).filter(kind=kind).order_by("source_id", "line")
    sources = model.objects.for_mall(mall).order_by("pk").values_list("pk", *columns)
    last = 0
    while True:
        wanted = {pk: moves(*row) for pk, *row in sources.filter(pk__gt=last)[:AT_ONCE]}
        upto = max(wanted, default=None)
        within = Q(source_id__gt=last) if upto is None else Q(source_id__gt=last, source_id__lte=upto)
        found = _found(entries.filter(within), accounts)
        for source in sorted(wanted.keys() | found.keys()):
            if found.get(source, ()) != wanted.get(source, ()) and not (may_lack and source not in found):
                yield f"{kind} {source}: posted {_text(found.get(source))}, should be {_text(wanted.get(source))}"
        if upto is None:
            return
        last = upto


def _accounts(mall: Mall) -> dict[int, Key]:
    rows = Account.objects.filter(mall=mall).values_list("pk", "kind", "merchant", "provider")
    return {pk: HONOURED if kind == HONOURED.kind else Key(kind, *party) for pk, kind, *party in rows}


def _found(entries: QuerySet[Entry], accounts: dict[int, Key]) -> dict[int, Moves]:
    found: dict[int, Moves] = defaultdict(tuple)
    for source, line, debit, credit, fen in entries.values_list("source_id", "line", "debit", "credit", "amount_fen"):
        found[source] += (Move(line, accounts[debit], accounts[credit], fen),)
    return found


def _text(moves: Moves | None) -> str:
    if not moves:
        return "nothing"
    return ", ".join(f"{move.amount_fen} fen {_name(move.debit)} -> {_name(move.credit)}" for move in moves)


def _name(key: Key) -> str:
    party = f"provider {key.provider_id}" if key.provider_id else key.merchant_id or ""
    return f"{key.kind} {party}".strip()


def commitments(mall: Mall) -> Iterator[str]:
    """A coupon is outstanding at its cost at most while it can be used, at nothing afterwards."""
    outstanding = Q(credit__kind="outstanding")
    posted = (
        Entry.objects.for_mall(mall)
        .filter(outstanding | Q(debit__kind="outstanding"), coupon=OuterRef("pk"))
        .order_by()
        .values("coupon")
        .annotate(fen=Sum(Case(When(outstanding, then=F("amount_fen")), default=-F("amount_fen"))))
    )
    should = Case(When(state=CouponState.ISSUED, then=F("cost_fen")), default=0)
    rows = Coupon.objects.for_mall(mall).annotate(posted=Coalesce(Subquery(posted.values("fen")), 0), should=should)
    for pk, state, posted, fen in rows.exclude(posted=F("should")).values_list("pk", "state", "posted", "should"):
        yield f"coupon {pk}: {posted} fen are outstanding, should be {fen} as it is {state}"


def booked_months(mall: Mall) -> Iterator[str]:
    """An entry is booked in the month of its day; if that is closed, in a later one."""
    open_from = Books.objects.filter(mall=mall).values_list("open_from", flat=True).first()
    entries = Entry.objects.for_mall(mall).annotate(own=TruncMonth("day"))
    late = Q(month__gt=F("own"), own__lt=open_from) if open_from else Q(pk__in=[])
    for entry in entries.exclude(month=F("own")).exclude(late).iterator(AT_ONCE):
        yield f"entry {entry.pk}: of {entry.day}, but booked in {entry.month:%Y-%m}"


def closed_months(mall: Mall) -> Iterator[str]:
    """Nothing was added to a closed month or taken from it; the books are open from the month after the last."""
    rows = Entry.objects.for_mall(mall).order_by().values_list("month").annotate(Count("id"), Sum("amount_fen"))
    now = {month: (count, fen) for month, count, fen in rows}
    closed = list(ClosedMonth.objects.filter(mall=mall).order_by("month"))
    for each in closed:
        was, is_now = (each.entries, each.amount_fen), now.get(each.month, (0, 0))
        if was != is_now:
            yield f"month {each.month:%Y-%m}: closed with {was} entries and fen, now {is_now}"
    books = Books.objects.filter(mall=mall).first()
    if closed and (books is None or books.open_from != next_month(closed[-1].month)):
        yield f"books: open from {books and books.open_from}, but {closed[-1].month:%Y-%m} was closed last"


def month_balances(mall: Mall) -> Iterator[str]:
    """What is kept of each closed month, and of no other, are the sums of its entries by account."""
    closed = set(ClosedMonth.objects.filter(mall=mall).values_list("month", flat=True))
    kept: dict[date, dict[int, tuple[int, int]]] = defaultdict(dict)
    rows = MonthBalance.objects.for_mall(mall).values_list("month", "account", "debits_fen", "credits_fen")
    for month, account, *fen in rows.iterator(AT_ONCE):
        kept[month][account] = tuple(fen)
    for month in sorted(closed | kept.keys()):
        should = sums.of_entries(mall, Q(month=month)) if month in closed else {}
        for account in sorted(a for a in kept[month].keys() | should if kept[month].get(a) != should.get(a)):
            says, is_now = kept[month].get(account), should.get(account)
            yield f"month {month:%Y-%m}, account {account}: kept are debits and credits {says}, should be {is_now}"
