"""Rules to start from. Each fills the form with what fits the mall: its categories, found by their codes and names, and
a stock that is used there. What the mall does not have is left for the editor to choose."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from merchants.models import Category, Mall, Store
from merchants.queries.directory import subtrees

from .engine.conditions import Group, Leaf
from .engine.terms import Limits, RuleTerms
from .models import Stock

LUNCH = (
    "lunch", "dining", "restaurant", "hotpot", "noodle", "chinese", "kitchen", "quick",
    "正餐", "中餐", "火锅", "面馆", "料理", "简餐",
)  # fmt: skip
DESSERT = ("dessert", "bakery", "cake", "甜品", "烘焙")
DRINKS = ("coffee", "tea", "咖啡", "茶饮")
LEISURE = ("arcade", "leisure", "cinema", "休闲", "娱乐", "影院", "电玩")
CLOTHES = ("kidswear", "children's wear", "baby wear", "童装")
TOYS = ("toy", "玩具")


class Start(NamedTuple):
    """What the form opens with."""

    name_zh: str = ""
    name_en: str = ""
    terms: RuleTerms = RuleTerms()


@dataclass
class Shelf:
    """What a mall has to choose from. Stocks are open ones, the newest first."""

    mall: Mall
    today: date
    categories: list[Category] = field(init=False)
    stocks: list[Stock] = field(init=False)
    stores: list[Store] = field(init=False)

    def __post_init__(self) -> None:
        self.categories = list(self.mall.categories.all())
        self.stocks = list(self.mall.stocks.filter(closed_at=None).prefetch_related("stores", "categories"))
        open_stores = self.mall.stores.exclude(closed_on__lte=self.today)
        self.stores = list(open_stores.order_by("-pk"))
        self.below = subtrees({each.pk: each.parent_id for each in self.categories})

    def find(self, words: tuple[str, ...]) -> tuple[int, ...]:
        """Ids of the categories whose code or name has one of the words, without those below another of them."""
        found = {each.pk for each in self.categories if _has(each, words)}
        inside = {below for pk in found for below in self.below[pk] if below != pk}
        return tuple(sorted(found - inside))

    def award(self, *searches: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
        """One coupon of the first stock that is used in a category with such words."""
        for words in searches:
            wanted = {below for pk in self.find(words) for below in self.below[pk]}
            for stock in self.stocks:
                if self._categories_of(stock) & wanted:
                    return ((stock.pk, 1),)
        return ()

    def _categories_of(self, stock: Stock) -> set[int]:
        named = {below for each in stock.categories.all() for below in self.below[each.pk]}
        named |= {store.category_id for store in stock.stores.all()}
        return named or {store.category_id for store in self.stores if store.merchant_id == stock.merchant_id}

    def newest(self) -> tuple[Store | None, tuple[tuple[int, int], ...]]:
        """The newest store that has a stock of its merchant, with one coupon of it; else the newest store."""
        by_merchant = {stock.merchant_id: stock.pk for stock in reversed(self.stocks)}
        for store in self.stores:
            if store.merchant_id in by_merchant:
                return store, ((by_merchant[store.merchant_id], 1),)
        return next(iter(self.stores), None), ()


def _has(category: Category, words: tuple[str, ...]) -> bool:
    text = f"{category.code} {category.name_zh} {category.name_en}".lower()
    return any(word in text for word in words)


@dataclass(frozen=True, slots=True)
class StartingPoint:
    key: str
    name_zh: str
    name_en: str
    title: str
    purpose: str
    terms: Callable[[Shelf], RuleTerms]


def open_with(mall: Mall, key: str, *, today: date) -> Start:
    """What the form opens with for a key; empty for one that is not known."""
    chosen = next((each for each in STARTING_POINTS if each.key == key), None)
    return Start(chosen.name_zh, chosen.name_en, chosen.terms(Shelf(mall, today))) if chosen else Start()


def _all(*leaves: Leaf) -> Group:
    return Group("all", leaves)


def _after_lunch(shelf: Shelf) -> RuleTerms:
    return RuleTerms(
        award=shelf.award(DESSERT, DRINKS), categories=shelf.find(LUNCH), min_fen=10_000, hours=((660, 870),),
        limits=Limits(quantity_per_day=50, per_shopper_per_day=1), group="after-meal", holdout_bp=1_000,
    )  # fmt: skip


def _slow_hours(shelf: Shelf) -> RuleTerms:
    return RuleTerms(
        award=shelf.award(LEISURE, DRINKS), weekdays=(1, 2, 3, 4), hours=((840, 1020),), min_fen=3_000,
        limits=Limits(quantity_per_day=50, per_shopper_per_day=1), holdout_bp=1_000,
    )  # fmt: skip


def _win_back(shelf: Shelf) -> RuleTerms:
    return RuleTerms(
        award=shelf.award(DRINKS, DESSERT, LEISURE), trigger="hand_out", limits=Limits(quantity=500, per_shopper=1),
        conditions=_all(Leaf("days_since_visit", "at_least", 60), Leaf("visits", "at_least", 2)), holdout_bp=2_000,
    )  # fmt: skip


def _new_store(shelf: Shelf) -> RuleTerms:
    store, award = shelf.newest()
    never = _all(Leaf("first_visit", "is", True, stores=(store.pk,))) if store else None
    return RuleTerms(
        award=award, min_fen=5_000, starts_on=shelf.today, ends_on=shelf.today + timedelta(days=29), conditions=never,
        limits=Limits(quantity=500, per_shopper=1), holdout_bp=1_000,
    )  # fmt: skip


def _kids(shelf: Shelf) -> RuleTerms:
    return RuleTerms(
        award=shelf.award(TOYS), categories=shelf.find(CLOTHES), min_fen=20_000,
        limits=Limits(quantity=500, per_shopper_in_days=1, window_days=30), holdout_bp=1_000,
    )  # fmt: skip


def _welcome(shelf: Shelf) -> RuleTerms:
    return RuleTerms(
        award=shelf.award(DRINKS, DESSERT), trigger="qr", conditions=_all(Leaf("first_visit", "is", True)),
        limits=Limits(quantity=1_000, quantity_per_day=100, per_shopper=1),
    )  # fmt: skip


STARTING_POINTS = (
    StartingPoint(
        "lunch-dessert", "午餐后来份甜品", "Dessert after lunch", _("After lunch to dessert"),
        _("Who paid for lunch gets a coupon for something sweet."), _after_lunch,
    ),
    StartingPoint(
        "slow-hours", "工作日下午", "Slow afternoons", _("Slow hours"),
        _("Shoppers of quiet afternoons stay a little longer."), _slow_hours,
    ),
    StartingPoint(
        "win-back", "好久不见", "We missed you", _("Win back lapsed shoppers"),
        _("Handed out to regulars who were not here for 60 days."), _win_back,
    ),
    StartingPoint(
        "new-store", "新店开业", "New store", _("New store opening"),
        _("Shoppers who were never at the newest store get a reason to go."), _new_store,
    ),
    StartingPoint(
        "kids", "童装配玩具", "Toys with children's wear", _("Children's wear and toys"),
        _("Who buys children's wear gets a coupon for toys."), _kids,
    ),
    StartingPoint(
        "welcome", "欢迎礼", "Welcome", _("Welcome"),
        _("A QR code at the entrance, for who was never here before."), _welcome,
    ),
)  # fmt: skip
