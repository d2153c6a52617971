"""Agreements as a mall, a provider and a merchant see them. Days are those of the mall."""

from datetime import date

from django.db.models import Q, QuerySet

from mallops.lib import spans
from mallops.lib.spans import ENDED, RUNNING, UPCOMING
from merchants import access
from merchants.choices import EXCLUSIVE, HOLDING, AgreementState
from merchants.models import Agreement, Mall, Merchant, ServiceProvider


def mall_agreements(mall: Mall) -> QuerySet[Agreement]:
    """The agreements of a mall, newest first."""
    return mall.agreements.select_related("provider", "store").order_by("-from_day", "store__code", "pk")


def chosen(
    rows: QuerySet[Agreement], today: date, *, search: str = "", state: str = "", capability: str = "",
    provider: ServiceProvider | None = None,
) -> QuerySet[Agreement]:  # fmt: skip
    """Those that a list is filtered to. `state` is one of AgreementState, UPCOMING, RUNNING or ENDED."""
    if search:
        rows = rows.filter(_found(search))
    if state:
        rows = rows.filter(in_state(state, today))
    if capability:
        rows = rows.filter(capability=capability)
    return rows.filter(provider=provider) if provider else rows


def _found(search: str) -> Q:
    names = [f"{body}__{name}" for body in ("store", "provider", "store__merchant")
             for name in ("code", "name_zh", "name_en")]  # fmt: skip
    return Q(*((f"{name}__icontains", search) for name in names), _connector=Q.OR)


def in_state(state: str, day: date) -> Q:
    """The agreements that are in a state on a day."""
    confirmed = Q(state=AgreementState.CONFIRMED)
    return {
        UPCOMING: confirmed & Q(from_day__gt=day),
        RUNNING: confirmed & spans.on(day),
        ENDED: confirmed & Q(until_day__lte=day),
    }.get(state, Q(state=state))


def state_of(agreement: Agreement, day: date) -> str:
    """The state of one agreement on a day: one of `in_state`."""
    if agreement.state != AgreementState.CONFIRMED:
        return agreement.state
    return spans.stage(agreement.from_day, agreement.until_day, day)


def agreement_rows(provider: ServiceProvider) -> QuerySet[Agreement]:
    """All agreements of a provider, whatever became of them, newest first."""
    return provider.agreements.select_related("mall", "store").order_by("-from_day", "store__code")


def confirmed_rows(provider: ServiceProvider) -> QuerySet[Agreement]:
    return agreement_rows(provider).filter(state=AgreementState.CONFIRMED)


def agreements_of(merchant: Merchant) -> QuerySet[Agreement]:
    """The agreements about the stores of a merchant that are in force today."""
    running = Agreement.objects.filter(access.running(merchant.mall), store__merchant=merchant)
    return running.select_related("store", "provider").order_by("store__code", "provider__code", "capability")


def merchant_agreements(merchant: Merchant) -> QuerySet[Agreement]:
    """All that a merchant was asked about its stores: what waits for an answer first, then the newest."""
    rows = Agreement.objects.filter(mall=merchant.mall_id, store__merchant=merchant)
    waits = Q(state=AgreementState.PROPOSED)
    return rows.select_related("mall", "provider", "store").annotate(waits=waits).order_by("-waits", "-from_day", "pk")


def asked(merchant: Merchant) -> QuerySet[Agreement]:
    """Those that wait for the merchant's answer."""
    return Agreement.objects.filter(
        mall=merchant.mall_id, store__merchant=merchant, state=AgreementState.PROPOSED
    )  # fmt: skip


def overlapping(agreement: Agreement) -> QuerySet[Agreement]:
    """Other agreements that hold days of this one: of all providers if the capability is exclusive, else of its own.
    The one it takes over from is left out."""
    others = Agreement.objects.filter(
        spans.overlapping(agreement.from_day, agreement.until_day),
        store=agreement.store_id, capability=agreement.capability, state__in=HOLDING,
    ).exclude(pk__in=[pk for pk in (agreement.pk, agreement.replaces_id) if pk])  # fmt: skip
    return others if agreement.capability in EXCLUSIVE else others.filter(provider=agreement.provider_id)
