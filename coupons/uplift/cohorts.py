"""Who is compared: the shoppers to whom a rule said yes, by what its first yes was.

Intention to treat: a shopper belongs to the group of the first decision that was an award or was held out, whether
the coupon was used or not. The window runs from that decision to the end of the longest of the coupons it gave or
would have given; only windows that are over are compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import Q, QuerySet

from coupons.engine.control import is_held_out_of_all
from coupons.engine.terms import RuleTerms
from coupons.issuing import validity
from coupons.models import Decision, Rule, RuleVersion, Stock
from coupons.models.coupon import Outcome
from mallops.lib import dates
from merchants.models import Mall
from payments.models import Shopper

if TYPE_CHECKING:
    import numpy as np


ROWS = 20_000  # read at a time


class First(NamedTuple):
    """The first yes to a shopper. Moments in seconds since 1970; `payment_id` earned it, if a payment did."""

    shopper_id: int
    is_treated: bool
    given_at: int
    ends_at: int
    payment_id: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """`firsts` has the columns of `First`, by shopper. `running` shoppers have windows that are not over, `left_out`
    are those who met the rule under another share of control group, or belong to that of the whole mall."""

    firsts: "np.ndarray"
    versions: list[RuleVersion]
    running: int = 0
    left_out: int = 0

    @property
    def is_treated(self) -> "np.ndarray":
        return self.firsts["is_treated"].astype(bool)


def cohort_of(rule: Rule, now: datetime) -> Cohort:
    """The shoppers of a rule whose windows are over at `now`."""
    versions = steady_versions(rule)
    clocks = {version.pk: Clock(rule.mall.time_zone, version) for version in versions}
    firsts, left_out = [], 0
    for shopper_id, outcome, given_at, payment_id, version_id in _first_decisions(rule):
        if version_id not in clocks or in_mall_group(rule.mall, shopper_id):
            left_out += 1
            continue
        ends_at = clocks[version_id].end(given_at)
        treated = outcome == Outcome.AWARDED
        firsts.append(First(shopper_id, treated, int(given_at.timestamp()), int(ends_at.timestamp()), payment_id or 0))
    over = [first for first in firsts if first.ends_at <= now.timestamp()]
    return Cohort(_columns(over), versions, running=len(firsts) - len(over), left_out=left_out)


def cohort_of_mall(mall: Mall, now: datetime) -> Cohort | None:
    """All shoppers of a mall: who is in its control group against all others, since its first ghost issue and up to
    the last whole local day. None if there is no group, or no such day yet."""
    began = _mall_group_began(mall)
    ends_at = dates.day_start(dates.today(mall.time_zone, now), mall.time_zone)
    if began is None or began >= ends_at:
        return None
    window = int(began.timestamp()), int(ends_at.timestamp())
    shoppers = Shopper.objects.for_mall(mall).filter(created_at__lt=ends_at).values_list("pk", flat=True)
    firsts = [First(pk, not in_mall_group(mall, pk), *window, 0) for pk in shoppers.iterator(chunk_size=ROWS)]
    return Cohort(_columns(firsts), [])


def _mall_group_began(mall: Mall) -> datetime | None:
    """When a rule first kept a coupon from a shopper because of the mall's group as large as it is now."""
    began = []
    for rule in mall.rules.filter(version__isnull=False):
        ghosts = Decision.objects.for_mall(mall).filter(rule=rule, outcome=Outcome.HELD_OUT).order_by("decided_at")
        rows = ghosts.values_list("decided_at", "trace").iterator(chunk_size=ROWS)
        began += [next((at for at, trace in rows if _names_group(trace, mall.holdout_bp)), None)]
    return min(filter(None, began), default=None)


def _names_group(trace: list, share_bp: int) -> bool:
    """Whether a trace says that the mall's group, of this share, was the reason."""
    return any(check[0] == "control_group" and check[2:] == [share_bp, "mall"] for check in trace)


def steady_versions(rule: Rule) -> list[RuleVersion]:
    """The versions that ran last with one and the same share of control group, newest first: comparing shoppers of
    two shares would mix the groups with the times in which they were large and small."""
    ran = rule.versions.filter(Q(launched_at__isnull=False) | Q(pk=rule.version_id))
    versions = list(ran.order_by("-number").prefetch_related("stocks"))
    return list(takewhile(lambda version: holdout_bp(version) == holdout_bp(versions[0]), versions))


def holdout_bp(version: RuleVersion) -> int:
    return RuleTerms.from_json(version.terms).holdout_bp


class Clock:
    """When the window of a version's decision ends."""

    def __init__(self, zone: str, version: RuleVersion) -> None:
        self.zone = zone
        self.stocks: list[Stock] = list(version.stocks.all())

    def end(self, given_at: datetime) -> datetime:
        return max(validity(stock, self.zone, given_at)[1] for stock in self.stocks)


def said_yes(rule: Rule) -> QuerySet[Decision]:
    """The awards and ghost issues of a rule to known shoppers, in the order of time."""
    yes = [Outcome.AWARDED, Outcome.HELD_OUT]
    decisions = Decision.objects.for_mall(rule.mall_id).filter(rule=rule, outcome__in=yes, shopper__isnull=False)
    return decisions.order_by("decided_at", "pk")


def _first_decisions(rule: Rule) -> Iterable[tuple]:
    """Shopper, outcome, moment, payment and version of the first yes to each shopper."""
    rows = said_yes(rule).values_list("shopper_id", "outcome", "decided_at", "payment_id", "rule_version_id")
    firsts: dict[int, tuple] = {}
    for row in rows.iterator(chunk_size=ROWS):
        firsts.setdefault(row[0], row)
    return firsts.values()


def in_mall_group(mall: Mall, shopper_id: int) -> bool:
    """Whether a shopper is in the control group of the whole mall."""
    return is_held_out_of_all(settings.SHOPPER_KEY, mall.holdout_bp, shopper_id)


def _columns(firsts: list[First]) -> "np.ndarray":
    import numpy as np

    return np.array(sorted(firsts), dtype=[(name, np.int64) for name in First._fields])
