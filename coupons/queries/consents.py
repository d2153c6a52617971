"""What merchants are asked, and what they are shown for it."""

import json
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet

from coupons import funding
from coupons.engine.terms import RuleTerms
from coupons.models import Backtest, Consent, Rule, RuleVersion, Stock
from coupons.models.consent import ConsentState
from coupons.models.rule import RuleState
from coupons.models.work import WorkState
from merchants.models import Mall, Merchant

RECENT = 20  # backtests of a rule that are looked through for one of the same terms


def consents_of(rule: Rule) -> QuerySet[Consent]:
    """The answers that count: to the running and to the proposed version, the latter first."""
    versions = [pk for pk in (rule.proposed_id, rule.version_id) if pk]
    rows = Consent.objects.filter(mall=rule.mall_id, version__in=versions)
    return rows.select_related("mall", "version__rule", "merchant", "answered_by").order_by(
        "-version__number", "merchant__code"
    )


def merchant_consents(merchant: Merchant) -> QuerySet[Consent]:
    """All that a merchant was ever asked, the newest first."""
    mine = Consent.objects.filter(mall=merchant.mall_id, merchant=merchant)
    return mine.select_related("mall", "version__rule", "answered_by").order_by("-asked_at", "-pk")


def waiting(mall: Mall | int, merchant: Merchant | None = None) -> int:
    """How many answers rules wait for: the merchant's, or those of all merchants."""
    return asked(mall, merchant).count()


def asked(mall: Mall | int, merchant: Merchant | None = None) -> QuerySet[Consent]:
    """The answers that rules wait for."""
    rows = Consent.objects.filter(mall=mall, state=ConsentState.ASKED)
    mine = rows.filter(merchant=merchant) if merchant else rows
    return mine.filter(_current()).exclude(version__rule__state=RuleState.ENDED)


def agreed_before(consent: Consent) -> RuleVersion | None:
    """The version before this one that the merchant agreed to last."""
    earlier = RuleVersion.objects.filter(
        rule=consent.version.rule_id, number__lt=consent.version.number,
        consents__merchant=consent.merchant_id, consents__state=ConsentState.ACCEPTED,
    )  # fmt: skip
    return earlier.order_by("-number").first()


def backtest_of(version: RuleVersion, merchant: Merchant) -> tuple[Backtest, dict[str, Any]] | None:
    """The newest backtest of just these terms, and what it says of the merchant's own stores."""
    wanted = json.loads(json.dumps(RuleTerms.from_json(version.terms).to_json()))  # as a backtest keeps them
    done = Backtest.objects.filter(mall=merchant.mall_id, rule=version.rule_id, state=WorkState.DONE)
    for pk, terms in done.order_by("-asked_at").values_list("pk", "terms")[:RECENT]:
        if terms == wanted:
            backtest = Backtest.objects.get(pk=pk)
            found = (backtest.result or {}).get("merchants", {}).get(str(merchant.pk))
            return (backtest, found) if found else None
    return None


class Cost(NamedTuple):
    """What a rule costs a payer (a merchant's id, 0 is the mall): its share in basis points, the most one award costs
    it and all of them together (fen; None is without limit)."""

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
    return [Cost(payer, bp, costs[payer], most[payer]) for payer, bp in sorted(shares.items())]


def _current() -> Q:
    return Q(version=F("version__rule__version")) | Q(version=F("version__rule__proposed"))
