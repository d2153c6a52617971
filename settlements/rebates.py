"""The redemption reward: each redemption at a store that a provider operates, reckoned once and never again.

A redemption counts if its store had a confirmed operations agreement with the provider on its day, an accepted offer
covered that day, the provider was in good standing (or warned) at its moment, and nobody undid it. Money is fen.

A provider's row is held while its redemptions are reckoned, in their order, each building on the one before. Who undoes
a redemption takes the same rows (`deals.hold_all`): either it is undone before it is reckoned and earns nothing, or its
accrual is there to be taken back.
"""

from array import array
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet

from coupons.models import Redemption, Reversal
from mallops.lib import spans
from mallops.lib.dates import day_start, first_of_month, today
from mallops.lib.sql import chunks
from merchants.choices import AgreementState, Capability
from merchants.models import Mall, ServiceProvider
from merchants.queries import directory as directories

from . import accruals, deals, openings
from .accruals import Earned
from .models import Accrual, PlanOffer
from .plans import base_fen, reward, traffic_credits

BATCH = 5_000
LOOK_BACK_DAYS = 100  # offers are accepted, and agreements confirmed, about a month late at most


class Use(NamedTuple):
    """A redemption that may earn something, and the agreement by which it does."""

    id: int
    store_id: int
    day: date
    redeemed_at: datetime
    discount_fen: int
    order_fen: int
    coupon_id: int
    rule_id: int
    agreement_id: int


def accrue(mall: Mall, now: datetime) -> int:
    """Reckon what providers earned and is not reckoned yet, openings included; returns how many rewards are new.

    Repeated, or run twice at once, it comes to the same. Keeps 8 bytes for each open redemption, and one batch.
    """
    since = today(mall.time_zone, now) - timedelta(days=LOOK_BACK_DAYS)
    accepted = PlanOffer.objects.filter(mall=mall, state=PlanOffer.State.ACCEPTED).exclude(until_day__lte=since)
    made = 0
    for provider in ServiceProvider.objects.filter(pk__in=accepted.values("provider")).order_by("pk"):
        made += openings.accrue(mall, provider, since=since, now=now)
        made += _accrue(mall, provider, since=since, now=now)
    return made


def _accrue(mall: Mall, provider: ServiceProvider, *, since: date, now: datetime) -> int:
    recent = _open(provider).filter(redeemed_at__gte=day_start(since, mall.time_zone)).order_by("pk")
    ids = array("q", recent.values_list("pk", flat=True).iterator(chunk_size=BATCH))
    return sum(_accrue_batch(mall, provider, part, now) for part in chunks(ids, BATCH))


def _accrue_batch(mall: Mall, provider: ServiceProvider, ids: Collection[int], now: datetime) -> int:
    with transaction.atomic():
        directory = directories.current(mall.pk)
        held = deals.hold(provider)
        return accruals.write(directory, held, reckon(held, _uses(held, ids)), now=now)


def operated(mall_id: int, **agreement: object) -> QuerySet[Redemption]:
    """Redemptions not undone at stores with an operations agreement (`store__agreements`, perhaps one that is more
    closely described) in force on their day."""
    terms = {"capability": Capability.OPERATIONS, "state": AgreementState.CONFIRMED} | agreement
    in_force = spans.on(F("day"), "store__agreements__")
    undone = Reversal.objects.for_mall(mall_id).filter(redemption=OuterRef("pk"))
    found = Redemption.objects.for_mall(mall_id)
    found = found.filter(in_force, **{f"store__agreements__{name}": value for name, value in terms.items()})
    return found.filter(~Exists(undone))


def _open(provider: ServiceProvider) -> QuerySet[Redemption]:
    reckoned = _reckoned(provider.mall_id).filter(redemption=OuterRef("pk"))
    return operated(provider.mall_id, provider=provider).filter(~Exists(reckoned))


def _reckoned(mall_id: int) -> QuerySet[Accrual]:
    return Accrual.objects.for_mall(mall_id).filter(kind=Accrual.Kind.REDEMPTION)


def _uses(provider: ServiceProvider, ids: Collection[int]) -> Iterator[Use]:
    """Of these redemptions those that may earn something still, in their order. Each table is asked by itself: so a
    batch costs the same however many others there are."""
    mall_id = provider.mall_id
    gone = set(_reckoned(mall_id).filter(redemption__in=ids).values_list("redemption", flat=True))
    gone |= set(Reversal.objects.for_mall(mall_id).filter(redemption__in=ids).values_list("redemption", flat=True))
    columns = ("pk", "store", "day", "redeemed_at", "discount_fen", "order_fen", "coupon", "coupon__rule")
    rows = Redemption.objects.for_mall(mall_id).filter(pk__in=[pk for pk in ids if pk not in gone]).order_by("pk")
    agreements = _agreements(provider)
    for row in rows.values_list(*columns):
        _pk, store, day, *_rest = row
        for agreement, from_day, until_day in agreements.get(store, ()):
            if spans.covers(from_day, until_day, day):
                yield Use(*row, agreement)
                break


def _agreements(provider: ServiceProvider) -> dict[int, list[tuple[int, date, date | None]]]:
    """By store, the confirmed operations agreements of the provider and their days."""
    found: dict[int, list] = {}
    confirmed = provider.agreements.filter(capability=Capability.OPERATIONS, state=AgreementState.CONFIRMED)
    for store, *agreement in confirmed.values_list("store", "pk", "from_day", "until_day"):
        found.setdefault(store, []).append(tuple(agreement))
    return found


def reckon(provider: ServiceProvider, found: Iterator[Use]) -> Iterator[Earned]:
    """What redemptions earn, in their order."""
    agreed, runs = deals.of(provider), _Runs(provider)
    for use in found:
        if deal := agreed.on(use.day, use.redeemed_at):
            base = base_fen(deal.terms, use.discount_fen, use.order_fen)
            before, after = runs.move(deal.offer_id, first_of_month(use.day), base)
            yield Earned(
                deal, use.day, use.store_id, use.agreement_id,
                amount_fen=reward(deal.terms, after) - reward(deal.terms, before),
                credits=traffic_credits(deal.terms, after) - traffic_credits(deal.terms, before),
                base_fen=base, run_fen=after, redemption_id=use.id, coupon_id=use.coupon_id, rule_id=use.rule_id,
            )  # fmt: skip


class _Runs:
    """What a provider's months come to so far under each offer (fen of base)."""

    def __init__(self, provider: ServiceProvider) -> None:
        self._rows = Accrual.objects.for_mall(provider.mall_id).filter(provider=provider)
        self._known: dict[tuple[int, date], int] = {}

    def move(self, offer_id: int, month: date, base: int) -> tuple[int, int]:
        """Add to a month; returns what it came to before and after."""
        key = (offer_id, month)
        if key not in self._known:
            last = self._rows.filter(offer=offer_id, month=month).aggregate(last=Max("run_fen"))["last"]
            self._known[key] = last or 0
        before = self._known[key]
        self._known[key] = before + base
        return before, before + base
