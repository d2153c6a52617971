"""What a backtest found, as JSON for `Backtest.result`. Pure.

Money is fen at most: each coupon counts what it can cost at most. Days are local, as ISO text. Keys:

- `tried`: false where the ledger cannot tell; `why` then says `no_scans`. The figures are there all the same, all zero.
- `payments` in the span, `met` those at the rule's places (of a hand-out: shoppers asked).
- `awards`, `coupons` (an award may be a pack), `shoppers`, `held_out` (ghost issues), `shoppers_held_out`, `cost_fen`.
- `by_day`: lists of day, awards, ghost issues; every day of the span.
- `refused`: how many by reason, the name of the first check of `engine.decide` that failed.
- `limits`: of each limit that all shoppers share its `name`, `stock` (id or null), `ceiling`, `used`, `full_on` (the
  first day on which no award fitted any more, or null), `full_days`, `lasts_days` (for how many days it lasts at the
  average pace of the span; null for limits of a day or a store and where nothing was given).
- `costs`: lists of a redemption rate (basis points) and what it costs.
- `natural`: of `observed` awards, whose coupons had ended by the end of the ledger, in how many the shopper `came`
  anyway; `bp` the share in basis points, null without any observed.
- `merchants`: by id (text) `coupons` given, `cost_fen` its share, `came` and `observed` as above at the stores that
  take its coupons, `payments` and `sales_fen` of the payments at its stores that earned an award. `providers`: by id
  (text) `cost_fen`, its share. `mall_fen` is the mall's share.
- `stores`: by id (text) the awards earned there.
- `alongside`: ids of the live rules replayed with it; `set_aside`: whether its first and last day were not obeyed;
  `days_known`: how many days of the span the ledger has payments for, from its first to its last.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from coupons.payers import MALL, payer, providers
from coupons.payers import merchants as paying

from .natural import Came, Offer
from .run import Replay
from .tally import Tally, Use

RATES_BP = (500, 1_000, 2_000, 4_000, 10_000)
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who pays: of one award each payer's share at most (fen); the merchant of each store."""

    award_fen: Mapping[int, int]
    merchant_of: Mapping[int, int]


def result_of(replay: Replay, known_until: int, sharing: Sharing) -> Result:
    tally, trial = replay.tally, replay.trial
    came = replay.visits.count(tally.awards, known_until)
    cost_fen = tally.given * tally.rule.cost_fen
    days = [trial.first + timedelta(days=n) for n in range((trial.last - trial.first).days + 1)]
    return {
        "tried": True,
        "why": "",
        "payments": replay.payments,
        "met": replay.refusals.met,
        "awards": tally.given,
        "coupons": tally.given * sum(count for _stock, count in tally.rule.award),
        "shoppers": len(tally.shoppers),
        "held_out": tally.held_out.total(),
        "shoppers_held_out": len(tally.apart),
        "cost_fen": cost_fen,
        "by_day": [[day.isoformat(), tally.awarded[day], tally.held_out[day]] for day in days],
        "refused": replay.refused,
        "limits": limits(tally, days),
        "costs": [[bp, cost_fen * bp // 10_000] for bp in RATES_BP],
        "natural": natural(came),
        "merchants": merchants(tally, trial.offers, came, sharing),
        "providers": {
            str(provider): {"cost_fen": sharing.award_fen[payer(None, provider)] * tally.given}
            for provider in sorted(providers(sharing.award_fen))
        },
        "mall_fen": tally.given * sharing.award_fen.get(MALL, 0),
        "stores": {str(store): awards for store, awards in tally.by_store.most_common()},
    }


def untried(why: str) -> Result:
    """The result of a rule that the ledger says nothing about."""
    zero = dict.fromkeys(
        ("payments", "met", "awards", "coupons", "shoppers", "held_out", "shoppers_held_out", "cost_fen", "mall_fen"), 0
    )
    none = {"by_day": [], "refused": {}, "limits": [], "costs": [], "merchants": {}, "stores": {}, "alongside": []}
    natural_ = {"observed": 0, "came": 0, "bp": None}
    rest = {"providers": {}, "natural": natural_, "set_aside": False, "days_known": 0}
    return {"tried": False, "why": why, **zero, **none, **rest}


def natural(came: Came) -> dict[str, int | None]:
    bp = came.came * 10_000 // came.observed if came.observed else None
    return {"observed": came.observed, "came": came.came, "bp": bp}


def limits(tally: Tally, days: Sequence[date]) -> list[dict]:
    found = [_limit(use, days) for use in tally.totals.values()]
    for uses in tally.others.values():
        fullest = max(uses.values(), key=lambda use: use.used)
        full_on = set().union(*(use.full_on for use in uses.values()))
        found.append(_limit(Use(fullest.claim, fullest.used, full_on), days) | {"lasts_days": None})
    return found


def _limit(use: Use, days: Sequence[date]) -> dict:
    full_on = min(use.full_on, default=None)
    active = (full_on - days[0]).days + 1 if full_on else len(days)
    return {
        "name": use.claim.name,
        "stock": use.claim.stock,
        "ceiling": use.claim.ceiling,
        "used": use.used,
        "full_on": full_on and full_on.isoformat(),
        "full_days": len(use.full_on),
        "lasts_days": use.claim.ceiling * active // use.used if use.used else None,
    }


def merchants(tally: Tally, offers: Sequence[Offer], came: Came, sharing: Sharing) -> dict[str, dict]:
    gives, payments, sales = Counter(), Counter(), Counter()
    count_of = {stock.id: count for stock, count in tally.rule.award}
    for offer in offers:
        gives[offer.merchant_id] += count_of[offer.stock_id] * tally.given
    for store, awards in tally.by_store.items():
        payments[sharing.merchant_of[store]] += awards
        sales[sharing.merchant_of[store]] += tally.fen_by_store[store]
    concerned = {*gives, *payments} | paying(sharing.award_fen)
    return {
        str(merchant): {
            "coupons": gives[merchant],
            "cost_fen": sharing.award_fen.get(merchant, 0) * tally.given,
            "came": came.by_merchant.get(merchant, 0),
            "observed": came.observed if merchant in came.by_merchant else 0,
            "payments": payments[merchant],
            "sales_fen": sales[merchant],
        }
        for merchant in sorted(concerned)
    }
