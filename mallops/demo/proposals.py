"""What waits for an answer at a demonstration mall: an agreement for a merchant, stores that a provider brings."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mallops.lib.dates import day_start
from merchants.choices import AgreementState, Capability
from merchants.models import Agreement, Mall, Onboarding, ServiceProvider, Store, User
from merchants.services import providers

from . import plan
from .people import MERCHANT_OF, PROVIDER_OF

OPERATED_BY = {"galaxy": "cloudbridge", "harbour": "southloop"}
STATES = Onboarding.State


@dataclass(frozen=True, slots=True)
class Outlet:
    """Brought by the mall's provider of `people`; with a `reason` it was declined."""

    code: str
    category: str
    name_zh: str
    name_en: str
    merchant_zh: str
    merchant_en: str
    reason: str = ""


OUTLETS = (
    Outlet("X-hilltea", "tea", "山隐茶馆", "Hidden Hill Tea", "山隐茶业有限公司", "Hidden Hill Tea Ltd"),
    Outlet("X-noodle", "noodles", "一碗面馆", "One Bowl Noodles", "一碗餐饮有限公司", "One Bowl Catering Ltd"),
    Outlet("X-shoes", "shoes", "轻步鞋坊", "Lightstep Shoes", "轻步商贸有限公司", "Lightstep Trading Ltd",
           "本层鞋店已满 · Enough shoe shops on this floor"),
)  # fmt: skip


def make(mall: Mall, *, first_day: date, last_day: date, by: User) -> None:
    """Past the services, which would write mails."""
    at, begins = day_start(last_day, mall.time_zone) - timedelta(hours=14), last_day + timedelta(days=14)
    _ask_merchant(mall, begins, at, by)
    provider = mall.providers.get(code=PROVIDER_OF[mall.slug])
    granted_at = day_start(first_day, mall.time_zone)
    providers.grant(provider=provider, capability=Capability.EXPANSION, by=by, now=granted_at)
    registration = next(row.registration for row in plan.MALLS if row.slug == mall.slug)
    for number, outlet in enumerate(OUTLETS, start=950):
        _bring(provider, outlet, registration.format(number), begins, at, by)


def _ask_merchant(mall: Mall, begins: date, at: datetime, by: User) -> None:
    """The mall's provider of operations is to serve a store of the merchant of `people`."""
    stores = Store.objects.filter(mall=mall, merchant__code=MERCHANT_OF[mall.slug]).order_by("code")
    provider = mall.providers.get(code=OPERATED_BY[mall.slug])
    store = stores.exclude(agreements__capability=Capability.OPERATIONS).first()
    if store:
        Agreement.objects.create(
            mall=mall, provider=provider, store=store, capability=Capability.OPERATIONS, from_day=begins,
            until_day=begins + timedelta(days=365), state=AgreementState.PROPOSED, proposed_at=at, proposed_by=by,
        )  # fmt: skip


def _bring(
    provider: ServiceProvider, outlet: Outlet, registration: str, begins: date, at: datetime, by: User
) -> None:  # fmt: skip
    mall = provider.mall
    category = mall.categories.filter(code=outlet.category).first() or mall.categories.earliest("pk")
    decision = {}
    if outlet.reason:
        decision = {"state": STATES.DECLINED, "decided_at": at, "decided_by": by, "reason": outlet.reason}
    Onboarding.objects.create(
        mall=mall, provider=provider, store_code=outlet.code, store_name_zh=outlet.name_zh,
        store_name_en=outlet.name_en, category=category, floor=mall.floors.order_by("level").first(),
        registration_number=registration, merchant_name_zh=outlet.merchant_zh, merchant_name_en=outlet.merchant_en,
        from_day=begins, proposed_at=at, **decision,
    )  # fmt: skip
