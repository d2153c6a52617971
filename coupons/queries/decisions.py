"""The decision log of a rule."""

from django.db.models import QuerySet

from coupons.models import Decision, Rule

from .rules import SHOWN_AT_MOST


def decision_rows(rule: Rule, *, outcome: str = "") -> QuerySet[Decision]:
    """The newest decisions of a rule."""
    decisions = Decision.objects.for_mall(rule.mall_id).filter(rule=rule)
    if outcome:
        decisions = decisions.filter(outcome=outcome)
    related = decisions.select_related("payment__store", "claim__store", "rule_version")
    return related.order_by("-decided_at", "-pk")[:SHOWN_AT_MOST]
