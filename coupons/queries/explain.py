"""All that rules decided on a payment or a claim, told.

For the mall only: a decision names the shopper, other merchants' rules and limits. Each function begins with the mall.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Min, OuterRef, QuerySet, Subquery

from coupons import enough, explain, nearby
from coupons.engine.terms import RuleTerms
from coupons.explain import Line
from coupons.models import Claim, Coupon, Decision, Rule, RuleVersion
from coupons.models.rule import RuleState
from coupons.sentences import Names
from mallops.lib.format import moment
from merchants.models import AuditEntry, Mall
from merchants.queries import directory as directories
from payments.models import Payment

from .names import names_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule decided, told. `enough` is what had to be otherwise, as far as was looked (`skipped`: not at the
    conditions); `coupons` are those it made."""

    decision: Decision
    lines: list[Line]
    enough: list[str]
    coupons: list[Coupon] = field(default_factory=list)
    skipped: bool = False


def verdicts(mall: Mall, cause: Payment | Claim, names: Names) -> list[Verdict]:
    """Every rule that was asked, in ranking order."""
    asked = _of(Decision, mall, cause).select_related("rule", "rule_version").order_by("pk")
    rules = {decision.rule_id: decision.rule.name for decision in asked}
    made: dict[int, list[Coupon]] = {}
    for coupon in _of(Coupon, mall, cause).select_related("stock").order_by("stock", "serial"):
        made.setdefault(coupon.rule_version_id, []).append(coupon)
    return [told(decision, names, rules, made.get(decision.rule_version_id, [])) for decision in asked]


def verdict_on(mall: Mall, decision: Decision, names: Names) -> Verdict:
    """One decision with its coupons; a rule that won the ranking against it is named."""
    made = _of(Coupon, mall, decision.payment or decision.claim).filter(rule_version=decision.rule_version_id)
    won = [actual for name, ok, _expected, actual in decision.trace if name == "group" and not ok]
    rules = {rule.pk: rule.name for rule in mall.rules.filter(pk__in=won)} if won else {}
    return told(decision, names, rules, made.select_related("stock").order_by("stock", "serial"))


def told(decision: Decision, names: Names, rules: dict[int, str], coupons: Iterable[Coupon]) -> Verdict:
    """A decision whose `rule_version` is loaded; `rules` are names of rules by id."""
    terms = RuleTerms.from_json(decision.rule_version.terms)
    trace = decision.trace
    return Verdict(
        decision, explain.lines(trace, terms, names, rules), enough.enough(trace, terms, names), list(coupons),
        explain.skips_conditions(trace, terms),
    )  # fmt: skip


def _of(model, mall: Mall, cause: Payment | Claim) -> QuerySet:
    return model.objects.for_mall(mall).filter(**{"payment" if isinstance(cause, Payment) else "claim": cause})


class NotAsked(NamedTuple):
    rule: Rule
    said: str


def not_asked(mall: Mall, payment: Payment, asked: Iterable[int], names: Names, now: datetime) -> list[NotAsked]:
    """The rules that run or pause now and left no line on a payment, each with the reason, as far as it can still be
    told: by the version that ran when the payment was recorded, or the present one of a rule that never ran before."""
    directory, at = directories.current(mall.pk), payment.recorded_at
    paused = paused_at(mall, at)
    is_purged = at < now - timedelta(days=settings.REFUSALS_KEPT_DAYS)

    def said(rule: Rule) -> str:
        terms = RuleTerms.from_json(rule.terms_then or rule.version.terms)
        return explain.not_asked(
            terms, names,
            fits=nearby.offers(directory, terms, payment.store_id),
            launched=moment(rule.first, mall.time_zone) if rule.first and rule.first > at else None,
            paused=rule.pk in paused,
            kept_days=settings.REFUSALS_KEPT_DAYS if is_purged else None,
        )  # fmt: skip

    return [NotAsked(rule, said(rule)) for rule in _running_at(mall, at).exclude(pk__in=list(asked))]


def _running_at(mall: Mall, at: datetime) -> QuerySet[Rule]:
    """The rules that run or pause now, each with `first`, when it was first launched, and `terms_then`, by which it ran
    at a moment."""
    launched = RuleVersion.objects.filter(rule=OuterRef("pk"), launched_at__lte=at).order_by("-launched_at")
    rules = mall.rules.filter(state__in=[RuleState.LIVE, RuleState.PAUSED]).select_related("version")
    then = Subquery(launched.values("terms")[:1])
    return rules.annotate(first=Min("versions__launched_at"), terms_then=then).order_by("pk")


def paused_at(mall: Mall, at: datetime) -> set[int]:
    """Ids of the rules of which the audit trail says that they were paused at a moment."""
    steps = AuditEntry.objects.filter(mall=mall, object_type=Rule._meta.label, at__lte=at, changes__has_key="state")
    states = dict(steps.order_by("at", "pk").values_list("object_id", "changes__state__1"))
    return {int(pk) for pk, state in states.items() if state == RuleState.PAUSED}


def explanation(mall: Mall, cause: Payment | Claim, now: datetime) -> tuple[list[Verdict], list[NotAsked]]:
    """All there is to say about a payment or a claim: the rules asked, and for a payment those not asked."""
    names = names_of(mall)
    asked = verdicts(mall, cause, names)
    if isinstance(cause, Claim):
        return asked, []
    return asked, not_asked(mall, cause, [verdict.decision.rule_id for verdict in asked], names, now)
