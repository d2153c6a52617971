"""Before a launch: how large an effect a control group could show, from what the ledger says to expect."""

from typing import NamedTuple

from coupons.engine.terms import RuleTerms
from coupons.models import Backtest, Rule
from coupons.models.work import WorkState
from merchants.models import Mall

from .statistics import share_needed, smallest_effect

MONTH = 30  # days that numbers are stated for
RECENT = 20  # backtests looked at
WORTHWHILE = 0.05  # the rise of the visit rate that a group should at least be able to show: 5 points


class Outlook(NamedTuple):
    """What to expect in 30 days: shoppers in both groups together, how many of them come anyway (share of 1), the
    smallest rise found in 4 of 5 cases (None: not even all coming), and the control group (basis points) with which
    a rise of 5 points would be (None: half of all is not enough)."""

    shoppers: int
    base_rate: float
    smallest: float | None
    needed_bp: int | None


def outlook(mall: Mall, terms: RuleTerms, rule: Rule | None = None) -> Outlook | None:
    """What a control group of `terms.holdout_bp` could show after 30 days, by the newest backtest of the
    same trigger, conditions and award, or else of the rule; None if none was made or it says too little."""
    backtest = _newest(mall, terms, rule)
    if backtest is None or not backtest.result["natural"]["observed"]:
        return None
    found, natural = backtest.result, backtest.result["natural"]
    met = found["shoppers"] + found["shoppers_held_out"]
    days = found.get("days_known") or (backtest.last_day - backtest.first_day).days + 1
    return expect(round(met * MONTH / days), natural["came"] / natural["observed"], terms.holdout_bp)


def expect(shoppers: int, base_rate: float, holdout_bp: int) -> Outlook:
    """The outlook for so many shoppers with a control group of `holdout_bp`."""
    held = shoppers * holdout_bp // 10_000
    smallest = smallest_effect(shoppers - held, held, base_rate)
    return Outlook(shoppers, base_rate, smallest, share_needed(shoppers, base_rate, WORTHWHILE))


def _newest(mall: Mall, terms: RuleTerms, rule: Rule | None) -> Backtest | None:
    """Of the last backtests the newest of what is asked; else the newest of the rule, whatever it was then."""
    done = Backtest.objects.filter(mall=mall, state=WorkState.DONE, result__tried=True).order_by("-finished_at", "-pk")
    wanted = _who(terms)
    for pk, tried in done.values_list("pk", "terms")[:RECENT]:  # their results are large
        if _who(RuleTerms.from_json(tried)) == wanted:
            return done.get(pk=pk)
    return done.filter(rule=rule).first() if rule else None


def _who(terms: RuleTerms) -> tuple:
    """What of terms decides who is met, and where the coupons lead."""
    return (terms.trigger, terms.stores, terms.categories, terms.min_fen, terms.max_fen, terms.conditions, terms.award)
