"""Proof that what is counted agrees with what is written down, for one mall: the lines of `manage.py check_ledger`."""

import re
from collections.abc import Iterable, Iterator

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from analytics import recount
from coupons.engine.limits import window
from coupons.models import Coupon, CouponClosure, Decision, LimitCounter, Redemption
from coupons.models.coupon import CouponState, Outcome
from mallops.lib.dates import clock
from merchants.models import Mall
from payments.models import Payment, Refund
from settlements import check as settlements

_WINDOW = re.compile(r"r(\d+)\.s\d+\.w(\d+)\.")


def problems(mall: Mall) -> Iterator[str]:
    """One line for each disagreement; none if all is well. Reads the whole ledger of the mall."""
    with recount.one_snapshot():
        yield from refunded_amounts(mall)
        yield from local_days(mall)
        yield from coupon_states(mall)
        yield from limit_counters(mall)
        yield from settlements.problems(mall)
        yield from recount.differences(mall.pk)


def refunded_amounts(mall: Mall) -> Iterator[str]:
    refunds = Refund.objects.for_mall(mall).order_by().values_list("payment").annotate(total=Sum("amount_fen"))
    summed = dict(refunds)
    counted = dict(Payment.objects.for_mall(mall).filter(refunded_fen__gt=0).values_list("pk", "refunded_fen"))
    for pk in sorted(summed.keys() | counted.keys()):
        if summed.get(pk, 0) != counted.get(pk, 0):
            yield f"payment {pk}: refunded_fen is {counted.get(pk, 0)}, its refunds sum to {summed.get(pk, 0)}"


def local_days(mall: Mall) -> Iterator[str]:
    """Days and hours as cut when written down, against the mall's zone."""
    local = clock(mall.time_zone).day_hour
    rows = Payment.objects.for_mall(mall).values_list("pk", "paid_at", "day", "hour")
    for pk, paid_at, day, hour in rows.iterator(20_000):
        if local(paid_at) != (day, hour):
            yield f"payment {pk}: filed under {day} {hour}:00, but {paid_at} is another hour in {mall.time_zone}"


def coupon_states(mall: Mall) -> Iterator[str]:
    """A coupon's state follows from its last redemption, whether that was reversed, and its closure."""
    last = Redemption.objects.for_mall(mall).filter(coupon=OuterRef("pk")).order_by("-turn")
    rows = Coupon.objects.for_mall(mall).annotate(
        last_turn=Subquery(last.values("turn")[:1]),
        undone=Subquery(last.annotate(n=Count("reversals")).values("n")[:1]),
        ending=Subquery(CouponClosure.objects.for_mall(mall).filter(coupon=OuterRef("pk")).values("kind")[:1]),
    )
    for pk, state, turn, last_turn, undone, ending in rows.values_list(
        "pk", "state", "turn", "last_turn", "undone", "ending"
    ).iterator(20_000):
        # A use in time may become known after the coupon was closed as expired; of a revoked one it is refused.
        used = last_turn and not undone
        says = CouponState.REDEEMED if used else ending or CouponState.ISSUED
        if state != says or turn != (last_turn or 0) or (used and ending == "revoked"):
            yield f"coupon {pk}: state {state}, turn {turn}, but its rows say {says}, turn {last_turn or 0}"


def limit_counters(mall: Mall) -> Iterator[str]:
    """Each counter against the rows it counts. Counts of a day, of a run of days or of a store begin when a limit on
    them is set, so they may be lower than the rows; all others are equal, and none is missing."""
    counters = dict(LimitCounter.objects.for_mall(mall).values_list("key", "used"))
    totals, at_most = counted_limits(mall), counted_since_limited(mall, counters)
    for key in sorted(counters.keys() | {key for key, count in totals.items() if count}):
        used = counters.get(key, 0)
        if key in at_most and used <= at_most[key]:
            continue
        if used != totals.get(key, 0):
            yield f"limit {key}: counter says {used}, the rows say {totals.get(key, at_most.get(key, 0))}"


def counted_limits(mall: Mall) -> dict[str, int]:
    """What the counters of totals must say, by key (see `coupons.engine.limits`)."""
    counted: dict[str, int] = {}
    coupons = Coupon.objects.for_mall(mall).order_by()
    for stock, count, cost in coupons.values_list("stock").annotate(Count("id"), Sum("cost_fen")):
        counted[f"k{stock}.n"], counted[f"k{stock}.m"] = count, cost
    for rule, cost in coupons.values_list("rule").annotate(Sum("cost_fen")):
        counted[f"r{rule}.m"] = cost
    decided = Decision.objects.for_mall(mall).order_by().exclude(outcome=Outcome.REFUSED)
    for rule, count in decided.filter(outcome=Outcome.AWARDED).values_list("rule").annotate(Count("id")):
        counted[f"r{rule}.n"] = count
    for rule, shopper, count in decided.values_list("rule", "shopper").annotate(Count("id")):
        counted[f"r{rule}.s{shopper}"] = count
    return counted


def counted_since_limited(mall: Mall, keys: Iterable[str]) -> dict[str, int]:
    """What the counters of days, of runs of days and of stores say at most. The day is that of the payment or claim."""
    counted: dict[str, int] = {}
    day, store = Coalesce("payment__day", "claim__day"), Coalesce("payment__store", "claim__store")
    coupons = Coupon.objects.for_mall(mall).order_by()
    for rule, on, cost in coupons.values_list("rule", day).annotate(Sum("cost_fen")):
        counted[f"r{rule}.m.{on}"] = cost
    decided = Decision.objects.for_mall(mall).order_by().exclude(outcome=Outcome.REFUSED)
    awarded = decided.filter(outcome=Outcome.AWARDED)
    for rule, on, count in awarded.values_list("rule", day).annotate(Count("id")):
        counted[f"r{rule}.n.{on}"] = count
    for rule, at, count in awarded.values_list("rule", store).annotate(Count("id")):
        counted[f"r{rule}.t{at}.n"] = count
    lengths = lengths_of_windows(keys)
    for rule, shopper, on, count in decided.values_list("rule", "shopper", day).annotate(Count("id")):
        counted[f"r{rule}.s{shopper}.{on}"] = count
        for days in lengths.get(rule, ()):
            key = f"r{rule}.s{shopper}.w{days}.{window(on, days)}"
            counted[key] = counted.get(key, 0) + count
    return counted


def lengths_of_windows(keys: Iterable[str]) -> dict[int, set[int]]:
    """The lengths in days of the runs that counters of each rule count in."""
    found: dict[int, set[int]] = {}
    for key in keys:
        if match := _WINDOW.match(key):
            found.setdefault(int(match[1]), set()).add(int(match[2]))
    return found
