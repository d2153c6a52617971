"""Asking the guards of a mall, and raising what they find."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from coupons.models import GuardFlag
from merchants.models import Mall
from merchants.services import audit
from payments.models import Shopper

from . import MODULES
from .blocking import block, in_force
from .findings import Finding


def run(*, mall: Mall, now: datetime) -> list[GuardFlag]:
    """Raise the findings that are new: the shopper has no open one of the guard, is not blocked already, and enough of
    the facts have not been judged before."""
    findings = [finding for module in MODULES.values() for finding in module.find(mall, now)]
    with transaction.atomic():
        return [_raise(mall, finding, now) for finding in _news(mall, findings, now)]


def _news(mall: Mall, findings: Iterable[Finding], now: datetime) -> list[Finding]:
    """Of several new findings about a shopper the first: it blocks already."""
    shoppers = {finding.shopper_id for finding in findings}
    blocked = set(in_force(mall, now).filter(shopper__in=shoppers).values_list("shopper", flat=True))
    open_ones, judged = _known(mall, shoppers)
    news = {}
    for finding in findings:
        known = judged.get((finding.guard, finding.shopper_id, finding.evidence["what"]), set())
        is_new = finding.shopper_id not in blocked and (finding.guard, finding.shopper_id) not in open_ones
        if is_new and len(set(finding.evidence["ids"]) - known) >= finding.enough:
            news.setdefault(finding.shopper_id, finding)
    return list(news.values())


def _known(mall: Mall, shoppers: Iterable[int]) -> tuple[set[tuple], dict[tuple, set[int]]]:
    """Guard and shopper of open findings; the facts judged before by guard, shopper and kind of fact."""
    open_ones, judged = set(), {}
    rows = GuardFlag.objects.for_mall(mall).filter(shopper__in=shoppers)
    for guard, shopper, state, evidence in rows.values_list("guard", "shopper", "state", "evidence"):
        if state == GuardFlag.State.OPEN:
            open_ones.add((guard, shopper))
        else:
            judged.setdefault((guard, shopper, evidence["what"]), set()).update(evidence["ids"])
    return open_ones, judged


def _raise(mall: Mall, finding: Finding, now: datetime) -> GuardFlag:
    flag = GuardFlag.objects.create(
        mall=mall, guard=finding.guard, shopper_id=finding.shopper_id, evidence=finding.evidence, raised_at=now
    )
    changes = {"guard": [None, finding.guard], "shopper": [None, finding.shopper_id]}
    audit.record(actor=None, mall=mall, action="finding_raised", obj=flag, changes=changes)
    block(mall=mall, shopper=Shopper(pk=finding.shopper_id), reason="", now=now, by=None, flag=flag)
    return flag
