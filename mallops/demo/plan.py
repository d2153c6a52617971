"""What the demonstration is made of: the malls, their trades and stores. Every name is invented."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class MallPlan:
    """`visits_a_day`: trips on an ordinary weekday. `price_level`: local prices against those of the trades.
    `channels`: how people pay, as shares; `unknown`: the share of a channel's payments without a shopper.
    `holdout_bp`: the control group of all rules together, in basis points.
    """

    slug: str
    name_zh: str
    name_en: str
    time_zone: str
    currency: str
    country: str
    latitude: str
    longitude: str
    floors: tuple[tuple[str, int, str, str], ...]
    holidays: str
    visits_a_day: int
    price_level: float
    channels: dict[str, float]
    unknown: dict[str, float]
    registration: str
    holdout_bp: int = 0


MALLS = (
    MallPlan(
        "galaxy", "星河天地", "Galaxy City", "Asia/Shanghai", "¥", "CN", "31.230400", "121.473700",
        (("B1", -1, "地下一层 美食市集", "Basement: food market"), ("L1", 1, "一层 美妆珠宝", "Beauty and jewellery"),
         ("L2", 2, "二层 女装", "Women's fashion"), ("L3", 3, "三层 男装运动", "Menswear and sports"),
         ("L4", 4, "四层 亲子家居", "Family and home"), ("L5", 5, "五层 餐厅", "Restaurants"),
         ("L6", 6, "六层 影院娱乐", "Cinema and leisure")),
        "china", 285, 1.0,
        {"wechat": 0.55, "alipay": 0.29, "unionpay": 0.05, "card": 0.07, "cash": 0.04},
        {"cash": 1.0, "card": 0.3, "unionpay": 0.1},
        "91310115MADEMO{:03d}X",
    ),
    MallPlan(
        "harbour", "港湾广场", "Harbour Plaza", "Australia/Sydney", "A$", "AU", "-33.873100", "151.206900",
        (("LG", -1, "下层 市集", "Lower ground: market"), ("G", 0, "地面层", "Ground"),
         ("L1", 1, "一层 服饰亲子", "Fashion and family"),
         ("L2", 2, "二层 餐厅", "Dining"), ("L3", 3, "三层 娱乐", "Leisure")),
        "australia", 120, 0.45,
        {"card": 0.52, "wechat": 0.17, "alipay": 0.12, "unionpay": 0.09, "cash": 0.08, "other": 0.02},
        {"cash": 1.0, "card": 0.35, "other": 0.5},
        "ABN 00 000 000 {:03d}", holdout_bp=600,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trade:
    """A category of stores and how people shop there.

    `ticket`: the median payment in yuan; `spread`: its log-normal sigma; `ending`: how prices end (`crowd.ENDINGS`).
    `rhythm`: hours of the day (`rhythm.HOURS`); `draw`: how often a trip begins here; `weekend`: uplift;
    `season`: months (`rhythm.SEASONS`); `refund_bp`: refunds per 10,000 payments; `roam`: chance to go on elsewhere.
    """

    code: str
    parent: str
    name_zh: str
    name_en: str
    ticket: float
    spread: float
    ending: str
    rhythm: str
    draw: float
    weekend: float
    season: str
    refund_bp: int
    roam: float


GROUPS = (
    ("food", "餐饮", "Food and drink"), ("fashion", "服饰", "Fashion"), ("kids", "儿童", "Children"),
    ("beauty", "美妆", "Beauty"), ("digital", "数码", "Digital"), ("home", "家居", "Home"),
    ("leisure", "休闲娱乐", "Leisure"), ("grocery", "超市生鲜", "Groceries"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StorePlan:
    """`pull` and `price` are relative to the trade. Days before the last day, if within: when the store `opened` and
    `closed`, and since when it is `silent`: open, but its payments do not arrive."""

    code: str
    name_zh: str
    name_en: str
    trade: str
    floor: str
    unit: str
    merchant: str
    pull: float
    price: float
    opened: int | None
    closed: int | None
    silent: int | None


def trades() -> list[Trade]:
    return [
        Trade(**{field.name: field.type(row[field.name]) for field in fields(Trade)}) for row in _rows("trades.csv")
    ]


def stores(slug: str) -> list[StorePlan]:
    return [
        StorePlan(
            row["code"], row["name_zh"], row["name_en"], row["category"], row["floor"], row["unit"], row["merchant"],
            float(row["pull"]), float(row["price"]),
            *(int(row[name]) if row[name] else None for name in ("opened", "closed", "silent")),
        )
        for row in _rows(f"{slug}_stores.csv")
    ]  # fmt: skip


def roams() -> dict[str, dict[str, float]]:
    """From each trade, the trades where people go next, with their odds."""
    return {
        row["from"]: {name: float(odds) for name, odds in (pair.split(":") for pair in row["to"].split())}
        for row in _rows("roams.csv")
    }


def merchants(slug: str) -> list[dict[str, str]]:
    """The merchants with several stores; any other store is a merchant of its own."""
    return [row for row in _rows("merchants.csv") if row["mall"] == slug]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
