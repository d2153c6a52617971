"""The rows of a mall that people set up once: floors, categories, merchants, stores."""

from datetime import date, timedelta
from typing import Any

from coupons.geo import Position
from merchants.models import Category, Floor, Mall, Merchant, Store
from merchants.models.base import touch_mall
from merchants.plans import Box

from . import plan, spots


def build(mall_plan: plan.MallPlan, *, last_day: date) -> Mall:
    """The mall with its floors, categories, merchants and stores."""
    mall = Mall.objects.create(
        slug=mall_plan.slug, name_zh=mall_plan.name_zh, name_en=mall_plan.name_en, time_zone=mall_plan.time_zone,
        currency=mall_plan.currency, latitude=mall_plan.latitude, longitude=mall_plan.longitude,
        country=mall_plan.country, holdout_bp=mall_plan.holdout_bp,
    )  # fmt: skip
    floors = {
        floor.code: floor
        for floor in Floor.objects.bulk_create(
            Floor(mall=mall, code=code, level=level, name_zh=zh, name_en=en) for code, level, zh, en in mall_plan.floors
        )
    }
    stores = plan.stores(mall.slug)
    categories = _categories(mall, {store.trade for store in stores})
    merchants, plots = _merchants(mall, mall_plan, stores), spots.plots(stores)
    Store.objects.bulk_create(
        Store(
            mall=mall, code=store.code, name_zh=store.name_zh, name_en=store.name_en, unit=store.unit,
            merchant=merchants[store.merchant or store.code.lower()], category=categories[store.trade],
            floor=floors[store.floor],
            opened_on=last_day - timedelta(days=store.opened - 1) if store.opened else None,
            closed_on=last_day - timedelta(days=store.closed - 1) if store.closed else None,
            **place(mall_plan, plots[store.code]),
        )
        for store in stores
    )  # fmt: skip
    touch_mall(mall.pk)
    return mall


def place(mall_plan: plan.MallPlan, plot: Box) -> dict[str, Any]:
    """Where a store lies, as fields of its row."""
    spot = spots.on_map(Position(float(mall_plan.latitude), float(mall_plan.longitude)), plot)
    on_plan = {f"plan_{name}": squares for name, squares in plot._asdict().items()}
    return on_plan | {"latitude": spots.degrees(spot.latitude), "longitude": spots.degrees(spot.longitude)}


def _categories(mall: Mall, present: set[str]) -> dict[str, Category]:
    trades = [trade for trade in plan.trades() if trade.code in present]
    above = {trade.parent for trade in trades}
    groups = {
        group.code: group
        for group in Category.objects.bulk_create(
            Category(mall=mall, code=code, name_zh=zh, name_en=en, position=position)
            for position, (code, zh, en) in enumerate(plan.GROUPS)
            if code in above
        )
    }
    leaves = Category.objects.bulk_create(
        Category(
            mall=mall, code=trade.code, name_zh=trade.name_zh, name_en=trade.name_en,
            parent=groups.get(trade.parent), position=position if trade.parent else len(plan.GROUPS),
        )
        for position, trade in enumerate(trades)
    )  # fmt: skip
    return groups | {leaf.code: leaf for leaf in leaves}


def _merchants(mall: Mall, mall_plan: plan.MallPlan, stores: list[plan.StorePlan]) -> dict[str, Merchant]:
    chains = [(row["code"], row["name_zh"], row["name_en"]) for row in plan.merchants(mall.slug)]
    suffix = "Co., Ltd" if mall_plan.holidays == "china" else "Pty Ltd"
    single = [
        (store.code.lower(), f"{store.name_zh}商贸有限公司", f"{store.name_en} {suffix}")
        for store in stores
        if not store.merchant
    ]
    made = Merchant.objects.bulk_create(
        Merchant(mall=mall, code=code, name_zh=zh, name_en=en, registration_number=mall_plan.registration.format(n))
        for n, (code, zh, en) in enumerate(chains + single, start=1)
    )
    return {merchant.code: merchant for merchant in made}
