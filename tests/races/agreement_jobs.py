"""Two providers and one store; two stores of one new merchant; two people and one application or proposal. Each
function runs in a process of its own."""

from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from merchants.choices import HOLDING, Capability, Role
from merchants.models import Agreement, Invitation, Mall, Onboarding, ServiceProvider, Store, User
from merchants.services import agreements, applications, onboarding
from merchants.services.refusal import Refused
from tests import factories


def build_rivals(stores: int) -> list[tuple[int, int]]:
    """At each of so many stores, two providers that want to operate it: (store, provider)."""
    mall = factories.make_mall()
    factories.make_member(Role.MALL_MANAGER, mall=mall)
    pairs = []
    for _ in range(stores):
        store = factories.make_store(mall=mall)
        for _rival in range(2):
            provider = factories.make_provider(mall=mall)
            factories.make_capability(provider=provider)
            pairs.append((store.pk, provider.pk))
    return pairs


def propose(store_id: int, provider_id: int) -> bool:
    """Whether the provider's agreement was taken."""
    now = timezone.now()
    try:
        agreements.propose(
            provider=ServiceProvider.objects.get(pk=provider_id), store=Store.objects.get(pk=store_id),
            capability=Capability.OPERATIONS, from_day=now.date() + timedelta(days=1), until_day=None, now=now,
            by=User.objects.get(),
        )  # fmt: skip
    except Refused:
        return False
    return True


def held_by_two() -> int:
    """How many stores have two agreements for what only one may do."""
    rows = Agreement.objects.filter(state__in=HOLDING).order_by().values("store").annotate(held=Count("pk"))
    return rows.filter(held__gt=1).count()


def build_proposals(merchants: int) -> list[int]:
    """Two stores of each of so many merchants that are new: the ids of the proposals."""
    mall = factories.make_mall()
    factories.make_member(Role.MALL_MANAGER, mall=mall)
    category, rows = factories.make_category(mall=mall), []
    for number in range(merchants):
        for _store in range(2):
            provider = factories.make_provider(mall=mall)
            factories.make_capability(provider=provider, capability=Capability.EXPANSION)
            row = factories.make_onboarding(
                provider=provider, category=category, registration_number=f"9131{number:06d}"
            )
            rows.append(row.pk)
    return rows


def approve(onboarding_id: int) -> None:
    row = Onboarding.objects.select_related("provider").get(pk=onboarding_id)
    onboarding.approve(onboarding=row, now=timezone.now(), by=User.objects.get())


def merchants_made() -> int:
    return Mall.objects.get().merchants.count()


def build_waiting(number: int) -> tuple[list[int], list[int]]:
    """So many applications, and as many proposals of stores: their ids."""
    mall = factories.make_mall()
    factories.make_member(Role.MALL_MANAGER, mall=mall)
    category, proposals = factories.make_category(mall=mall), []
    for _ in range(number):
        provider = factories.make_provider(mall=mall)
        factories.make_capability(provider=provider, capability=Capability.EXPANSION)
        proposals.append(factories.make_onboarding(provider=provider, category=category).pk)
    return [factories.make_application(mall=mall).pk for _ in range(number)], proposals


def approve_application(application_id: int) -> bool:
    """Whether the approval was taken."""
    application = ServiceProvider.objects.select_related("mall").get(pk=application_id)
    try:
        applications.approve(
            application=application, capabilities=[Capability.OPERATIONS], by=User.objects.get(), now=timezone.now()
        )
    except Refused:
        return False
    return True


def approve_proposal(onboarding_id: int) -> bool:
    try:
        approve(onboarding_id)
    except Refused:
        return False
    return True


def invited_and_stored() -> tuple[int, int]:
    return Invitation.objects.count(), Store.objects.count()
