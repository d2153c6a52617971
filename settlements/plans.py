"""What a plan of rebates (返佣方案) says, and what it gives for a month. Pure.

Money is fen, rates are basis points, days are local. Stored as JSON (`to_json`, `from_json`).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from mallops.lib.money import MAX_FEN

BASES = ("discount", "order")
MAX_OPENING_FEN = 100_000_000
MAX_TIERS = 10
MAX_MATURITY_DAYS = 365
MAX_CREDITS = 10_000

# What a code of BadPlan means, for logs; the form translates them (`settlements.forms.plans`).
CODES = {
    "unknown": "is not a known field or value",
    "not_whole": "takes a whole number in its range",
    "too_many": "has more tiers than a plan may have",
    "order": "each tier begins above the one before it",
    "rate": "a rate lies between 0 and 100 %",
    "nothing": "the plan gives neither money nor traffic credits",
    "cap": "a cap needs a rate that it can cap",
}


class BadPlan(ValueError):
    """Terms that no plan may have: `errors` maps a field name to codes of `CODES`."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a provider earns.

    - `opening_fen`: once for each store, the first time that it is live with the operations capability.
    - `base`: what a redemption counts for: its discount, or the whole order.
    - `tiers`: pairs (from_fen, bp), marginal: the part of a calendar month's base from `from_fen` up to the next tier
      earns `bp`; what lies below the first earns nothing.
    - `cap_fen`: the most that redemptions of one calendar month earn; None is without cap.
    - `maturity_days`: after so many days a reward is due; until then it waits for refunds.
    - `credits_per_100_yuan`: traffic credits for each full 100 yuan of the month's base, without cap.
    """

    opening_fen: int = 0
    base: str = "discount"
    tiers: tuple[tuple[int, int], ...] = ()
    cap_fen: int | None = None
    maturity_days: int = 30
    credits_per_100_yuan: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> "PlanTerms":
        """Terms from stored or posted JSON, whatever it holds. Raises BadPlan, nothing else."""
        if not isinstance(data, dict):
            raise BadPlan({"terms": ["unknown"]})
        if unknown := data.keys() - set(cls.__dataclass_fields__):
            raise BadPlan({str(name): ["unknown"] for name in unknown})
        try:
            tiers = tuple((start, bp) for start, bp in data.get("tiers", ()))
        except (TypeError, ValueError) as error:
            raise BadPlan({"tiers": ["unknown"]}) from error
        terms = cls(**{**data, "tiers": tiers})
        terms.check()
        return terms

    def check(self) -> None:
        """Raise BadPlan for terms that nobody may offer."""
        errors: dict[str, list[str]] = {}

        def need(ok: bool, name: str, code: str) -> None:
            if not ok:
                errors.setdefault(name, []).append(code)

        need(self.base in BASES, "base", "unknown")
        need(_whole(self.opening_fen, MAX_OPENING_FEN), "opening_fen", "not_whole")
        need(self.cap_fen is None or (_whole(self.cap_fen, MAX_FEN) and self.cap_fen > 0), "cap_fen", "not_whole")
        need(_whole(self.maturity_days, MAX_MATURITY_DAYS), "maturity_days", "not_whole")
        need(_whole(self.credits_per_100_yuan, MAX_CREDITS), "credits_per_100_yuan", "not_whole")
        _check_tiers(self.tiers, need)
        if not errors:
            rates = any(bp for _start, bp in self.tiers)
            need(self.cap_fen is None or rates, "cap_fen", "cap")
            need(bool(self.opening_fen or rates or self.credits_per_100_yuan), "terms", "nothing")
        if errors:
            raise BadPlan(errors)


def _check_tiers(tiers: tuple[tuple[Any, Any], ...], need: Callable[[bool, str, str], None]) -> None:
    need(len(tiers) <= MAX_TIERS, "tiers", "too_many")
    whole = all(_whole(start, MAX_FEN) for start, _bp in tiers)
    need(whole, "tiers", "not_whole")
    need(all(_whole(bp, 10_000) for _start, bp in tiers), "tiers", "rate")
    need(not whole or all(before[0] < after[0] for before, after in pairwise(tiers)), "tiers", "order")


def _whole(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def reward(terms: PlanTerms, run_fen: int) -> int:
    """What a calendar month with a base of so many fen earns (fen): its tiers summed, rounded down once, capped.

    A redemption that takes the base from a to b earns `reward(b) - reward(a)`: so the parts of a month always come to
    the month, and never to more than the cap.
    """
    ends = [start for start, _bp in terms.tiers[1:]] + [run_fen]
    parts = (
        max(0, min(run_fen, end) - start) * bp for (start, bp), end in zip(terms.tiers, ends, strict=False)
    )  # in ten-thousandths of a fen
    earned = sum(parts) // 10_000
    return earned if terms.cap_fen is None else min(earned, terms.cap_fen)


def traffic_credits(terms: PlanTerms, run_fen: int) -> int:
    """Traffic credits for a calendar month with a base of so many fen: of its full 100 yuan in parts, rounded down."""
    return run_fen * terms.credits_per_100_yuan // 10_000


def base_fen(terms: PlanTerms, discount_fen: int, order_fen: int) -> int:
    """What a redemption counts for (fen)."""
    return discount_fen if terms.base == "discount" else order_fen
