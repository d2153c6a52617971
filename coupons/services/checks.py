"""What stands in the way of a rule's terms. Looks, changes nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from coupons import payers, widening
from coupons.engine.conditions import FACTS, leaves
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import Rule, Stock
from coupons.models.rule import RuleState
from coupons.models.stock import Validity
from mallops.lib import dates
from merchants.models import Category, Mall, Merchant, ServiceProvider, Store
from merchants.queries import directory
from merchants.queries.providers import barred as barred_providers

Problems = list[tuple[str, list]]
_MODELS = {"store": Store, "category": Category, "stock": Stock, "merchant": Merchant, "provider": ServiceProvider}
_VALUES = {"stores": "store", "categories": "category", "stocks": "stock"}  # of conditions, by their type


class RuleError(Exception):
    """A step that cannot be taken. `problems` are pairs of a code and the ids or fields it is about.

    Codes: wrong_state; bad_terms (fields); foreign_store, foreign_category, foreign_stock, foreign_merchant,
    foreign_provider (ids not of the mall); barred_provider (ids of those that may not pay); closed_stock, expired_stock
    (ids); over (the last day has passed); narrows (fields by which a live rule would take something away);
    holdout_fixed (the control group of a rule that ran); not_proposed; consent_missing (numbers of payers);
    consent_moved (the answer does not fit the invitation any more); reason_missing.
    """

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.problems = problems


def raise_any(problems: Problems) -> None:
    if problems:
        raise RuleError(problems)


def read(stored: dict[str, Any]) -> RuleTerms:
    """Stored terms as a value. Raises RuleError for a draft that is not complete."""
    try:
        return RuleTerms.from_json(stored)
    except BadTerms as error:
        raise RuleError([("bad_terms", sorted(error.errors))]) from error


def problems_of(rule: Rule, terms: RuleTerms, *, now: datetime) -> Problems:
    """Why a rule may not run by these terms from `now`, beside what the terms themselves check."""
    return [
        *foreign(rule.mall, terms),
        *barred(rule.mall, paying(terms)),
        *past(rule.mall, terms, now=now),
        *against_running(rule, terms),
    ]


def foreign(mall: Mall, terms: RuleTerms) -> Problems:
    """The ids in terms that name nothing of the mall."""
    return [
        problem
        for name, ids in ids_in(terms).items()
        for problem in _problem(f"foreign_{name}", _not_of(mall, _MODELS[name], ids))
    ]


def ids_in(terms: RuleTerms) -> dict[str, set[int]]:
    """All ids that terms and their conditions name, by what they are of."""
    pay = paying(terms)
    ids = {
        "store": set(terms.stores),
        "category": set(terms.categories),
        "stock": {stock for stock, _count in terms.award},
        "merchant": payers.merchants(pay),
        "provider": payers.providers(pay),
    }
    for leaf in leaves(terms.conditions):
        ids["store"].update(leaf.stores)
        ids["category"].update(leaf.categories)
        if kind := _VALUES.get(FACTS[leaf.fact].type):
            ids[kind].update(leaf.value)
    return ids


def paying(terms: RuleTerms) -> list[int]:
    """The numbers of those who have a share."""
    return [payer for payer, _bp in terms.shares]


def barred(mall: Mall, paying: Iterable[int]) -> Problems:
    """The providers among payers that may not pay: not approved, suspended or terminated."""
    asked = payers.providers(paying)
    found = barred_providers(mall).filter(pk__in=asked).values_list("pk", flat=True) if asked else []
    return _problem("barred_provider", found)


def past(mall: Mall, terms: RuleTerms, *, now: datetime) -> Problems:
    """What is closed or over."""
    today = dates.today(mall.time_zone, now)
    stocks = Stock.objects.filter(mall=mall, pk__in=[stock for stock, _count in terms.award])
    closed = stocks.exclude(closed_at=None)
    expired = stocks.filter(closed_at=None, validity=Validity.FIXED, valid_until_day__lt=today)
    return [
        *_problem("closed_stock", closed.values_list("pk", flat=True)),
        *_problem("expired_stock", expired.values_list("pk", flat=True)),
        *_problem("over", [terms.ends_on] if terms.ends_on and terms.ends_on < today else []),
    ]


def against_running(rule: Rule, terms: RuleTerms) -> Problems:
    """What a version that runs or ran forbids: a live rule only widens, and the control group stays as it was drawn."""
    if rule.version is None:
        return []
    running = RuleTerms.from_json(rule.version.terms)
    problems = _problem("holdout_fixed", ["holdout_bp"] if running.holdout_bp != terms.holdout_bp else [])
    if rule.state == RuleState.LIVE:
        problems += _problem("narrows", widening.narrowed(running, terms, directory.current(rule.mall_id)))
    return problems


def _not_of(mall: Mall, model: type[models.Model], ids: set[int]) -> set[int]:
    return ids - set(model.objects.filter(mall=mall, pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _problem(code: str, about: Iterable[Any]) -> Problems:
    return [(code, found)] if (found := sorted(about)) else []
