"""Who would like to become a service provider of a demonstration mall, and of which trades no stores are brought."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mallops.lib.dates import day_start
from merchants.choices import Capability, ProviderState
from merchants.models import Category, Mall, ProviderCapability, ProviderDocument, ServiceProvider, User
from merchants.services import negative_list

from . import papers


@dataclass(frozen=True, slots=True)
class Applicant:
    """Applied so many `days` ago; with a `reason` it was declined the day after."""

    mall: str
    code: str
    name_zh: str
    name_en: str
    number: str
    contact: str
    asks: tuple[str, ...]
    days: int
    reason: str = ""


APPLICANTS = (
    Applicant("galaxy", "lanting", "兰亭运营", "Lanting Operations", "91310115MADEMO901X", "余琳 Lin Yu",
              (Capability.OPERATIONS, Capability.SAAS), 2),
    Applicant("galaxy", "farhill", "远山拓展", "Farhill Expansion", "91310115MADEMO902X", "石远 Yuan Shi",
              (Capability.EXPANSION,), 1),
    Applicant("galaxy", "cashfast", "快现收单", "Cashfast Acquiring", "91310115MADEMO903X", "陶然 Ran Tao",
              (Capability.ACQUIRING,), 40, "收单牌照已过期 · The acquiring licence has run out"),
    Applicant("harbour", "bayside", "湾畔系统", "Bayside Systems", "ABN 00 000 000 901", "Mia Walker",
              (Capability.SAAS,), 3),
)  # fmt: skip
LISTED = (
    ("karaoke", "噪声 · Noise above the cinema"),
    ("fitness", "楼面承重 · Heavy machines, light floors"),
)


def receive(mall: Mall, *, last_day: date, by: User) -> None:
    """The applications at a mall with their documents, and its negative list."""
    for applicant in APPLICANTS:
        if applicant.mall == mall.slug:
            at = day_start(last_day - timedelta(days=applicant.days), mall.time_zone) + timedelta(hours=10)
            _apply(mall, applicant, at, by)
    for code, reason in LISTED:
        category = Category.objects.filter(mall=mall, code=code).first()
        if category:
            negative_list.add(mall=mall, category=category, reason=reason, by=by)


def _apply(mall: Mall, applicant: Applicant, at: datetime, by: User) -> None:
    """Past the service, which would write mails to people who are not there."""
    decision = {"state": ProviderState.APPLIED}
    if applicant.reason:
        decision = {
            "state": ProviderState.DECLINED, "decision_reason": applicant.reason, "decided_by": by,
            "decided_at": at + timedelta(days=1),
        }  # fmt: skip
    provider = ServiceProvider.objects.create(
        mall=mall, code=applicant.code, name_zh=applicant.name_zh, name_en=applicant.name_en, applied_at=at,
        registration_number=applicant.number, contact_name=applicant.contact,
        contact_email=f"office@{applicant.code}.example", **decision,
    )  # fmt: skip
    for capability in applicant.asks:
        ProviderCapability.objects.create(mall=mall, provider=provider, capability=capability, asked_at=at)
    papers.attach(provider, ProviderDocument.Kind.LICENCE, "business-licence.pdf", at=at)
