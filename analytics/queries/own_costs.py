"""What coupons cost a merchant: its share of the discounts, as `coupons.funding` splits them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Sum

from coupons import funding
from coupons.engine.terms import RuleTerms
from coupons.models import Redemption, Reversal, Rule, Stock
from mallops.lib.dates import Period
from merchants.models import Merchant

from .places import Choice

Shares = Mapping[tuple[int, int], Mapping[int, int]]  # (rule, stock) -> version -> basis points


def costs(
    merchant: Merchant, choice: Choice, rules: Iterable[Rule], discounts: Mapping[tuple[int, int, int], int]
) -> dict[tuple[int, int], int]:
    """The merchant's part (fen) by side and rule, of discounts (fen) by side, rule and stock.

    The roll-ups, which `discounts` come from, do not know the version of a rule: where its versions ask for different
    shares, its redemptions are read themselves.
    """
    shares = _shares(merchant, rules)
    changed = {rule for (rule, _stock), found in shares.items() if len(set(found.values())) > 1}
    parts: dict[tuple[int, int], int] = defaultdict(int)
    for (side, rule, stock), fen in discounts.items():
        if rule not in changed:
            parts[side, rule] += part(fen, next(iter(shares.get((rule, stock), {}).values()), 0))
    for side, period in enumerate(choice.periods if changed else ()):
        for (rule, stock, version), fen in _by_version(merchant, period, changed).items():
            parts[side, rule] += part(fen, shares.get((rule, stock), {}).get(version, 0))
    return parts


def part(fen: int, share_bp: int) -> int:
    """A share of a discount, half up; also of one below zero (in these days more was undone than used)."""
    return (2 * fen * share_bp + 10_000) // 20_000


def share_of(terms: RuleTerms, stock: Stock, merchant_id: int) -> int:
    """Which part of a coupon's discount a merchant carries under some terms, in basis points."""
    return dict(funding.shares(terms, stock)).get(merchant_id, 0)


def _shares(merchant: Merchant, rules: Iterable[Rule]) -> Shares:
    found: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for version in (version for rule in rules for version in rule.versions.all()):
        terms = RuleTerms.from_json(version.terms)
        for stock in version.stocks.all():
            found[version.rule_id, stock.pk][version.pk] = share_of(terms, stock, merchant.pk)
    return found


def _by_version(merchant: Merchant, period: Period, rules: Iterable[int]) -> dict[tuple[int, int, int], int]:
    """Discounts less those undone in the local days of a period, in fen by rule, stock and version."""
    days = {"day__gte": period.start, "day__lt": period.end}
    used = Redemption.objects.for_mall(merchant.mall_id).filter(coupon__rule__in=rules, **days)
    undone = Reversal.objects.for_mall(merchant.mall_id).filter(redemption__coupon__rule__in=rules, **days)
    found: dict[tuple[int, int, int], int] = defaultdict(int)
    for sign, rows, to in ((1, used, ""), (-1, undone, "redemption__")):
        keys = [f"{to}coupon__{name}" for name in ("rule", "stock", "rule_version")]
        for *key, fen in rows.order_by().values_list(*keys).annotate(fen=Sum(f"{to}discount_fen")):
            found[tuple(key)] += sign * fen
    return found
