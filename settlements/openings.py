"""The opening reward: a store's first payment under its first operations agreement, once per store for ever."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from mallops.lib import spans
from merchants.choices import AgreementState, Capability
from merchants.models import Agreement, Mall, ServiceProvider
from merchants.queries import directory as directories
from payments.models import Payment

from . import accruals, deals
from .accruals import Earned
from .models import Accrual


def accrue(mall: Mall, provider: ServiceProvider, *, since: date, now: datetime) -> int:
    """Reckon the provider's openings since a local day that are not reckoned yet; returns how many are new."""
    if not _new(mall, provider, since).exists():
        return 0
    with transaction.atomic():
        directory = directories.current(mall.pk)
        held = deals.hold(provider)
        agreed = deals.of(held)
        earned = [
            Earned(deal, opening.live_on, opening.store_id, opening.pk, deal.terms.opening_fen, payment_id=opening.paid)
            for opening in _new(mall, provider, since)
            if (deal := agreed.on(opening.live_on, opening.live_at)) and deal.terms.opening_fen
        ]
        return accruals.write(directory, held, earned, now=now)


def _new(mall: Mall, provider: ServiceProvider, since: date) -> QuerySet[Agreement]:
    rewarded = Accrual.objects.for_mall(mall).filter(store=OuterRef("store"), kind=Accrual.Kind.OPENING)
    return openings(mall).filter(~Exists(rewarded), provider=provider, live_on__gte=since)


def openings(mall: Mall) -> QuerySet[Agreement]:
    """The first operations agreement of each store under which it took a payment, with `live_on` (local day), `live_at`
    and `paid` (id) of the first that was not refunded in full."""
    confirmed = {"capability": Capability.OPERATIONS, "state": AgreementState.CONFIRMED}
    earlier = Agreement.objects.filter(store=OuterRef("store"), from_day__lt=OuterRef("from_day"), **confirmed)
    payments = Payment.objects.for_mall(mall).filter(store=OuterRef("store"), day__gte=OuterRef("from_day"))
    first = payments.filter(refunded_fen__lt=F("amount_fen")).order_by("paid_at", "pk")
    found = Agreement.objects.filter(~Exists(earlier), mall=mall, **confirmed).annotate(
        live_on=Subquery(first.values("day")[:1]),
        live_at=Subquery(first.values("paid_at")[:1]),
        paid=Subquery(first.values("pk")[:1]),
    )
    return found.filter(spans.not_over(F("live_on")), live_on__isnull=False)
