"""Asking the merchants that give coupons or pay for them, and what they answer.

Each answer is taken while the rule is held, so that it comes before or after a launch and never in between. Who
withdraws stops the rule at once.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from coupons.engine.terms import RuleTerms
from coupons.funding import Burden, burdens
from coupons.models import Consent, Rule, RuleVersion, Stock
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from merchants.choices import Action
from merchants.models import User
from merchants.models.base import touch_mall
from merchants.services import audit
from merchants.services.mails import people_with, tell

from .checks import Problems, RuleError
from .holding import held, move

ANSWERABLE = {RuleState.WAITING, RuleState.APPROVED, RuleState.LIVE, RuleState.PAUSED}
# What an answer follows. Who declined or withdrew may still come round.
BEFORE = {
    ConsentState.ACCEPTED: {ConsentState.ASKED, ConsentState.DECLINED, ConsentState.WITHDRAWN},
    ConsentState.DECLINED: {ConsentState.ASKED},
    ConsentState.WITHDRAWN: {ConsentState.ACCEPTED},
}


def ask(rule: Rule, version: RuleVersion, *, now: datetime) -> None:
    """A row for each merchant concerned: asked by mail, or accepted as before where it costs no more than that."""
    accepted = _accepted(rule)
    rows = [
        _row(rule, version, merchant, burden, accepted.get(merchant, ()), now)
        for merchant, burden in burdens_of(version).items()
    ]
    Consent.objects.bulk_create(rows)  # the move that follows raises the mall's revision
    for row in rows:
        if row.state == ConsentState.ASKED:
            _mail(rule, row)


def accept(*, consent: Consent, now: datetime, by: User | None, reason: str = "") -> None:
    """Agree to a version. Raises RuleError if it is not the one proposed or running, or accepted already."""
    _answer(consent, ConsentState.ACCEPTED, reason, now, by)


def decline(*, consent: Consent, reason: str, now: datetime, by: User | None) -> None:
    """Refuse a version that is asked for. Raises RuleError, also without a reason."""
    _answer(consent, ConsentState.DECLINED, reason, now, by)


def withdraw(*, consent: Consent, reason: str, now: datetime, by: User | None) -> None:
    """Take an agreement back, that to a next version included: a live rule is paused at once. Raises RuleError."""
    _answer(consent, ConsentState.WITHDRAWN, reason, now, by)


def note_on_paper(*, consent: Consent, state: str, reason: str, now: datetime, by: User | None) -> None:
    """The mall notes an answer that a merchant gave outside the system. Raises RuleError."""
    _answer(consent, ConsentState(state), reason, now, by, on_paper=True)


def burdens_of(version: RuleVersion) -> dict[int, Burden]:
    """What a version asks of each merchant, by merchant id."""
    terms = RuleTerms.from_json(version.terms)
    return burdens(terms, Stock.objects.in_bulk([stock for stock, _count in terms.award]))


def missing(version: RuleVersion) -> list[int]:
    """Ids of the merchants whose consent a version needs and does not have."""
    accepted = version.consents.filter(state=ConsentState.ACCEPTED).values_list("merchant", flat=True)
    return sorted(burdens_of(version).keys() - set(accepted))


def missing_problem(version: RuleVersion) -> Problems:
    return [("consent_missing", found)] if (found := missing(version)) else []


def state_with(rule: Rule, version: RuleVersion) -> str:
    """The state of a rule for which a version is proposed; what runs or is paused stays that."""
    if rule.state in (RuleState.LIVE, RuleState.PAUSED):
        return rule.state
    return RuleState.WAITING if missing(version) else RuleState.APPROVED


def _mail(rule: Rule, consent: Consent) -> None:
    path = reverse("coupons:consent_detail", args=[consent.merchant_id, consent.pk])
    people = people_with(Action.CONSENT, consent.merchant)
    tell(people, "consent", path=path, consent=consent, rule=rule, mall=rule.mall)


def _accepted(rule: Rule) -> dict[int, list[tuple[Consent, Burden]]]:
    """What each merchant agreed to in earlier versions, newest first, as far as it did not withdraw since."""
    found: dict[int, list] = {}
    withdrawn = set()
    rows = Consent.objects.filter(mall=rule.mall_id, version__rule=rule).select_related("version")
    for consent in rows.order_by("-version__number"):
        if consent.state == ConsentState.WITHDRAWN:
            withdrawn.add(consent.merchant_id)
        elif consent.state == ConsentState.ACCEPTED and consent.merchant_id not in withdrawn:
            burden = burdens_of(consent.version)[consent.merchant_id]
            found.setdefault(consent.merchant_id, []).append((consent, burden))
    return found


def _row(
    rule: Rule, version: RuleVersion, merchant: int, burden: Burden, accepted: Iterable[tuple], now: datetime
) -> Consent:
    """Asked; or, where an earlier agreement covers it, accepted with that: `answered_at` is then before `asked_at`."""
    row = Consent(mall=rule.mall, version=version, merchant_id=merchant, share_bp=burden.share_bp,
                  cost_fen=burden.most_fen, asked_at=now)  # fmt: skip
    covering = next((consent for consent, limit in accepted if burden.is_within(limit)), None)
    if covering:
        for name in ("state", "reason", "on_paper", "answered_at", "answered_by"):
            setattr(row, name, getattr(covering, name))
    return row


def _answer(
    consent: Consent, state: ConsentState, reason: str, now: datetime, by: User | None, *, on_paper: bool = False
) -> None:
    if state != ConsentState.ACCEPTED and not reason.strip():
        raise RuleError([("reason_missing", [])])
    with transaction.atomic():
        rule = held(consent.version.rule_id, ANSWERABLE)
        rows = _meant(consent, state, rule)
        values = {"reason": reason.strip(), "on_paper": on_paper, "answered_at": now, "answered_by": by}
        if not rows.filter(pk=consent.pk).exists() or not rows.update(state=state, **values):
            raise RuleError([("consent_moved", [])])
        changes = {"consent": [consent.state, state.value], "merchant": [None, consent.merchant_id]}
        changes |= {"reason": ["", reason.strip()]} if reason.strip() else {}
        action = "consent_noted" if on_paper else "consent_answered"
        audit.record(actor=by, mall=rule.mall, action=action, obj=rule, changes=changes)
        touch_mall(rule.mall_id)
        _follow(rule, by, stops=state == ConsentState.WITHDRAWN and consent.version_id == rule.version_id)


def _meant(consent: Consent, state: ConsentState, rule: Rule) -> QuerySet[Consent]:
    """The rows an answer changes: its own; who withdraws from what runs does so from the next version as well."""
    versions = {rule.version_id, rule.proposed_id} - {None}
    mine = Consent.objects.filter(merchant=consent.merchant_id, version__in=versions, state__in=BEFORE[state])
    both = state == ConsentState.WITHDRAWN and consent.version_id == rule.version_id
    return mine if both else mine.filter(pk=consent.pk)


def _follow(rule: Rule, by: User | None, *, stops: bool) -> None:
    """What an answer means for the rule: it pauses, waits, or may be launched."""
    if stops and rule.state == RuleState.LIVE:
        move(rule, "rule_stopped", by, state=RuleState.PAUSED)
    elif rule.proposed and (state := state_with(rule, rule.proposed)) != rule.state:
        move(rule, "rule_approved" if state == RuleState.APPROVED else "rule_waits", by, state=state)
