"""All that rules decided on a payment or a claim, told.

For the mall only: a decision names the shopper, other merchants' rules and limits. Each function begins with the mall.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Min, QuerySet

from coupons import enough, explain
from coupons.engine.terms import RuleTerms
from coupons.explain import Line
from coupons.models import Claim, Coupon, Decision, Rule
from coupons.models.rule import RuleState
from coupons.sentences import Names
from mallops.lib.format import moment
from merchants.models import Mall
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
    told: rules are looked at by their present version."""
    directory = directories.current(mall.pk)
    entry = directory.by_id[payment.store_id]
    rules = mall.rules.filter(state__in=[RuleState.LIVE, RuleState.PAUSED]).exclude(pk__in=list(asked))
    is_purged = payment.recorded_at < now - timedelta(days=settings.REFUSALS_KEPT_DAYS)
    found = []
    for rule in rules.select_related("version").annotate(first=Min("versions__launched_at")).order_by("pk"):
        terms = RuleTerms.from_json(rule.version.terms)
        below = set().union(*(directory.subtree.get(chosen, ()) for chosen in terms.categories))
        is_anywhere = not terms.stores and not terms.categories
        launched = rule.first and rule.first > payment.recorded_at
        said = explain.not_asked(
            terms, names,
            fits=is_anywhere or entry.id in terms.stores or entry.category_id in below,
            launched=moment(rule.first, mall.time_zone) if launched else None,
            kept_days=settings.REFUSALS_KEPT_DAYS if is_purged else None,
        )  # fmt: skip
        found.append(NotAsked(rule, said))
    return found


def explanation(mall: Mall, cause: Payment | Claim, now: datetime) -> tuple[list[Verdict], list[NotAsked]]:
    """All there is to say about a payment or a claim: the rules asked, and for a payment those not asked."""
    names = names_of(mall)
    asked = verdicts(mall, cause, names)
    if isinstance(cause, Claim):
        return asked, []
    return asked, not_asked(mall, cause, [verdict.decision.rule_id for verdict in asked], names, now)
