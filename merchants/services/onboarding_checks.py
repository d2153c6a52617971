"""What a provider may propose to bring into a mall: asked when it proposes, and again when the mall approves."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from merchants.choices import Capability
from merchants.models import Category, Floor, Onboarding, ServiceProvider
from merchants.queries.negative_list import listed
from merchants.queries.onboarding import codes_taken

from .agreement_checks import check_active, check_days, is_granted
from .refusal import Refused


class Proposal(NamedTuple):
    """What a provider says of a store and its merchant. Names may be empty, but one of the store's; a merchant without
    a name gets that of its store. `from_day` is the first day of the agreement."""

    registration_number: str
    store_code: str
    category: Category
    capability: str
    from_day: date
    merchant_name_zh: str = ""
    merchant_name_en: str = ""
    store_name_zh: str = ""
    store_name_en: str = ""
    floor: Floor | None = None
    unit: str = ""


class Problem(NamedTuple):
    """Why a proposal cannot be: its place among those proposed together, the field, and a translated sentence."""

    place: int
    field: str
    message: str


def as_proposal(onboarding: Onboarding) -> Proposal:
    return Proposal(**{name: getattr(onboarding, name) for name in Proposal._fields})


def check_provider(provider: ServiceProvider) -> None:
    """Raise Refused unless the provider may propose anything."""
    check_active(provider)
    if not is_granted(provider, Capability.EXPANSION):
        raise Refused(_("The mall has not granted the capability to bring stores in: expansion."))


def find_problems(
    provider: ServiceProvider, proposals: Sequence[Proposal], today: date, own: int | None = None
) -> list[Problem]:
    """What stands against proposals of a provider that is held, in as many queries for many as for one."""
    granted = set(
        provider.capabilities.filter(granted_at__isnull=False, revoked_at=None).values_list("capability", flat=True)
    )
    taken = codes_taken(provider.mall, [each.store_code for each in proposals], own)
    banned, problems = listed(provider.mall_id), []
    for place, proposal in enumerate(proposals):
        found = _problems(proposal, banned, taken, today)
        if proposal.capability not in granted:
            found["capability"] = _("The mall has not granted the service provider this capability.")
        problems += [Problem(place, field, message) for field, message in found.items()]
        taken.add(proposal.store_code)
    return problems


def _problems(proposal: Proposal, banned: dict[int, str], taken: set[str], today: date) -> dict[str, str]:
    found = {}
    if not proposal.registration_number:
        found["registration_number"] = _("A merchant without a registration number is not onboarded.")
    if not proposal.store_name_zh and not proposal.store_name_en:
        found["store_name_zh"] = _("Give the store a Chinese or an English name.")
    if proposal.category.pk in banned:
        words = {"category": proposal.category.name, "reason": banned[proposal.category.pk]}
        found["category"] = _("“%(category)s” is on the mall's negative list: %(reason)s") % words
    if proposal.store_code in taken:
        found["store_code"] = _("The code %(code)s is taken.") % {"code": proposal.store_code}
    try:
        check_days(proposal.from_day, None, today)
    except Refused as refusal:
        found["from_day"] = str(refusal)
    return found
