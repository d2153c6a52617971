"""Stores that providers want to bring into the malls: one has come, one was declined, two wait."""

from datetime import date, timedelta
from typing import NamedTuple

from merchants.choices import Capability
from merchants.models import Category, Floor, Mall, Onboarding, ServiceProvider, Store, User
from merchants.plans import Box
from merchants.services import onboarding, plans
from merchants.services.onboarding_checks import Proposal

from . import plan
from .days import Days
from .directory import place
from .marks import dated

KIOSK = Box(54, 27, 10, 6)  # in the passage, where no unit lies
CROWDED = "该楼层同类门店已够多。There are enough of this trade on the floor."


class Newcomer(NamedTuple):
    mall: str
    code: str
    name_zh: str
    name_en: str
    category: str
    floor: str
    unit: str
    number: str


NEWCOMERS = (
    Newcomer("galaxy", "B115", "豆香记豆浆", "Bean Scent Soy Milk", "quick", "B1", "B1-K1", "91310115MADEMO851X"),
    Newcomer("galaxy", "L416", "毛绒星球", "Plush Planet", "toys", "L4", "L4-23", "91310115MADEMO852X"),
    Newcomer("galaxy", "L515", "雪线刨冰", "Snowline Shaved Ice", "dessert", "L5", "L5-20", "91310115MADEMO853X"),
    Newcomer("galaxy", "L211", "秋水旗袍", "Autumn Water Qipao", "women", "L2", "L2-16", "91310115MADEMO854X"),
    Newcomer("harbour", "G11", "沙丘果汁", "Dune Juice Bar", "tea", "LG", "LG-K1", "ABN 00 000 000 851"),
    Newcomer("harbour", "212", "风筝玩具", "Kite Toys", "toys", "L1", "1-20", "ABN 00 000 000 852"),
    Newcomer("harbour", "308", "灯塔面包", "Lighthouse Bread", "dessert", "L2", "2-12", "ABN 00 000 000 853"),
    Newcomer("harbour", "213", "潮池泳装", "Rockpool Swimwear", "women", "L1", "1-21", "ABN 00 000 000 854"),
)


def tell(days: Days, provider: ServiceProvider, staff: dict[str, User]) -> None:
    """Proposed by a provider in two goes, the first decided by now."""
    mall, owner = days.mall, staff["provider"]
    newcomers = [each for each in NEWCOMERS if each.mall == mall.slug]
    first, decided = _propose(days, provider, newcomers[:2], 14, owner), days.nine(days.ago(9))
    with dated(mall, decided):
        store = onboarding.approve(onboarding=first[0], now=decided, by=staff["manager"])
        _settle_in(mall, store, staff["manager"])
        onboarding.decline(onboarding=first[1], reason=CROWDED, now=decided, by=staff["manager"])
    _propose(days, provider, newcomers[2:], 2, owner)


def _propose(
    days: Days, provider: ServiceProvider, newcomers: list[Newcomer], ago: int, by: User
) -> list[Onboarding]:  # fmt: skip
    day = days.ago(ago) if ago > 2 else days.last - timedelta(days=ago)
    proposals = [_proposal(days.mall, each, day + timedelta(days=12)) for each in newcomers]
    with dated(days.mall, days.nine(day)):
        return onboarding.propose(provider=provider, proposals=proposals, now=days.nine(day), by=by)


def _proposal(mall: Mall, each: Newcomer, from_day: date) -> Proposal:
    return Proposal(
        registration_number=each.number, store_code=each.code, capability=Capability.EXPANSION, from_day=from_day,
        category=Category.objects.get(mall=mall, code=each.category),
        floor=Floor.objects.get(mall=mall, code=each.floor), unit=each.unit,
        store_name_zh=each.name_zh, store_name_en=each.name_en,
        merchant_name_zh=f"{each.name_zh}商贸有限公司", merchant_name_en=f"{each.name_en} Trading",
    )  # fmt: skip


def _settle_in(mall: Mall, store: Store, by: User) -> None:
    """The kiosk gets its place on the plan and on the map."""
    plans.save_plan(mall=mall, floor=store.floor, boxes={store.pk: KIOSK}, by=by)
    mall_plan = next(row for row in plan.MALLS if row.slug == mall.slug)
    Store.objects.filter(pk=store.pk).update(**place(mall_plan, KIOSK))
