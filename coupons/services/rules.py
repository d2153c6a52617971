"""The life of a rule: draft, waiting for consent, approved, live, paused, ended.

A version never changes; a change is another version. It runs once all concerned agree (`consents`) and
somebody launches it; until then a live rule goes on as it was.
"""

import json
from datetime import datetime

from django.db import models, transaction

from coupons.engine.terms import RuleTerms
from coupons.models import Rule, RuleVersion, Stock
from coupons.models.rule import RuleState
from merchants.models import Mall, User
from merchants.services import audit

from . import consents
from .checks import Problems, RuleError, against_running, barred, foreign, past, paying, problems_of, raise_any, read
from .holding import held, move

__all__ = ["RuleError", "end", "launch", "pause", "propose", "publish", "recall", "resume", "save_draft", "unpaid"]

# From which states a step may be taken.
RAN = {RuleState.LIVE, RuleState.PAUSED}
ASKING = {RuleState.WAITING, RuleState.APPROVED}
STEPS = {
    "propose": {RuleState.DRAFT} | ASKING | RAN,
    "recall": ASKING | RAN,
    "launch": ASKING | RAN,
    "pause": {RuleState.LIVE},
    "resume": {RuleState.PAUSED},
    "end": ASKING | RAN,
}


def save_draft(*, mall: Mall, rule: Rule | None, name_zh: str, name_en: str, terms: RuleTerms, by: User | None) -> Rule:
    """Keep terms as the draft of a new rule (None) or of one that has not ended; what runs stays as it is.

    Raises RuleError for an ended rule and for ids that are not of the mall.
    """
    raise_any(foreign(mall, terms))
    draft = json.loads(json.dumps(terms.to_json()))  # lists for tuples, as it will come back from the database
    values = {"name_zh": name_zh, "name_en": name_en, "draft": draft}
    with transaction.atomic():
        if rule is None:
            kept, before, action = Rule(mall=mall, created_by=by), {}, "rule_created"
        else:
            kept, action = held(rule.pk, STEPS["propose"]), "rule_changed"
            before = {name: getattr(kept, name) for name in values}
        for name, value in values.items():
            setattr(kept, name, value)
        if changes := audit.changed(before, values):
            kept.save()
            audit.record(actor=by, mall=mall, action=action, obj=kept, changes=changes)
    return kept


def propose(*, rule: Rule, now: datetime, by: User | None) -> RuleVersion:
    """Freeze the draft as the next version and ask those who give or pay for it; what runs goes on.

    A proposal that was not launched is replaced. Raises RuleError.
    """
    with transaction.atomic():
        kept = held(rule.pk, STEPS["propose"])
        terms = read(kept.draft)
        _hold_stocks(terms)
        raise_any(problems_of(kept, terms, now=now))
        last = kept.versions.aggregate(last=models.Max("number"))["last"] or 0
        version = RuleVersion.objects.create(
            rule=kept, number=last + 1, terms=kept.draft, published_at=now, published_by=by
        )
        version.stocks.set({stock for stock, _count in terms.award})
        consents.ask(kept, version, now=now)
        move(kept, "rule_proposed", by, proposed=version, state=consents.state_with(kept, version))
    return version


def _hold_stocks(terms: RuleTerms) -> None:
    """What a coupon costs must not change while merchants are asked for it; afterwards the version keeps it."""
    stocks = Stock.objects.select_for_update().filter(pk__in=[stock for stock, _count in terms.award])
    list(stocks.order_by("pk").values_list("pk"))


def recall(*, rule: Rule, by: User | None) -> None:
    """Take a proposal back before it is launched; a rule that never ran is a draft again. Raises RuleError."""
    with transaction.atomic():
        kept = held(rule.pk, STEPS["recall"])
        if kept.proposed is None:
            raise RuleError([("not_proposed", [])])
        state = kept.state if kept.state in RAN else RuleState.DRAFT
        move(kept, "rule_recalled", by, proposed=None, state=state)


def launch(*, rule: Rule, now: datetime, by: User | None) -> RuleVersion:
    """Let the proposed version run. Raises RuleError, consent_missing for those who have not agreed."""
    with transaction.atomic():
        kept = held(rule.pk, STEPS["launch"])
        version = kept.proposed
        if version is None:
            raise RuleError([("not_proposed", [])])
        terms = read(version.terms)
        raise_any(past(kept.mall, terms, now=now) + against_running(kept, terms) + unpaid(version))
        version.launched_at = now
        version.save(update_fields=["launched_at"])
        move(kept, "rule_launched", by, version=version, proposed=None, state=RuleState.LIVE)
    return version


def publish(*, rule: Rule, now: datetime, by: User | None) -> RuleVersion:
    """Propose and launch in one, where nobody has to be asked. Raises RuleError and changes nothing."""
    with transaction.atomic():
        propose(rule=rule, now=now, by=by)
        return launch(rule=rule, now=now, by=by)


def unpaid(version: RuleVersion) -> Problems:
    """Why what a version costs would not be paid: whose consent is missing, and which providers may not pay."""
    return consents.missing_problem(version) + barred(version.rule.mall, paying(read(version.terms)))


def pause(*, rule: Rule, by: User | None) -> None:
    """Award nothing until resumed; coupons already issued stay valid. Raises RuleError."""
    with transaction.atomic():
        move(held(rule.pk, STEPS["pause"]), "rule_paused", by, state=RuleState.PAUSED)


def resume(*, rule: Rule, by: User | None) -> None:
    """Let the running version award again. Raises RuleError, consent_missing where somebody does not agree,
    barred_provider where a provider may not pay."""
    with transaction.atomic():
        kept = held(rule.pk, STEPS["resume"])
        raise_any(unpaid(kept.version))
        move(kept, "rule_resumed", by, state=RuleState.LIVE)


def end(*, rule: Rule, by: User | None) -> None:
    """Stop for good; a proposal ends with it. Raises RuleError."""
    with transaction.atomic():
        move(held(rule.pk, STEPS["end"]), "rule_ended", by, state=RuleState.ENDED, proposed=None)
