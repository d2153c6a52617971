"""The service providers of the malls: what they may do, the stores they serve, how they stand, their keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from merchants.choices import Capability, Standing
from merchants.models import Agreement, Mall, ProviderDocument, ServiceProvider, StandingChange, Store, User
from merchants.models.base import touch_mall
from merchants.services import providers

from . import papers, plan
from .answers import ON_PAPER
from .days import nine
from .marks import dated


@dataclass(frozen=True, slots=True)
class ProviderPlan:
    """Serves every `every`th store with each of the `capabilities`, and operates the stores of some merchants; may
    `also` do other things. `standings`: so many days before the last it came to stand so, for a reason."""

    mall: str
    code: str
    name_zh: str
    name_en: str
    contact: str
    about: str
    capabilities: tuple[str, ...]
    every: int
    operates: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    standings: tuple[tuple[int, str, str], ...] = ()


LATE = "门店资料迟交。Late with the documents of its stores."
MENDED = "资料已补齐。The documents are complete."
PROVIDERS = (
    ProviderPlan(
        "galaxy", "juxin-pay", "聚新通支付", "Juxintong Payments", "何川 He Chuan",
        "收单终端与商户运营。Card terminals, and the daily work of merchants.", (Capability.ACQUIRING,), 2,
        ("sweetcloud", "pomelo", "halfday", "l504", "l310"), (Capability.EXPANSION,),
    ),
    ProviderPlan(
        "galaxy", "cloudbridge", "云桥运营", "Cloudbridge Operations", "苏映 Su Ying",
        "门店运营与小程序。Store operations and mini programs.", (Capability.OPERATIONS, Capability.SAAS), 3,
        standings=((200, Standing.WARNED, LATE), (170, Standing.GOOD, MENDED)),
    ),
    ProviderPlan(
        "galaxy", "newform", "新象拓展", "Newform Expansion", "罗一 Luo Yi", "品牌引进。Brings brands into malls.",
        (Capability.EXPANSION,), 9, standings=((60, Standing.WARNED, LATE),),
    ),
    ProviderPlan(
        "harbour", "harbourlink", "港联支付", "Harbourlink Payments", "Grace Tan",
        "收单终端与商户运营。Card terminals, and the daily work of merchants.", (Capability.ACQUIRING,), 2,
        ("pearl", "302", "104"), (Capability.EXPANSION,),
    ),
    ProviderPlan(
        "harbour", "southloop", "南环运营", "Southloop Operations", "Tom Reid",
        "门店运营。The daily work of stores.", (Capability.OPERATIONS,), 3, also=(Capability.SAAS,),
        standings=((150, Standing.WARNED, LATE), (120, Standing.GOOD, MENDED)),
    ),
)  # fmt: skip


def appoint(mall: Mall, *, first_day: date, last_day: date, by: User) -> dict[str, ServiceProvider]:
    """The mall's providers by code, with their agreements, confirmed on paper, since the first day or later."""
    stores = list(Store.objects.filter(mall=mall).select_related("merchant").order_by("code"))
    made, agreements = {}, []
    for offset, terms in enumerate(row for row in PROVIDERS if row.mall == mall.slug):
        made[terms.code] = provider = _provider(mall, terms, offset, nine(mall, first_day), by)
        agreements += _agreements(provider, terms, stores[offset :: terms.every], stores, first_day, last_day, by)
        _stand(provider, terms, first_day, last_day, by)
    Agreement.objects.bulk_create(agreements)
    touch_mall(mall.pk)
    return made


def _provider(mall: Mall, terms: ProviderPlan, number: int, since: datetime, by: User) -> ServiceProvider:
    mall_plan = next(row for row in plan.MALLS if row.slug == mall.slug)
    provider = ServiceProvider.objects.create(
        mall=mall, code=terms.code, name_zh=terms.name_zh, name_en=terms.name_en, about=terms.about,
        registration_number=mall_plan.registration.format(800 + number), contact_name=terms.contact,
        contact_phone=f"5550 08{number:02d}", contact_email=f"service@{terms.code}.example",
        applied_at=since - timedelta(days=12), decided_at=since - timedelta(days=5), decided_by=by,
    )  # fmt: skip
    operations = (Capability.OPERATIONS,) if terms.operates else ()
    with dated(mall, since):
        for capability in dict.fromkeys((*terms.capabilities, *operations, *terms.also)):
            providers.grant(provider=provider, capability=capability, by=by, now=since)
        papers.attach(provider, ProviderDocument.Kind.LICENCE, "business-licence.pdf", at=since - timedelta(days=12))
        papers.attach(provider, ProviderDocument.Kind.CONTRACT, "framework-contract.pdf", at=since, by=by)
    return provider


def _agreements(
    provider: ServiceProvider, terms: ProviderPlan, served: list[Store], stores: list[Store], first_day: date,
    last_day: date, by: User,
) -> Iterator[Agreement]:  # fmt: skip
    """Some began lately, some ended; those operated since the first day, but for the last merchant's."""
    lately, over = last_day - timedelta(days=20), last_day - timedelta(days=10)
    for place, store in enumerate(served):
        from_day = first_day if place % 5 else lately
        until_day = over if place % 7 == 1 and over > from_day else None
        for capability in terms.capabilities:
            yield _confirmed(provider, store, capability, from_day, until_day, by)
    for store in stores:
        if store.merchant.code in terms.operates:
            from_day = lately if store.merchant.code == terms.operates[-1] else first_day
            yield _confirmed(provider, store, Capability.OPERATIONS, from_day, None, by)


def _confirmed(
    provider: ServiceProvider, store: Store, capability: str, from_day: date, until_day: date | None, by: User
) -> Agreement:
    begins = nine(provider.mall, from_day)
    return Agreement(
        mall=provider.mall, provider=provider, store=store, capability=capability, from_day=from_day,
        until_day=until_day, proposed_at=begins - timedelta(days=9), proposed_by=by,
        answered_at=begins - timedelta(days=4), answered_by=by, on_paper=True, reason=ON_PAPER,
    )  # fmt: skip


def _stand(provider: ServiceProvider, terms: ProviderPlan, first_day: date, last_day: date, by: User) -> None:
    for days, standing, reason in terms.standings:
        at = nine(provider.mall, max(first_day, last_day - timedelta(days=days)))
        with dated(provider.mall, at):
            change = providers.change_standing(provider=provider, standing=standing, reason=reason, by=by)
        StandingChange.objects.filter(pk=change.pk).update(at=at)
