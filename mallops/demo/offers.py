"""Coupon stocks and rules of the demonstration, the same ideas in both malls at local prices and stores."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from coupons.engine.terms import Limits, RuleTerms
from coupons.models import Rule, RuleVersion, Stock
from coupons.models.rule import RuleState
from coupons.models.stock import Funder, Kind, Validity
from merchants.models import Category, Mall, Store, User

from . import plan


@dataclass(frozen=True, slots=True)
class StockPlan:
    """Honoured by the merchant of the `rank`th store of a trade. Prices in yuan. `used`: share of coupons redeemed."""

    code: str
    trade: str
    used: float
    kind: str = Kind.AMOUNT_OFF
    value: int = 0
    least: int = 0
    percent_bp: int | None = None
    hours: int = 0
    days: int = 0
    quantity: int = 3_000
    budget: int | None = None
    rank: int = 0
    funder: str = Funder.MERCHANT


STOCKS = (
    StockPlan("sweet-after-lunch", "dessert", 0.36, value=8, least=25, hours=5, quantity=4_000),
    StockPlan("tea-after-hotpot", "tea", 0.31, value=6, least=18, hours=4, quantity=3_000),
    StockPlan("coffee-after-film", "coffee", 0.42, Kind.EXCHANGE, value=26, hours=8, funder=Funder.MALL),
    StockPlan("toys-with-clothes", "toys", 0.22, Kind.PERCENT_OFF, 60, 80, 1_500, days=14),
    StockPlan("beauty-with-fashion", "cosmetics", 0.15, value=60, least=300, days=21, budget=60_000),
    StockPlan("welcome-coffee", "coffee", 0.18, value=5, least=15, days=10, quantity=2_500, rank=1, funder=Funder.MALL),
    StockPlan("welcome-bakery", "dessert", 0.16, value=6, least=20, days=10, quantity=2_500, rank=1, funder=Funder.MALL),
    StockPlan("slow-hours-arcade", "arcade", 0.20, Kind.PERCENT_OFF, 40, 50, 2_500, days=5, quantity=1_200),
    StockPlan("family-dinner", "chinese", 0.27, value=30, least=180, days=7, quantity=1_500),
    StockPlan("homeware-thanks", "homeware", 0.10, value=20, least=120, days=21),
    StockPlan("autumn-fashion", "women", 0.12, value=80, least=500, days=30, budget=40_000, funder=Funder.MALL),
    StockPlan("late-film-noodles", "noodles", 0.24, value=8, least=30, days=3, quantity=1_000),
    StockPlan("film-with-phone", "cinema", 0.20, value=20, least=60, days=30, quantity=500),
)


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Prices in yuan, hours as clock hours. `state_after`: what becomes of it, so many days before the last."""

    name_zh: str
    name_en: str
    award: tuple[str, ...]
    at: tuple[str, ...] = ()
    least: int = 0
    hours: tuple[tuple[int, int], ...] = ()
    weekdays: tuple[int, ...] = ()
    limits: Limits = field(default_factory=Limits)
    group: str = ""
    priority: int = 0
    holdout_bp: int = 0
    on_trigger_refund: str = "revoke_below_minimum"
    ends_before: int | None = None
    state_after: tuple[str, int] | None = None


RULES = (
    RulePlan("午餐后来份甜品", "Dessert after lunch", ("sweet-after-lunch",), ("hotpot", "chinese", "world", "noodles"),
             60, ((11, 15),), limits=Limits(quantity_per_day=70, per_shopper_per_day=1), group="after-meal", priority=5),
    RulePlan("火锅后解辣茶饮", "Tea to cool a hotpot", ("tea-after-hotpot",), ("hotpot",), 120, ((17, 22),),
             limits=Limits(per_shopper_per_day=1), group="after-meal"),
    RulePlan("电影散场换购咖啡", "Coffee after the film", ("coffee-after-film",), ("cinema",), 60, ((9, 20),),
             limits=Limits(per_shopper_per_day=1), priority=3),
    RulePlan("买童装送玩具折扣", "Toys with children's wear", ("toys-with-clothes",), ("kidswear",), 150,
             limits=Limits(per_shopper=4)),
    RulePlan("服饰满额送美妆券", "Beauty with fashion", ("beauty-with-fashion",), ("women", "shoes", "jewellery"), 350,
             limits=Limits(per_shopper=3, budget_per_day_fen=180_000), holdout_bp=1_000, priority=2),
    RulePlan("新客见面礼", "Welcome pack", ("welcome-coffee", "welcome-bakery"), (), 80,
             limits=Limits(quantity=2_400, quantity_per_day=60, per_shopper=1), priority=-5, on_trigger_refund="keep"),
    RulePlan("工作日下午玩一局", "A game on a slow afternoon", ("slow-hours-arcade",), ("coffee", "tea", "books"), 25,
             ((14, 17),), (1, 2, 3, 4), limits=Limits(per_shopper_per_day=1, quantity_per_day=30)),
    RulePlan("周末亲子聚餐", "Family dinner at weekends", ("family-dinner",), ("play", "toys"), 80, (), (6, 7),
             limits=Limits(per_shopper_per_day=1)),
    RulePlan("超市满额谢礼", "Thanks from the supermarket", ("homeware-thanks",), ("market",), 150,
             limits=Limits(per_shopper=2, quantity_per_day=25), state_after=(RuleState.PAUSED, 14)),
    RulePlan("金秋购物季", "Golden autumn sale", ("autumn-fashion",), ("fashion",), 600,
             limits=Limits(quantity=400, per_shopper=1), ends_before=22, state_after=(RuleState.ENDED, 20)),
    RulePlan("夜场电影配碗面", "Noodles after a late film", ("late-film-noodles",), ("cinema", "karaoke"), 60, ((20, 24),),
             limits=Limits(per_shopper_per_day=1)),
    RulePlan("买数码送电影票（草稿）", "A film with a phone (draft)", ("film-with-phone",), ("phones",), 1_000,
             limits=Limits(per_shopper=1), state_after=(RuleState.DRAFT, 0)),
)  # fmt: skip


def make_stocks(mall: Mall, mall_plan: plan.MallPlan) -> dict[str, Stock]:
    """The stocks by code."""
    return {terms.code: _make_stock(mall, mall_plan, terms) for terms in STOCKS}


def _make_stock(mall: Mall, mall_plan: plan.MallPlan, terms: StockPlan) -> Stock:
    def fen(yuan: float | None) -> int | None:
        return None if yuan is None else max(1, round(yuan * mall_plan.price_level)) * 100

    running = sorted(
        (store for store in plan.stores(mall.slug) if store.trade == terms.trade), key=lambda store: -store.pull
    )
    place = running[min(terms.rank, len(running) - 1)]
    store = Store.objects.select_related("merchant").get(mall=mall, code=place.code)
    value, least, sign = fen(terms.value), fen(terms.least) if terms.least else 0, mall.currency
    zh, en = _words(terms, value // 100, least // 100, sign)
    kind = {
        Kind.AMOUNT_OFF: {"value_fen": value},
        Kind.PERCENT_OFF: {"percent_bp": terms.percent_bp, "ceiling_fen": value},
        Kind.EXCHANGE: {"value_fen": value, "exchange_price_fen": value * 4 // 10 // 100 * 100},
    }[terms.kind]
    validity = {"validity": Validity.HOURS if terms.hours else Validity.DAYS, "valid_for": terms.hours or terms.days}
    return Stock.objects.create(
        mall=mall, merchant=store.merchant, code=terms.code, name_zh=f"{store.name_zh} {zh}",
        name_en=f"{store.name_en}: {en}", kind=terms.kind, min_spend_fen=least, quantity=terms.quantity,
        budget_fen=fen(terms.budget), funder=terms.funder, **kind, **validity,
    )  # fmt: skip


def _words(terms: StockPlan, value: int, least: int, sign: str) -> tuple[str, str]:
    if terms.kind == Kind.PERCENT_OFF:
        percent = terms.percent_bp // 100
        return f"{(100 - percent) / 10:g}折券", f"{percent} % off"
    if terms.kind == Kind.EXCHANGE:
        return f"{sign}{value * 4 // 10}换购", f"any cup for {sign}{value * 4 // 10}"
    return f"满{least}减{value}", f"{sign}{value} off {sign}{least}"


def make_rules(
    mall: Mall, mall_plan: plan.MallPlan, stocks: dict[str, Stock], *, start: datetime, last_day: date, by: User
) -> list[tuple[date, Rule, str]]:
    """The rules, live from `start`. Returns the changes of state that lie ahead: (day, rule, state)."""
    categories = dict(Category.objects.filter(mall=mall).values_list("code", "pk"))
    ahead = []
    for order, terms_plan in enumerate(RULES):
        terms = _terms(mall_plan, terms_plan, stocks, categories, last_day)
        rule = Rule.objects.create(
            mall=mall, name_zh=terms_plan.name_zh, name_en=terms_plan.name_en, draft=terms.to_json(), created_by=by
        )
        Rule.objects.filter(pk=rule.pk).update(created_at=start - timedelta(days=3, minutes=order))
        state, days = terms_plan.state_after or (RuleState.LIVE, 0)
        if state != RuleState.DRAFT:
            _publish(rule, terms, at=start, by=by)
        if state in {RuleState.PAUSED, RuleState.ENDED}:
            ahead.append((last_day - timedelta(days=days), rule, state))
    return ahead


def _terms(
    mall_plan: plan.MallPlan, terms: RulePlan, stocks: dict[str, Stock], categories: dict[str, int], last_day: date
) -> RuleTerms:
    return RuleTerms(
        award=tuple((stocks[code].pk, 1) for code in terms.award),
        categories=tuple(categories[code] for code in terms.at if code in categories),
        min_fen=round(terms.least * mall_plan.price_level) * 100,
        ends_on=last_day - timedelta(days=terms.ends_before) if terms.ends_before else None,
        weekdays=terms.weekdays,
        hours=tuple((start * 60, end * 60) for start, end in terms.hours),
        limits=terms.limits,
        group=terms.group,
        priority=terms.priority,
        holdout_bp=terms.holdout_bp,
        on_trigger_refund=terms.on_trigger_refund,
    )


def _publish(rule: Rule, terms: RuleTerms, *, at: datetime, by: User) -> None:
    version = RuleVersion.objects.create(
        rule=rule, number=1, terms=terms.to_json(), published_at=at, published_by=by
    )
    version.stocks.set([stock for stock, _count in terms.award])
    rule.version, rule.state = version, RuleState.LIVE
    rule.save(update_fields=["version", "state"])


def change_state(rule: Rule, state: str) -> None:
    rule.state = state
    rule.save(update_fields=["state"])
