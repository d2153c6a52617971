"""Asking the merchants that give coupons, and the merchants and providers that pay for them, and what they answer.

Each answer is taken while the rule is held, so that it comes before or after a launch and never in between. Who
withdraws stops the rule at once.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from coupons import payers
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
from merchants.services.members import kind_of

from .checks import Problems, RuleError, barred, raise_any
from .holding import held, move

ANSWERABLE = {RuleState.WAITING, RuleState.APPROVED, RuleState.LIVE, RuleState.PAUSED}
# What an answer follows. Who declined or withdrew may still come round.
BEFORE = {
    ConsentState.ACCEPTED: {ConsentState.ASKED, ConsentState.DECLINED, ConsentState.WITHDRAWN},
    ConsentState.DECLINED: {ConsentState.ASKED},
    ConsentState.WITHDRAWN: {ConsentState.ACCEPTED},
}


def ask(rule: Rule, version: RuleVersion, *, now: datetime) -> None:
    """A row for each party concerned: asked by mail, or accepted as before where it costs no more than that."""
    accepted = _accepted(rule)
    rows = [
        _row(rule, version, payer, burden, accepted.get(payer, ()), now)
        for payer, burden in burdens_of(version).items()
    ]
    Consent.objects.bulk_create(rows)  # the move that follows raises the mall's revision
    for row in rows:
        if row.state == ConsentState.ASKED:
            _mail(rule, row)


def accept(*, consent: Consent, now: datetime, by: User | None, reason: str = "") -> None:
    """Agree to a version. Raises RuleError if it is not the one proposed or running, or accepted already; and for a
    provider that is barred."""
    _answer(consent, ConsentState.ACCEPTED, reason, now, by)


def decline(*, consent: Consent, reason: str, now: datetime, by: User | None) -> None:
    """Refuse a version that is asked for. Raises RuleError, also without a reason."""
    _answer(consent, ConsentState.DECLINED, reason, now, by)


def withdraw(*, consent: Consent, reason: str, now: datetime, by: User | None) -> None:
    """Take an agreement back, that to a next version included: a live rule is paused at once. Raises RuleError."""
    _answer(consent, ConsentState.WITHDRAWN, reason, now, by)


def note_on_paper(*, consent: Consent, state: str, reason: str, now: datetime, by: User | None) -> None:
    """The mall notes an answer that was given outside the system. Raises RuleError."""
    _answer(consent, ConsentState(state), reason, now, by, on_paper=True)


def burdens_of(version: RuleVersion) -> dict[int, Burden]:
    """What a version asks of each party, by the numbers of payers."""
    terms = RuleTerms.from_json(version.terms)
    return burdens(terms, Stock.objects.in_bulk([stock for stock, _count in terms.award]))


def missing(version: RuleVersion) -> list[int]:
    """The numbers of those whose consent a version needs and does not have."""
    accepted = version.consents.filter(state=ConsentState.ACCEPTED).values_list("merchant", "provider")
    return sorted(burdens_of(version).keys() - {payers.payer(*party) for party in accepted})


def missing_problem(version: RuleVersion) -> Problems:
    return [("consent_missing", found)] if (found := missing(version)) else []


def state_with(rule: Rule, version: RuleVersion) -> str:
    """The state of a rule for which a version is proposed; what runs or is paused stays that."""
    if rule.state in (RuleState.LIVE, RuleState.PAUSED):
        return rule.state
    return RuleState.WAITING if missing(version) else RuleState.APPROVED


def _mail(rule: Rule, consent: Consent) -> None:
    people = people_with(Action.CONSENT, consent.party)
    tell(people, "consent", path=consent.url, consent=consent, rule=rule, mall=rule.mall)


def _accepted(rule: Rule) -> dict[int, list[tuple[Consent, Burden]]]:
    """What each party agreed to in earlier versions, newest first, as far as it did not withdraw since."""
    found: dict[int, list] = {}
    withdrawn = set()
    rows = Consent.objects.filter(mall=rule.mall_id, version__rule=rule).select_related("version")
    for consent in rows.order_by("-version__number"):
        if consent.state == ConsentState.WITHDRAWN:
            withdrawn.add(consent.payer)
        elif consent.state == ConsentState.ACCEPTED and consent.payer not in withdrawn:
            burden = burdens_of(consent.version)[consent.payer]
            found.setdefault(consent.payer, []).append((consent, burden))
    return found


def _row(
    rule: Rule, version: RuleVersion, payer: int, burden: Burden, accepted: Iterable[tuple], now: datetime
) -> Consent:
    """Asked; or, where an earlier agreement covers it, accepted with that: `answered_at` is then before `asked_at`."""
    merchant_id, provider_id = payers.party(payer)
    row = Consent(mall=rule.mall, version=version, merchant_id=merchant_id, provider_id=provider_id,
                  share_bp=burden.share_bp, cost_fen=burden.most_fen, asked_at=now)  # fmt: skip
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
    if state == ConsentState.ACCEPTED:
        raise_any(barred(consent.version.rule.mall, [consent.payer]))
    with transaction.atomic():
        rule = held(consent.version.rule_id, ANSWERABLE)
        rows = _meant(consent, state, rule)
        values = {"reason": reason.strip(), "on_paper": on_paper, "answered_at": now, "answered_by": by}
        if not rows.filter(pk=consent.pk).exists() or not rows.update(state=state, **values):
            raise RuleError([("consent_moved", [])])
        changes = {"consent": [consent.state, state.value], kind_of(consent.party): [None, consent.party.pk]}
        changes |= {"reason": ["", reason.strip()]} if reason.strip() else {}
        action = "consent_noted" if on_paper else "consent_answered"
        audit.record(actor=by, mall=rule.mall, action=action, obj=rule, changes=changes)
        touch_mall(rule.mall_id)
        _follow(rule, by, stops=state == ConsentState.WITHDRAWN and consent.version_id == rule.version_id)


def _meant(consent: Consent, state: ConsentState, rule: Rule) -> QuerySet[Consent]:
    """The rows an answer changes: its own; who withdraws from what runs does so from the next version as well."""
    versions = {rule.version_id, rule.proposed_id} - {None}
    mine = Consent.objects.filter(
        **{kind_of(consent.party): consent.party}, version__in=versions, state__in=BEFORE[state]
    )
    both = state == ConsentState.WITHDRAWN and consent.version_id == rule.version_id
    return mine if both else mine.filter(pk=consent.pk)


def _follow(rule: Rule, by: User | None, *, stops: bool) -> None:
    """What an answer means for the rule: it pauses, waits, or may be launched."""
    if stops and rule.state == RuleState.LIVE:
        move(rule, "rule_stopped", by, state=RuleState.PAUSED)
    elif rule.proposed and (state := state_with(rule, rule.proposed)) != rule.state:
        move(rule, "rule_approved" if state == RuleState.APPROVED else "rule_waits", by, state=state)
