"""What merchants and providers answer in the demonstration, and what becomes of rules in the course of time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from coupons.engine.terms import RuleTerms
from coupons.models import Consent, Rule
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.services import consents, rules
from mallops.lib.dates import day_start
from merchants.choices import Action
from merchants.models import Merchant, ServiceProvider, User
from merchants.services.mails import people_with

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
        asked = _asked(self.rule, now, by)
        if self.state == DECLINED:
            answer(asked[0], ConsentState.DECLINED, self.reason, now, by)
        if self.state == RuleState.WAITING:  # who signs in has not come round to it
            asked = [consent for consent in asked if not person_of(consent.party)][:1]
        if self.state in (RuleState.WAITING, RuleState.APPROVED):
            for consent in asked:
                answer(consent, ConsentState.ACCEPTED, "", now, by)


def launch(rule: Rule, *, now: datetime, by: User) -> None:
    """Propose the draft, have all concerned agree, and let it run."""
    for consent in _asked(rule, now, by):
        answer(consent, ConsentState.ACCEPTED, "", now, by)
    rules.launch(rule=rule, now=now, by=by)


def _asked(rule: Rule, now: datetime, by: User) -> list[Consent]:
    """Propose the draft; who is asked for it."""
    version = rules.propose(rule=rule, now=now, by=by)
    return list(version.consents.select_related("merchant", "provider", "version__rule"))


def answer(consent: Consent, state: ConsentState, reason: str, now: datetime, by: User) -> None:
    """What its owner or manager answers; of who has no account, what the mall was given on paper."""
    if person := person_of(consent.party):
        say = {"accepted": consents.accept, "declined": consents.decline, "withdrawn": consents.withdraw}[state]
        say(consent=consent, reason=reason, now=now, by=person)
    else:
        reason = reason or ON_PAPER
        consents.note_on_paper(consent=consent, state=state, reason=reason, now=now, by=by)


def person_of(party: Merchant | ServiceProvider) -> User | None:
    """Who signs in to answer for a merchant or a provider, if anybody does."""
    return people_with(Action.CONSENT, party).first()


def _widen(rule: Rule, by: User) -> None:
    """Half as many awards again each day, and no end in all."""
    terms = RuleTerms.from_json(rule.draft)
    more = terms.limits.quantity_per_day * 3 // 2
    limits = replace(terms.limits, quantity=None, quantity_per_day=more)
    names = {"name_zh": rule.name_zh, "name_en": rule.name_en}
    rules.save_draft(mall=rule.mall, rule=rule, terms=replace(terms, limits=limits), by=by, **names)
