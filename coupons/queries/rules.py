"""Rules of a mall and what they did."""

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from coupons.models import Boost, Consent, Rule, RuleVersion, Stock
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from merchants.access import active
from merchants.models import AuditEntry, Mall, Store
from merchants.queries import directory as directories
from merchants.queries.directory import Directory

from .limits import used_by

SHOWN_AT_MOST = 2_000  # newest rows of a log that can be paged through
SCHEDULED = "scheduled"  # shown for a live rule that starts later


def rule_rows(mall: Mall, *, today: date, state: str = "", store: Store | None = None) -> QuerySet[Rule]:
    """Rules of a mall, each with `awarded` awards, `claimed_fen`, what these cost at most, and `refused`.

    With `store`: those that a payment at the store can meet, by their running version or else their draft. A live rule
    whose first day is after `today` (of the mall) is scheduled.
    """
    rules = mall.rules.select_related("version", "proposed")
    rules = rules.annotate(awarded=used_by("r", ".n"), claimed_fen=used_by("r", ".m"), refused=refused())
    rules = rules.annotate(rests=rests())
    if state == SCHEDULED:
        dated = rules.filter(state=RuleState.LIVE).exclude(version__terms__starts_on=None)
        rules = dated.filter(version__terms__starts_on__gt=today.isoformat())
    elif state:
        rules = rules.filter(state=state)
    return rules.filter(pk__in=_meeting(store)) if store else rules


def refused() -> Exists:
    """For annotating rules: whether somebody does not agree to the proposed version."""
    answers = Consent.objects.filter(version=OuterRef("proposed"))
    return Exists(answers.filter(state__in=[ConsentState.DECLINED, ConsentState.WITHDRAWN]))


def rests() -> Exists:
    """For annotating rules: whether what runs awards nothing, as a provider that pays for it may not."""
    asked = Consent.objects.filter(version=OuterRef("version"), provider__isnull=False)
    return Exists(asked.exclude(active("provider__")))


def _meeting(store: Store) -> list[int]:
    """Ids of the rules that a payment at the store can meet. Terms are JSON, so they are read here."""
    directory = directories.current(store.mall_id)
    rows = Rule.objects.filter(mall=store.mall_id).values_list("pk", "version__terms", "draft")
    return [pk for pk, running, draft in rows if _reaches(running or draft, store.pk, directory)]


def _reaches(terms: dict, store_id: int, directory: Directory) -> bool:
    stores, categories = terms.get("stores") or (), terms.get("categories") or ()
    return not (stores or categories) or store_id in directory.stores_in(stores, categories)


def versions_of(rule: Rule) -> QuerySet[RuleVersion]:
    """All versions, also those that never ran, newest first."""
    return rule.versions.select_related("published_by").order_by("-number")


def audit_rows(obj: Rule | Stock | Mall) -> QuerySet[AuditEntry]:
    """The latest changes of a rule, a stock or the mall's settings, newest first."""
    if isinstance(obj, Mall):
        entries = AuditEntry.objects.filter(mall=obj, action="mall_changed")
    else:
        entries = AuditEntry.objects.filter(mall=obj.mall_id, object_type=obj._meta.label, object_id=str(obj.pk))
    return entries.select_related("actor").order_by("-at", "-pk")[:50]


def boosts_of(rule: Rule, day: date) -> QuerySet[Boost]:
    """The boosts of a rule that are not over on a local day, with their providers."""
    return rule.boosts.filter(until_day__gt=day).select_related("provider").order_by("from_day", "pk")
