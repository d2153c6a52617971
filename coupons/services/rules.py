"""The life of a rule: draft, live, paused, ended. A published version never changes; a change is another version."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models, transaction

from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Rule, RuleVersion, Stock
from coupons.models.rule import RuleState
from coupons.models.stock import Validity
from mallops.lib import dates
from merchants.models import Category, Mall, Store, User
from merchants.services import audit

# From which states a step may be taken.
STEPS = {
    "publish": {RuleState.DRAFT, RuleState.LIVE, RuleState.PAUSED},
    "pause": {RuleState.LIVE},
    "resume": {RuleState.PAUSED},
    "end": {RuleState.LIVE, RuleState.PAUSED},
}


class RuleError(Exception):
    """A step that cannot be taken. `problems` are pairs of a code and the ids or fields it is about.

    Codes: wrong_state, bad_terms (fields), foreign_store, foreign_category, foreign_stock (ids not of the mall),
    closed_stock, expired_stock (ids), over (the last day has passed).
    """

    def __init__(self, problems: list[tuple[str, list]]) -> None:
        super().__init__(problems)
        self.problems = problems


def save_draft(*, mall: Mall, rule: Rule | None, name_zh: str, name_en: str, terms: RuleTerms, by: User) -> Rule:
    """Keep terms as the draft of a new rule (None) or of one that has not ended; what runs stays as it is.

    Raises RuleError for an ended rule and for ids that are not of the mall.
    """
    _raise_any(foreign(mall, terms))
    draft = json.loads(json.dumps(terms.to_json()))  # lists for tuples, as it will come back from the database
    values = {"name_zh": name_zh, "name_en": name_en, "draft": draft}
    with transaction.atomic():
        if rule is None:
            kept, before, action = Rule(mall=mall, created_by=by), {}, "rule_created"
        else:
            kept, action = _held(rule, STEPS["publish"]), "rule_changed"
            before = {name: getattr(kept, name) for name in values}
        for name, value in values.items():
            setattr(kept, name, value)
        if changes := audit.changed(before, values):
            kept.save()
            audit.record(actor=by, mall=mall, action=action, obj=kept, changes=changes)
    return kept


def publish(*, rule: Rule, now: datetime, by: User) -> RuleVersion:
    """Freeze the draft as the next version and let it run. Raises RuleError."""
    with transaction.atomic():
        kept = _held(rule, STEPS["publish"])
        terms = publishable(kept, now=now)
        last = kept.versions.aggregate(last=models.Max("number"))["last"] or 0
        version = RuleVersion.objects.create(
            rule=kept, number=last + 1, terms=kept.draft, published_at=now, published_by=by
        )
        version.stocks.set({stock for stock, _count in terms.award})
        _move(kept, RuleState.LIVE, "rule_published", by, version=version)
    return version


def pause(*, rule: Rule, by: User) -> None:
    """Award nothing until resumed; coupons already issued stay valid. Raises RuleError."""
    _step(rule, "pause", RuleState.PAUSED, "rule_paused", by)


def resume(*, rule: Rule, by: User) -> None:
    """Let the running version award again. Raises RuleError."""
    _step(rule, "resume", RuleState.LIVE, "rule_resumed", by)


def end(*, rule: Rule, by: User) -> None:
    """Stop for good. Raises RuleError."""
    _step(rule, "end", RuleState.ENDED, "rule_ended", by)


def publishable(rule: Rule, *, now: datetime) -> RuleTerms:
    """The draft's terms, fit to run from `now`. Raises RuleError."""
    try:
        terms = RuleTerms.from_json(rule.draft)
    except BadTerms as error:
        raise RuleError([("bad_terms", sorted(error.errors))]) from error
    today = dates.today(rule.mall.time_zone, now)
    problems = foreign(rule.mall, terms)
    stocks = Stock.objects.filter(mall=rule.mall, pk__in=[stock for stock, _count in terms.award])
    closed = stocks.exclude(closed_at=None)
    expired = stocks.filter(closed_at=None, validity=Validity.FIXED, valid_until_day__lt=today)
    problems += _problem("closed_stock", closed.values_list("pk", flat=True))
    problems += _problem("expired_stock", expired.values_list("pk", flat=True))
    problems += _problem("over", [terms.ends_on] if terms.ends_on and terms.ends_on < today else [])
    _raise_any(problems)
    return terms


def foreign(mall: Mall, terms: RuleTerms) -> list[tuple[str, list]]:
    """The ids in terms that name nothing of the mall."""
    return [
        *_problem("foreign_store", _not_of(mall, Store, terms.stores)),
        *_problem("foreign_category", _not_of(mall, Category, terms.categories)),
        *_problem("foreign_stock", _not_of(mall, Stock, [stock for stock, _count in terms.award])),
    ]


def _not_of(mall: Mall, model: type[models.Model], ids: Iterable[int]) -> set[int]:
    wanted = set(ids)
    return wanted - set(model.objects.filter(mall=mall, pk__in=wanted).values_list("pk", flat=True))


def _problem(code: str, about: Iterable[Any]) -> list[tuple[str, list]]:
    return [(code, found)] if (found := sorted(about)) else []


def _raise_any(problems: list[tuple[str, list]]) -> None:
    if problems:
        raise RuleError(problems)


def _held(rule: Rule, states: set[str]) -> Rule:
    """The rule's row, held until the transaction ends so that steps follow each other. Raises RuleError."""
    kept = Rule.objects.select_for_update(of=("self",)).select_related("mall").get(pk=rule.pk)
    if kept.state not in states:
        raise RuleError([("wrong_state", [kept.state])])
    return kept


def _step(rule: Rule, step: str, state: str, action: str, by: User) -> None:
    with transaction.atomic():
        _move(_held(rule, STEPS[step]), state, action, by)


def _move(rule: Rule, state: str, action: str, by: User, *, version: RuleVersion | None = None) -> None:
    """Put a held rule into a state, running `version` if one is given, and note it."""
    before = {"state": rule.state, "version": rule.version and rule.version.number}
    rule.state, rule.version = state, version or rule.version
    after = {"state": state, "version": rule.version and rule.version.number}
    rule.save(update_fields=["state", "version"])
    audit.record(actor=by, mall=rule.mall, action=action, obj=rule, changes=audit.changed(before, after))
