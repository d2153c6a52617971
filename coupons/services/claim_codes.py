"""Claim codes: made, hung up, closed. What a code gives is decided when it is scanned."""

from datetime import datetime

from django.db import transaction

from coupons import nearby
from coupons.engine.terms import BadTerms, RuleTerms
from coupons.models import ClaimCode, Rule
from merchants.models import Store, User
from merchants.queries import directory as directories
from merchants.services import audit

TRIGGERS = ("qr", "nearby")


class CodeError(Exception):
    """Why no code can be made: `other_trigger`, or `not_here` (the rule is not offered at the store)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def make(*, rule: Rule, store: Store | None, by: User | None) -> ClaimCode:
    """A code for a rule, at a store or for the whole mall. May be printed before the rule is live. Raises CodeError."""
    terms = terms_of(rule)
    if terms is None or terms.trigger not in TRIGGERS:
        raise CodeError("other_trigger")
    if store and not nearby.offers(directories.current(rule.mall_id), terms, store.pk):
        raise CodeError("not_here")
    with transaction.atomic():
        code = ClaimCode.objects.create(mall_id=rule.mall_id, rule=rule, store=store, created_by=by)
        changes = audit.changed({}, {"rule": rule, "store": store})
        audit.record(actor=by, mall=rule.mall, action="claim_code_made", obj=code, changes=changes)
    return code


def close(*, code: ClaimCode, now: datetime, by: User | None) -> bool:
    """Take a code out of use for good. False if it was before."""
    with transaction.atomic():
        closed = ClaimCode.objects.filter(pk=code.pk, closed_at=None).update(closed_at=now)
        if closed:
            changes = {"closed_at": [None, now]}
            audit.record(actor=by, mall=code.mall, action="claim_code_closed", obj=code, changes=changes)
    return bool(closed)


def terms_of(rule: Rule) -> RuleTerms | None:
    """The terms a code of the rule works by: those that run, else the draft's; None for a draft that is not whole."""
    try:
        return RuleTerms.from_json(rule.version.terms if rule.version else rule.draft)
    except BadTerms:
        return None
