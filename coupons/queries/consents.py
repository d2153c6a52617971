"""What merchants and providers are asked, and what they are shown for it."""

import json
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from coupons import funding
from coupons.engine.terms import RuleTerms
from coupons.models import Backtest, Consent, Rule, RuleVersion, Stock
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.models.work import WorkState
from merchants.models import Mall, Merchant, ServiceProvider
from merchants.services.members import kind_of, mall_of

Party = Merchant | ServiceProvider

RECENT = 20  # backtests of a rule that are looked through for one of the same terms


def consents_of(rule: Rule) -> QuerySet[Consent]:
    """The answers that count: to the running and to the proposed version, the latter first; merchants before
    providers."""
    versions = [pk for pk in (rule.proposed_id, rule.version_id) if pk]
    rows = Consent.objects.filter(mall=rule.mall_id, version__in=versions)
    return rows.select_related("mall", "version__rule", "merchant", "provider", "answered_by").order_by(
        "-version__number", F("merchant__code").asc(nulls_last=True), "provider__code"
    )


def own_consents(party: Party) -> QuerySet[Consent]:
    """All that a merchant or a provider was ever asked, the newest first."""
    mine = Consent.objects.filter(mall=party.mall_id, **{kind_of(party): party})
    rows = mine.select_related("mall", "merchant", "provider", "version__rule", "answered_by")
    return rows.order_by("-asked_at", "-pk")


def waiting(body: Mall | Party) -> int:
    """How many answers rules wait for: a party's, or those of all at a mall."""
    return asked(body).count()


def asked(body: Mall | Party) -> QuerySet[Consent]:
    """The answers that rules wait for."""
    rows = Consent.objects.filter(mall=mall_of(body), state=ConsentState.ASKED).filter(**{kind_of(body): body})
    return rows.filter(_current()).exclude(version__rule__state=RuleState.ENDED)


def agreed_before(consent: Consent) -> RuleVersion | None:
    """The version before this one that the party agreed to last."""
    version, party = consent.version, consent.party
    agreed = Consent.objects.filter(state=ConsentState.ACCEPTED, **{kind_of(party): party})
    earlier = RuleVersion.objects.filter(rule=version.rule_id, number__lt=version.number)
    return earlier.filter(pk__in=agreed.values("version")).order_by("-number").first()


def backtest_of(version: RuleVersion, party: Party) -> tuple[Backtest, dict[str, Any]] | None:
    """The newest backtest of just these terms, and what it says of the merchant's own stores or the provider's cost."""
    wanted = json.loads(json.dumps(RuleTerms.from_json(version.terms).to_json()))  # as a backtest keeps them
    done = Backtest.objects.filter(mall=party.mall_id, rule=version.rule_id, state=WorkState.DONE)
    for pk, terms in done.order_by("-asked_at").values_list("pk", "terms")[:RECENT]:
        if terms == wanted:
            backtest = Backtest.objects.get(pk=pk)
            found = (backtest.result or {}).get(f"{kind_of(party)}s", {}).get(str(party.pk))
            return (backtest, found) if found else None
    return None


class Cost(NamedTuple):
    """What a rule costs a payer (by its number): its share in basis points, the most one award costs it and all of them
    together (fen; None is without limit)."""

    payer: int
    share_bp: int
    award_fen: int
    most_fen: int | None


def costs_of(mall: Mall, terms: RuleTerms) -> list[Cost]:
    """Who pays how much at most; nothing for a draft with stocks that are not of the mall."""
    stocks = Stock.objects.filter(mall=mall).in_bulk([stock for stock, _count in terms.award])
    if any(stock not in stocks for stock, _count in terms.award):
        return []
    costs, most = funding.award_fen(terms, stocks), funding.most_fen(terms, stocks)
    shares = funding.shares_of(terms, stocks)
    return [Cost(payer, bp, costs[payer], most[payer]) for payer, bp in sorted(shares.items(), key=_mall_first)]


def _mall_first(share: tuple[int, int]) -> tuple[bool, int]:
    """The order in which payers are listed: the mall, merchants, providers."""
    payer, _bp = share
    return payer < 0, abs(payer)


def _current() -> Q:
    return Q(version=F("version__rule__version")) | Q(version=F("version__rule__proposed"))
