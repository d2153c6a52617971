"""How long decisions are kept: awards and ghost issues for good, refusals for REFUSALS_KEPT_DAYS."""

from datetime import datetime

from coupons.models import Decision, Rule
from coupons.models.coupon import Outcome

BLOCK = 2_000


def purge_refusals(*, mall_id: int, before: datetime, block: int = BLOCK) -> int:
    """Delete a mall's refusals decided before a moment, some at a time, each time in a transaction of its own;
    returns how many. Stopped half-way, the next call goes on; rule by rule, as the index lies."""
    rules = Rule.objects.filter(mall=mall_id).order_by("pk").values_list("pk", flat=True)
    return sum(_purge_rule(mall_id, rule_id, before, block) for rule_id in rules)


def _purge_rule(mall_id: int, rule_id: int, before: datetime, block: int) -> int:
    refused = Decision.objects.for_mall(mall_id).filter(rule=rule_id, outcome=Outcome.REFUSED, decided_at__lt=before)
    total, reached = 0, None
    while True:
        # From where the last block ended, so that the awards among them are passed once.
        rows = refused.filter(decided_at__gte=reached) if reached else refused
        found = list(rows.order_by("decided_at").values_list("pk", "decided_at")[:block])
        if not found:
            return total
        reached = found[-1][1]
        total += Decision.objects.for_mall(mall_id).filter(pk__in=[pk for pk, _at in found]).delete()[0]
