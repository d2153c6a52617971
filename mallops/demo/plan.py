"""What the demonstration is made of: the malls, their trades and stores. Every name is invented."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class MallPlan:
    """`visits_a_day`: trips on an ordinary weekday. `price_level`: local prices against those of `TRADES`.
    `channels`: how people pay, as shares; `unknown`: the share of a channel's payments without a shopper.
    """

    slug: str
    name_zh: str
    name_en: str
    time_zone: str
    currency: str
    latitude: str
    longitude: str
    floors: tuple[tuple[str, int, str, str], ...]
    holidays: str
    visits_a_day: int
    shoppers: int
    price_level: float
    channels: dict[str, float]
    unknown: dict[str, float]
    registration: str


MALLS = (
    MallPlan(
        "galaxy", "星河天地", "Galaxy City", "Asia/Shanghai", "¥", "31.230400", "121.473700",
        (("B1", -1, "地下一层 美食市集", "Basement: food market"), ("L1", 1, "一层 美妆珠宝", "Beauty and jewellery"),
         ("L2", 2, "二层 女装", "Women's fashion"), ("L3", 3, "三层 男装运动", "Menswear and sports"),
         ("L4", 4, "四层 亲子家居", "Family and home"), ("L5", 5, "五层 餐厅", "Restaurants"),
         ("L6", 6, "六层 影院娱乐", "Cinema and leisure")),
        "china", 410, 16_000, 1.0,
        {"wechat": 0.55, "alipay": 0.29, "unionpay": 0.05, "card": 0.07, "cash": 0.04},
        {"cash": 1.0, "card": 0.3, "unionpay": 0.1},
        "91310115MADEMO{:03d}X",
    ),
    MallPlan(
        "harbour", "港湾广场", "Harbour Plaza", "Australia/Sydney", "A$", "-33.873100", "151.206900",
        (("LG", -1, "下层 市集", "Lower ground: market"), ("G", 0, "地面层", "Ground"), ("L1", 1, "一层 服饰亲子", "Fashion and family"),
         ("L2", 2, "二层 餐厅", "Dining"), ("L3", 3, "三层 娱乐", "Leisure")),
        "australia", 170, 7_000, 0.45,
        {"card": 0.52, "wechat": 0.17, "alipay": 0.12, "unionpay": 0.09, "cash": 0.08, "other": 0.02},
        {"cash": 1.0, "card": 0.35, "other": 0.5},
        "ABN 00 000 000 {:03d}",
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

TRADES = (
    Trade("hotpot", "food", "火锅", "Hotpot", 246, 0.38, "whole", "meals", 8.0, 1.5, "winter", 60, 0.50),
    Trade("noodles", "food", "面馆", "Noodles", 38, 0.30, "whole", "lunch", 7.0, 0.9, "flat", 40, 0.22),
    Trade("chinese", "food", "中餐", "Chinese dining", 218, 0.42, "whole", "meals", 6.0, 1.5, "flat", 60, 0.42),
    Trade("world", "food", "异国料理", "World kitchen", 176, 0.42, "whole", "dinner", 5.0, 1.4, "flat", 60, 0.42),
    Trade("quick", "food", "快餐简餐", "Quick meals", 33, 0.35, "tenth", "lunch", 10.0, 0.95, "flat", 50, 0.20),
    Trade("coffee", "food", "咖啡", "Coffee", 26, 0.35, "whole", "coffee", 7.0, 0.95, "flat", 50, 0.25),
    Trade("tea", "food", "茶饮", "Tea drinks", 21, 0.33, "whole", "coffee", 6.0, 1.2, "summer", 50, 0.25),
    Trade("dessert", "food", "甜品烘焙", "Desserts and bakery", 36, 0.42, "whole", "coffee", 4.0, 1.3, "summer", 50, 0.25),
    Trade("women", "fashion", "女装", "Women's fashion", 419, 0.60, "nine", "retail", 5.0, 1.7, "clothes", 560, 0.50),
    Trade("men", "fashion", "男装", "Menswear", 389, 0.55, "nine", "retail", 3.0, 1.6, "clothes", 430, 0.45),
    Trade("sports", "fashion", "运动户外", "Sports and outdoor", 459, 0.55, "nine", "retail", 3.5, 1.5, "clothes", 380, 0.45),
    Trade("shoes", "fashion", "鞋包", "Shoes and bags", 399, 0.55, "nine", "retail", 2.0, 1.5, "clothes", 420, 0.45),
    Trade("jewellery", "fashion", "珠宝配饰", "Jewellery and watches", 980, 0.90, "nine", "retail", 1.0, 1.5, "gifts", 160, 0.40),
    Trade("kidswear", "kids", "童装", "Children's wear", 218, 0.50, "nine", "family", 2.5, 1.8, "clothes", 400, 0.50),
    Trade("toys", "kids", "玩具", "Toys", 139, 0.60, "nine", "family", 2.0, 1.8, "gifts", 200, 0.45),
    Trade("play", "kids", "亲子乐园", "Play and learning", 98, 0.35, "whole", "family", 3.0, 2.2, "holidays", 120, 0.60),
    Trade("cosmetics", "beauty", "美妆护肤", "Cosmetics", 328, 0.65, "nine", "retail", 3.0, 1.3, "gifts", 180, 0.40),
    Trade("salon", "beauty", "美发美甲", "Hair and nails", 188, 0.45, "whole", "retail", 1.2, 1.3, "flat", 40, 0.35),
    Trade("phones", "digital", "手机数码", "Phones and audio", 699, 1.00, "nine", "retail", 2.0, 1.3, "gifts", 300, 0.30),
    Trade("appliances", "digital", "家用电器", "Appliances", 899, 0.80, "nine", "retail", 0.8, 1.5, "gifts", 280, 0.25),
    Trade("homeware", "home", "家居生活", "Homeware", 156, 0.65, "tenth", "retail", 2.0, 1.5, "flat", 250, 0.40),
    Trade("books", "home", "书店文创", "Books and stationery", 68, 0.60, "tenth", "family", 2.2, 1.5, "holidays", 90, 0.45),
    Trade("cinema", "leisure", "影院", "Cinema", 43, 0.15, "tickets", "night", 5.0, 1.9, "holidays", 110, 0.55),
    Trade("karaoke", "leisure", "KTV", "Karaoke", 238, 0.40, "whole", "night", 1.2, 1.7, "winter", 70, 0.25),
    Trade("arcade", "leisure", "电玩密室", "Arcade and games", 68, 0.50, "whole", "night", 2.2, 1.8, "holidays", 60, 0.45),
    Trade("fitness", "leisure", "健身", "Fitness", 320, 0.70, "nine", "coffee", 0.4, 0.8, "flat", 150, 0.20),
    Trade("market", "grocery", "超市", "Supermarket", 86, 0.75, "exact", "market", 10.0, 1.3, "flat", 70, 0.12),
    Trade("fresh", "grocery", "生鲜果品", "Fresh food", 47, 0.55, "exact", "market", 4.0, 1.2, "summer", 60, 0.15),
    Trade("services", "", "生活服务", "Services", 74, 0.60, "tenth", "retail", 1.5, 0.9, "flat", 80, 0.20),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StorePlan:
    """`pull` and `price` are relative to the trade; `opened` and `closed` are days before the last day, if within."""

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


def stores(slug: str) -> list[StorePlan]:
    return [
        StorePlan(
            row["code"], row["name_zh"], row["name_en"], row["category"], row["floor"], row["unit"], row["merchant"],
            float(row["pull"]), float(row["price"]),
            int(row["opened"]) if row["opened"] else None, int(row["closed"]) if row["closed"] else None,
        )
        for row in _rows(f"{slug}_stores.csv")
    ]  # fmt: skip


def merchants(slug: str) -> list[dict[str, str]]:
    """The merchants with several stores; any other store is a merchant of its own."""
    return [row for row in _rows("merchants.csv") if row["mall"] == slug]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
