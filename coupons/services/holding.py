"""The row of a rule, held while a step is taken, and its move from one state to the next."""

from collections.abc import Collection

from coupons.models import Rule, RuleVersion
from merchants.models import User
from merchants.services import audit

from .checks import RuleError


def held(rule_id: int, states: Collection[str]) -> Rule:
    """The rule, held until the transaction ends: steps and answers follow each other. Raises RuleError."""
    related = Rule.objects.select_related("mall", "version", "proposed")
    kept = related.select_for_update(of=("self",)).get(pk=rule_id)
    if kept.state not in states:
        raise RuleError([("wrong_state", [kept.state])])
    return kept


def move(rule: Rule, action: str, by: User | None, **values: str | RuleVersion | None) -> None:
    """Give a held rule another state, running version or proposed version, and note it."""
    before = _seen(rule)
    for name, value in values.items():
        setattr(rule, name, value)
    rule.save(update_fields=["state", "version", "proposed"])
    audit.record(actor=by, mall=rule.mall, action=action, obj=rule, changes=audit.changed(before, _seen(rule)))


def _seen(rule: Rule) -> dict[str, str | int | None]:
    """What the audit trail compares; versions by their number."""
    return {
        "state": rule.state,
        "version": rule.version and rule.version.number,
        "proposed": rule.proposed and rule.proposed.number,
    }
