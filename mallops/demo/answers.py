"""What merchants answer in the demonstration, and what becomes of rules in the course of time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from coupons.engine.terms import RuleTerms
from coupons.models import Consent, Rule
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.services import consents, rules
from mallops.lib.dates import day_start
from merchants.choices import Role
from merchants.models import User

from .offer_plans import CHANGING, DECLINED, WITHDRAWN

ON_PAPER = "租户大会上签的同意书。Signed at the tenants' meeting."


class Change(NamedTuple):
    """Something that happens to a rule on a day, at nine in the morning."""

    day: date
    rule: Rule
    state: str
    reason: str = ""

    def make(self, *, by: User) -> None:
        now = day_start(self.day, self.rule.mall.time_zone) + timedelta(hours=9)
        if self.state in (RuleState.PAUSED, RuleState.ENDED):
            {RuleState.PAUSED: rules.pause, RuleState.ENDED: rules.end}[self.state](rule=self.rule, by=by)
        elif self.state == WITHDRAWN:
            answer(self.rule.versions.get().consents.get(), ConsentState.WITHDRAWN, self.reason, now, by)
        else:
            self._propose(now, by)

    def _propose(self, now: datetime, by: User) -> None:
        if self.state == CHANGING:
            _widen(self.rule, by)
        asked = list(rules.propose(rule=self.rule, now=now, by=by).consents.select_related("merchant", "version__rule"))
        if self.state == DECLINED:
            answer(asked[0], ConsentState.DECLINED, self.reason, now, by)
        if self.state == RuleState.WAITING:
            asked = [consent for consent in asked if not owner(consent.merchant_id)][
                :1
            ]  # its owner has not come round to it
        if self.state in (RuleState.WAITING, RuleState.APPROVED):
            for consent in asked:
                answer(consent, ConsentState.ACCEPTED, "", now, by)


def launch(rule: Rule, *, now: datetime, by: User) -> None:
    """Propose the draft, have all merchants agree, and let it run."""
    for consent in rules.propose(rule=rule, now=now, by=by).consents.select_related("merchant", "version__rule"):
        answer(consent, ConsentState.ACCEPTED, "", now, by)
    rules.launch(rule=rule, now=now, by=by)


def answer(consent: Consent, state: ConsentState, reason: str, now: datetime, by: User) -> None:
    """The owner's answer; of a merchant without an account, what the mall was given on paper."""
    if person := owner(consent.merchant_id):
        say = {"accepted": consents.accept, "declined": consents.decline, "withdrawn": consents.withdraw}[state]
        say(consent=consent, reason=reason, now=now, by=person)
    else:
        reason = reason or ON_PAPER
        consents.note_on_paper(consent=consent, state=state, reason=reason, now=now, by=by)


def owner(merchant_id: int) -> User | None:
    members = User.objects.filter(memberships__merchant=merchant_id)
    return members.filter(memberships__role=Role.MERCHANT_OWNER).first()


def _widen(rule: Rule, by: User) -> None:
    """Half as many awards again each day, and no end in all."""
    terms = RuleTerms.from_json(rule.draft)
    more = terms.limits.quantity_per_day * 3 // 2
    limits = replace(terms.limits, quantity=None, quantity_per_day=more)
    names = {"name_zh": rule.name_zh, "name_en": rule.name_en}
    rules.save_draft(mall=rule.mall, rule=rule, terms=replace(terms, limits=limits), by=by, **names)
