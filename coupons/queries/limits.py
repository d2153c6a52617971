"""What is used up of limits, read from the counters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from coupons.engine.limits import rule_keys, stock_keys
from coupons.engine.terms import Limits
from coupons.models import LimitCounter, Rule, Stock
from merchants.models import Mall


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is used; `ceiling` None is without limit. Fen if `is_money`, else a number."""

    name: str
    used: int
    ceiling: int | None

    @property
    def is_money(self) -> bool:
        return self.name.startswith(("budget", "stock_budget"))

    @property
    def share(self) -> float | None:
        return self.used / self.ceiling if self.ceiling else None

    @property
    def tone(self) -> str:
        """Of the bar: worth a look from 90 % on."""
        return "warn" if self.share is not None and self.share >= 0.9 else ""


def rule_uses(rule: Rule, limits: Limits, *, day: date) -> list[Use]:
    """The rule's limits that are shared by all shoppers; those of a day, if it has any, for a local day of the mall."""
    keys = rule_keys(rule.pk, day)
    uses = uses_of(keys, limits, counters(rule.mall_id, keys.values()))
    return [use for use in uses if use.ceiling is not None or "_per_day" not in use.name]


def stock_uses(stock: Stock) -> list[Use]:
    keys = stock_keys(stock.pk)
    return uses_of(keys, stock, counters(stock.mall_id, keys.values()))


def uses_of(keys: Mapping[str, str], limits: Limits | Stock, used: Mapping[str, int]) -> list[Use]:
    """Of some limits, with their counters by name, from what the counters say (`counters`)."""
    return [Use(name, used.get(key, 0), getattr(limits, name)) for name, key in keys.items()]


def counters(mall: Mall | int, keys: Iterable[str]) -> dict[str, int]:
    return dict(LimitCounter.objects.for_mall(mall).filter(key__in=list(keys)).values_list("key", "used"))


def used_by(prefix: str, suffix: str) -> Coalesce:
    """For annotating rules (prefix ``r``) or stocks (``k``): what their counter with the suffix says, 0 if none."""
    key = Concat(Value(prefix), Cast(OuterRef("pk"), CharField()), Value(suffix), output_field=CharField())
    found = LimitCounter.objects.filter(mall=OuterRef("mall"), key=key).values("used")[:1]
    return Coalesce(Subquery(found), 0, output_field=BigIntegerField())
