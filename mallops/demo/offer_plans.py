"""The coupon stocks and rules of the demonstration: the same ideas in both malls, at local prices and stores."""

from dataclasses import dataclass, field

from coupons.engine.terms import Limits
from coupons.models.rule import RuleState
from coupons.models.stock import Funder, Kind

AWARD_DAYS = 42  # rules run over the last days, at most so many
SEASON_DAY = 22  # the season before them began on this day of the month, three months before the last


@dataclass(frozen=True, slots=True)
class StockPlan:
    """Honoured by the merchant of the `rank`th store of a trade. Prices in yuan. `used`: share of coupons redeemed;
    `remind`: hours before the end at which shoppers are reminded."""

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
    remind: tuple[int, ...] = ()


STOCKS = (
    StockPlan("sweet-after-lunch", "dessert", 0.36, value=8, least=25, hours=5),
    StockPlan("tea-after-hotpot", "tea", 0.31, value=6, least=18, hours=4, quantity=3_000),
    StockPlan("coffee-after-film", "coffee", 0.42, Kind.EXCHANGE, value=26, hours=8, funder=Funder.MALL),
    StockPlan("toys-with-clothes", "toys", 0.24, Kind.PERCENT_OFF, 60, 80, 1_500, days=14, remind=(72, 24)),
    StockPlan("beauty-with-fashion", "cosmetics", 0.15, value=60, least=300, days=21, budget=90_000, remind=(168, 24)),
    StockPlan("thanks-coffee", "coffee", 0.28, value=5, least=15, days=10, quantity=800, rank=1, funder=Funder.MALL),
    StockPlan("thanks-bakery", "dessert", 0.24, value=6, least=20, days=10, quantity=800, rank=1, funder=Funder.MALL),
    StockPlan("slow-hours-arcade", "arcade", 0.20, Kind.PERCENT_OFF, 40, 50, 2_500, days=5, quantity=1_200),
    StockPlan("family-dinner", "chinese", 0.27, value=30, least=180, days=7, quantity=1_500, remind=(48, 4)),
    StockPlan("homeware-thanks", "homeware", 0.10, value=20, least=120, days=21),
    StockPlan("autumn-fashion", "women", 0.12, value=80, least=500, days=30, budget=22_000, funder=Funder.MALL),
    StockPlan("late-film-noodles", "noodles", 0.24, value=8, least=30, days=3, quantity=1_000, remind=(24,)),
    StockPlan("film-with-phone", "cinema", 0.20, value=20, least=60, days=30, quantity=500),
    StockPlan("season-sweet", "dessert", 0.45, value=8, least=25, days=14, quantity=1_000),
    StockPlan("season-tea", "tea", 0.45, value=6, least=18, days=14, quantity=1_000),
    StockPlan("season-coffee", "coffee", 0.45, value=7, least=22, days=14, quantity=1_000, funder=Funder.MALL),
    StockPlan("season-noodles", "noodles", 0.45, value=8, least=30, days=14, quantity=1_000),
    StockPlan("season-toys", "toys", 0.3, value=20, least=100, days=14, quantity=1_000),
)


DECLINED, WITHDRAWN, CHANGING = "declined", "withdrawn", "changing"  # beside the states of rules


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Prices in yuan, hours as clock hours. `state_after`: what becomes of it, so many days before the last, and with
    `reason` why. `starts_after`: first day, so many days after the last. `mall_share` in basis points; the merchants
    that give the coupons pay the rest in equal parts. `provider`: where there is one of this code, it pays so many
    basis points, and the mall the rest. `changing`: another version waits for consent."""

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
    starts_after: int | None = None
    mall_share: int = 0
    provider: tuple[str, int] | None = None
    state_after: tuple[str, int] | None = None
    reason: str = ""


SEASON = tuple(
    RulePlan(
        f"上一季：{zh}", f"Last season: {en}", (stock,), at, least, mall_share=mall_share,
        limits=Limits(quantity_per_day=4, per_shopper_per_day=1),
    )
    for stock, at, least, mall_share, zh, en in (
        ("season-sweet", ("hotpot", "chinese"), 160, 6_000, "聚餐后甜品", "sweets after dinner"),
        ("season-tea", ("women", "men", "shoes"), 300, 5_000, "逛街后茶饮", "tea after shopping"),
        ("season-coffee", ("books", "cosmetics"), 60, 0, "逛店后咖啡", "coffee after browsing"),
        ("season-noodles", ("sports", "fresh"), 60, 3_000, "买菜后碗面", "noodles after the market"),
        ("season-toys", ("kidswear", "play"), 100, 5_000, "亲子玩具", "toys for families"),
    )
)  # fmt: skip
RULES = (
    RulePlan(
        "午餐后来份甜品", "Dessert after lunch", ("sweet-after-lunch",), ("hotpot", "chinese", "world"),
        160, ((11, 15),), limits=Limits(quantity_per_day=30, per_shopper_per_day=1), group="after-meal", priority=5,
        state_after=(CHANGING, 4),
    ),
    RulePlan(
        "火锅后解辣茶饮", "Tea to cool a hotpot", ("tea-after-hotpot",), ("hotpot",),
        220, ((17, 22),), limits=Limits(per_shopper_per_day=1), group="after-meal",
    ),
    RulePlan(
        "电影散场换购咖啡", "Coffee after the film", ("coffee-after-film",), ("cinema",),
        80, ((9, 20),), limits=Limits(per_shopper_per_day=1), priority=3, provider=("juxin-pay", 2_000),
    ),
    RulePlan(
        "买童装送玩具折扣", "Toys with children's wear", ("toys-with-clothes",), ("kidswear",),
        220, limits=Limits(per_shopper=3),
    ),
    RulePlan(
        "服饰满额送美妆券", "Beauty with fashion", ("beauty-with-fashion",), ("women", "shoes"),
        500, limits=Limits(per_shopper=2, budget_per_day_fen=180_000), holdout_bp=1_000, priority=2,
    ),
    RulePlan(
        "大额消费谢礼", "Thanks for a large purchase", ("thanks-coffee", "thanks-bakery"), ("jewellery", "digital"),
        800, limits=Limits(quantity=600, quantity_per_day=12, per_shopper=1), priority=-5, on_trigger_refund="revoke",
    ),
    RulePlan(
        "工作日下午玩一局", "A game on a slow afternoon", ("slow-hours-arcade",), ("coffee", "books"),
        30, ((14, 17),), (1, 2, 3, 4), Limits(per_shopper_per_day=1, quantity_per_day=8),
    ),
    RulePlan(
        "周末亲子聚餐", "Family dinner at weekends", ("family-dinner",), ("play", "toys"),
        120, (), (6, 7), Limits(per_shopper_per_day=1),
    ),
    RulePlan(
        "超市满额谢礼", "Thanks from the supermarket", ("homeware-thanks",), ("market",),
        150, limits=Limits(per_shopper=2, quantity_per_day=15), state_after=(RuleState.PAUSED, 14),
    ),
    RulePlan(
        "金秋购物季", "Golden autumn sale", ("autumn-fashion",), ("men", "sports"),
        600, limits=Limits(quantity=250, per_shopper=1), ends_before=22, state_after=(RuleState.ENDED, 20),
    ),
    RulePlan(
        "夜场电影配碗面", "Noodles after a late film", ("late-film-noodles",), ("cinema", "karaoke"),
        120, ((20, 24),), limits=Limits(per_shopper_per_day=1),
    ),
    RulePlan(
        "买数码送电影票（草稿）", "A film with a phone (draft)", ("film-with-phone",), ("phones",),
        1_000, limits=Limits(per_shopper=1), state_after=(RuleState.DRAFT, 0),
    ),
    RulePlan(
        "下午茶双拼", "Afternoon tea for two", ("sweet-after-lunch", "tea-after-hotpot"), ("coffee", "books", "women"),
        200, ((14, 17),), (1, 2, 3, 4, 5), Limits(quantity=400, per_shopper=2), mall_share=4_000,
        state_after=(RuleState.WAITING, 2),
    ),
    RulePlan(
        "换季家居礼", "Homeware for the new season", ("homeware-thanks",), ("market", "kidswear"),
        300, limits=Limits(quantity=300, per_shopper=1), state_after=(RuleState.APPROVED, 3),
    ),
    RulePlan(
        "年末观影季", "Films at the turn of the year", ("film-with-phone",), ("phones", "books"),
        400, limits=Limits(quantity=200, per_shopper=1), starts_after=5,
    ),
    RulePlan(
        "人人半价玩具", "Toys for everybody", ("toys-with-clothes",), (),
        50, limits=Limits(quantity_per_day=100), state_after=(DECLINED, 6),
        reason="毛利太薄，全场都送撑不住。The margin is too thin to give them to everybody.",
    ),
    RulePlan(
        "欢唱后来碗面", "Noodles after a song", ("late-film-noodles",), ("karaoke", "arcade"),
        100, ((18, 24),), limits=Limits(quantity=600, per_shopper_per_day=1), state_after=(WITHDRAWN, 7),
        reason="厨房人手不够，暂时停一停。The kitchen is short of hands for now.",
    ),
)  # fmt: skip
