"""The terms of a rule as one plain value: what the form edits, a version freezes and `decide` obeys.

Stored as JSON (`to_json`, `from_json`). Ids name rows of the rule's mall; days are local days of the mall, both
ends included; hours are minutes of the local day, `start` included and `end` excluded; money is fen.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from . import conditions
from .conditions import BadConditions, Node

TRIGGERS = ("payment", "qr", "nearby", "hand_out")
ON_TRIGGER_REFUND = ("keep", "revoke", "revoke_below_minimum")
ON_USE_REFUND = ("return", "forfeit")
GROUP_LENGTH = 40


class BadTerms(ValueError):
    """Terms that cannot be run. `errors` maps a field name to a list of error codes of `CODES`; `conditions` are the
    problems of a bad tree (`engine.conditions.BadConditions`)."""

    def __init__(self, errors: dict[str, list[str]], conditions: list[tuple[str, str]] | None = None) -> None:
        super().__init__(errors)
        self.errors = errors
        self.conditions = conditions or []


# What a code of BadTerms means, for logs and the API; the form translates them (`coupons.forms`).
CODES = {
    "required": "a value is needed",
    "not_whole": "takes a whole number in its range",
    "order": "the end lies before the start",
    "empty_award": "choose at least one stock",
    "unknown": "is not a known field or value",
    "bad_conditions": "the conditions cannot be read",
    "not_whole_share": "the shares of the cost must add up to 100 %",
    "twice": "the same payer stands there twice",
    "only_payments": "only a payment has this",
    "together": "both values are needed, or none",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many; None is without limit. An award of a pack counts once; money is its cost at most (fen).

    `quantity_per_store` counts the awards given at each store. `per_shopper_in_days` is at most so many in each run of
    `window_days` days, counted from 1 January 2000.
    """

    quantity: int | None = None
    budget_fen: int | None = None
    quantity_per_day: int | None = None
    budget_per_day_fen: int | None = None
    per_shopper: int | None = None
    per_shopper_per_day: int | None = None
    per_shopper_in_days: int | None = None
    window_days: int | None = None
    quantity_per_store: int | None = None


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """Trigger, award, limits, ranking, control group and refund policy.

    - `trigger`: what starts it: a payment, a scanned QR code, being nearby (within `radius_m` metres of one of the
      stores, else of the mall), or a hand-out to all shoppers who meet the conditions.
    - `stores`, `categories`: where the payment was made (for the others: where it is offered); categories with their
      sub-trees; both empty: anywhere.
    - `weekdays`: 1 (Monday) to 7; empty: every day. `hours`: pairs of minutes; empty: all day.
    - `conditions`: a tree of `engine.conditions`, or None.
    - `shares`: who pays what share of the cost: pairs of a payer (its number, see `coupons.payers`) and basis points,
      together 10,000; empty: whoever the stock says.
    - `award`: pairs of stock id and how many coupons of it.
    - `group`: of the rules of one non-empty group only the first in ranking awards. `priority`: higher first.
    - `holdout_bp`: share of shoppers put into the control group, in basis points.
    - `on_trigger_refund`: what becomes of unused coupons when the payment that earned them is refunded: keep
      them, revoke them at any refund, or revoke them once what stays paid is below `min_fen`.
    - `on_use_refund`: when the payment a coupon was used on is refunded in full: return the coupon or forfeit it.
    """

    award: tuple[tuple[int, int], ...] = ()
    trigger: str = "payment"
    radius_m: int | None = None
    conditions: Node | None = None
    shares: tuple[tuple[int, int], ...] = ()
    stores: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    min_fen: int = 0
    max_fen: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    weekdays: tuple[int, ...] = ()
    hours: tuple[tuple[int, int], ...] = ()
    limits: Limits = field(default_factory=Limits)
    group: str = ""
    priority: int = 0
    holdout_bp: int = 0
    on_trigger_refund: str = "revoke_below_minimum"
    on_use_refund: str = "return"

    def to_json(self) -> dict[str, Any]:
        data = asdict(replace(self, conditions=None)) | {"conditions": conditions.to_json(self.conditions)}
        for name in ("starts_on", "ends_on"):
            data[name] = data[name].isoformat() if data[name] else None
        return data

    @classmethod
    def from_json(cls, data: Any) -> "RuleTerms":
        """Terms from stored or posted JSON, whatever it holds. Raises BadTerms naming each field that cannot be read
        or run; nothing else."""
        if not isinstance(data, dict):
            raise BadTerms({"terms": ["unknown"]})
        values, errors, wrong = {}, {}, []
        for name, value in data.items():
            try:
                values[name] = _READERS[name](value)
            except BadConditions as error:
                errors[name], wrong = ["bad_conditions"], error.problems
            except (KeyError, TypeError, ValueError):
                errors[str(name)] = ["unknown"]
        if errors:
            raise BadTerms(errors, wrong)
        terms = cls(**values)
        terms.check()
        return terms

    def check(self) -> None:
        """Raise BadTerms for terms that no rule may run with."""
        errors: dict[str, list[str]] = {}

        def need(ok: bool, name: str, code: str) -> None:
            if not ok and code not in errors.get(name, ()):
                errors.setdefault(name, []).append(code)

        need(bool(self.award), "award", "empty_award")
        need(all(_is_id(stock) and 1 <= count <= 20 for stock, count in self.award), "award", "not_whole")
        for name in ("stores", "categories"):
            need(all(map(_is_id, getattr(self, name))), name, "unknown")
        need(_whole(self.min_fen), "min_fen", "not_whole")
        need(self.max_fen is None or _whole(self.max_fen), "max_fen", "not_whole")
        if not errors.keys() & {"min_fen", "max_fen"}:
            need(self.max_fen is None or self.max_fen >= self.min_fen, "max_fen", "order")
        need(not (self.starts_on and self.ends_on) or self.starts_on <= self.ends_on, "ends_on", "order")
        need(all(1 <= day <= 7 for day in self.weekdays), "weekdays", "unknown")
        need(all(0 <= start < end <= 1440 for start, end in self.hours), "hours", "order")
        for limit in fields(Limits):
            value = getattr(self.limits, limit.name)
            need(value is None or (_whole(value) and value > 0), limit.name, "not_whole")
        limits = self.limits
        need((limits.per_shopper_in_days is None) == (limits.window_days is None), "window_days", "together")
        need(limits.window_days is None or limits.window_days <= 366, "window_days", "not_whole")
        need(self.trigger in TRIGGERS, "trigger", "unknown")
        need(self.radius_m is None or 10 <= self.radius_m <= 50_000, "radius_m", "not_whole")
        if self.trigger != "payment":
            need(not self.min_fen, "min_fen", "only_payments")
            need(self.max_fen is None, "max_fen", "only_payments")
        need(all(abs(payer) < 2**63 and 0 < bp <= 10_000 for payer, bp in self.shares), "shares", "not_whole")
        need(not self.shares or sum(bp for _payer, bp in self.shares) == 10_000, "shares", "not_whole_share")
        need(len({payer for payer, _bp in self.shares}) == len(self.shares), "shares", "twice")
        need(len(self.group) <= GROUP_LENGTH and self.group.isprintable(), "group", "unknown")
        need(abs(self.priority) <= 10_000, "priority", "not_whole")
        need(0 <= self.holdout_bp <= 9_000, "holdout_bp", "not_whole")
        need(self.on_trigger_refund in ON_TRIGGER_REFUND, "on_trigger_refund", "unknown")
        need(self.on_use_refund in ON_USE_REFUND, "on_use_refund", "unknown")
        if errors:
            raise BadTerms(errors)


def _integer(value: Any) -> int:
    """A whole number of JSON as it is: true, 1.0 and "1" are none."""
    if type(value) is not int:
        raise TypeError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _day(value: Any) -> date | None:
    return None if value in (None, "") else date.fromisoformat(value)


def _integers(value: Any) -> tuple[int, ...]:
    return tuple(_integer(each) for each in _list(value))


def _pairs(value: Any) -> tuple[tuple[int, int], ...]:
    return tuple((_integer(first), _integer(second)) for first, second in map(_list, _list(value)))


def _list(value: Any) -> list | tuple:
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return value


def _limits(value: Any) -> Limits:
    if not isinstance(value, dict):
        raise TypeError(value)
    return Limits(**{name: _or_none(_integer)(limit) for name, limit in value.items()})


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


# How each field is read from JSON; what they raise makes the field unknown.
_READERS: dict[str, Callable[[Any], Any]] = {
    "award": _pairs,
    "trigger": _text,
    "radius_m": _or_none(_integer),
    "conditions": conditions.from_json,
    "shares": _pairs,
    "stores": _integers,
    "categories": _integers,
    "min_fen": _integer,
    "max_fen": _or_none(_integer),
    "starts_on": _day,
    "ends_on": _day,
    "weekdays": _integers,
    "hours": _pairs,
    "limits": _limits,
    "group": _text,
    "priority": _integer,
    "holdout_bp": _integer,
    "on_trigger_refund": _text,
    "on_use_refund": _text,
}


def _is_id(value: int) -> bool:
    return 0 < value < 2**63


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10**13
