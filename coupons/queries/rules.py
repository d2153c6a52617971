"""Rules of a mall and what they did."""

from collections.abc import Iterable

from django.db.models import QuerySet

from coupons.models import Coupon, Decision, Rule, RuleVersion, Stock
from merchants.models import AuditEntry, Category, Mall, Store
from merchants.queries.directory import subtrees

from .limits import used_by

SHOWN_AT_MOST = 2_000  # newest rows of a log that can be paged through


def rule_rows(mall: Mall, *, state: str = "", store: Store | None = None) -> QuerySet[Rule]:
    """Rules of a mall, each with `awarded` awards and `claimed_fen`, what these cost at most.

    With `store`: those that a payment at the store can meet, by their running version or else their draft.
    """
    rules = mall.rules.select_related("version").annotate(awarded=used_by("r", ".n"), claimed_fen=used_by("r", ".m"))
    if state:
        rules = rules.filter(state=state)
    return rules.filter(pk__in=_meeting(store)) if store else rules


def _meeting(store: Store) -> list[int]:
    """Ids of the rules that a payment at the store can meet. Terms are JSON, so they are read here."""
    below = subtrees(dict(Category.objects.filter(mall=store.mall_id).values_list("id", "parent")))
    above = {category for category, members in below.items() if store.category_id in members}
    rows = Rule.objects.filter(mall=store.mall_id).values_list("pk", "version__terms", "draft")
    return [pk for pk, running, draft in rows if _reaches(running or draft, store.pk, above)]


def _reaches(terms: dict, store_id: int, categories: Iterable[int]) -> bool:
    stores, chosen = terms.get("stores") or (), terms.get("categories") or ()
    return not (stores or chosen) or store_id in stores or not set(categories).isdisjoint(chosen)


def versions_of(rule: Rule) -> QuerySet[RuleVersion]:
    """The published versions, newest first."""
    return rule.versions.select_related("published_by").order_by("-number")


def audit_rows(obj: Rule | Stock) -> QuerySet[AuditEntry]:
    """The latest changes of a rule or a stock, newest first."""
    entries = AuditEntry.objects.filter(mall=obj.mall_id, object_type=obj._meta.label, object_id=str(obj.pk))
    return entries.select_related("actor").order_by("-at", "-pk")[:50]


def decision_rows(rule: Rule, *, outcome: str = "") -> QuerySet[Decision]:
    """The newest decisions of a rule."""
    decisions = Decision.objects.for_mall(rule.mall_id).filter(rule=rule)
    if outcome:
        decisions = decisions.filter(outcome=outcome)
    related = decisions.select_related("payment__store", "rule_version")
    return related.order_by("-decided_at", "-pk")[:SHOWN_AT_MOST]


def coupons_of(decision: Decision) -> QuerySet[Coupon]:
    """The coupons an award made."""
    made = Coupon.objects.for_mall(decision.mall_id).filter(
        payment=decision.payment_id, rule_version=decision.rule_version_id
    )
    return made.select_related("stock").order_by("stock", "serial")
