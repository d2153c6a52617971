"""What providers earn: a plan in two versions, accepted by the one who operates stores; traffic credits spent; and
rewards reckoned as time goes by, some of them taken back."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from coupons.models import Boost
from mallops import pipeline
from mallops.lib.dates import first_of_month, next_month, today
from merchants.models import Mall, ServiceProvider, User
from settlements import credits, maturity, rebates
from settlements.models import Accrual, PlanOffer, RebatePlan
from settlements.plans import PlanTerms
from settlements.services import boosts, plans

from . import people
from .days import Days, Deed

NAMES = {"name_zh": "运营返佣", "name_en": "Operations rebate"}
FIRST = PlanTerms(
    opening_fen=20_000, base="order", tiers=((0, 300), (300_000, 450)), cap_fen=80_000, maturity_days=15,
    credits_per_100_yuan=10,
)  # fmt: skip
BETTER = PlanTerms(
    opening_fen=30_000, base="order", tiers=((0, 400), (300_000, 500), (1_000_000, 600)), cap_fen=150_000,
    maturity_days=15, credits_per_100_yuan=12,
)  # fmt: skip
RENEWED = "换成新版方案。The new version follows."
RETURNED = "顾客把整单退回。The shopper brought everything back."
MOST_WEIGHT = 8


def ahead(days: Days, staff: dict[str, User]) -> list[Deed]:
    """What happens from the first day with coupons on; `staff` by role."""
    provider = ServiceProvider.objects.get(mall=days.mall, code=people.PROVIDER_OF[days.mall.slug])
    begun = days.season
    since = _renewal(days, begun)
    renewed = [(max(begun, since - timedelta(days=9)), partial(_renew, provider, since, staff))]
    told = [
        (begun, partial(_agree, provider, begun, staff)),
        *(renewed if since > begun else ()),
        (days.ago(25), partial(_boost, provider, 9, staff["provider"])),
        (days.ago(9), partial(_return, provider, staff["manager"])),
        (days.ago(5), partial(_boost, provider, 12, staff["provider"])),
        *((day, partial(reckon, days.mall)) for day in _mondays(begun, days.last)),
    ]
    return [Deed(days.mall, day, do) for day, do in sorted(told, key=lambda each: each[0])]


def _renewal(days: Days, begun: date) -> date:
    """The second version begins with the month; in a short past a little before its end."""
    return first_of_month(days.last) if first_of_month(days.last) > begun + timedelta(days=1) else days.last


def _mondays(first: date, last: date) -> Iterator[date]:
    """All Mondays between two days, without them."""
    each = (first + timedelta(days=ahead) for ahead in range(1, (last - first).days))
    return (day for day in each if day.isoweekday() == 1)


def _agree(provider: ServiceProvider, begun: date, staff: dict[str, User], now: datetime) -> None:
    version = plans.create(mall=provider.mall, **NAMES, terms=FIRST, now=now, by=staff["manager"])
    RebatePlan.objects.filter(pk=version.plan_id).update(created_at=now)
    offer = plans.offer(
        version=version, provider=provider, from_day=begun, until_day=None, now=now, by=staff["manager"]
    )  # fmt: skip
    plans.accept(offer=offer, now=now + timedelta(hours=2), by=staff["provider"])


def _renew(provider: ServiceProvider, since: date, staff: dict[str, User], now: datetime) -> None:
    """The better version follows the first; another provider is asked to begin with it next month."""
    by = staff["manager"]
    running = PlanOffer.objects.get(provider=provider)
    plans.end(offer=running, until_day=since, reason=RENEWED, now=now, by=by)
    version = plans.reword(plan=running.version.plan, terms=BETTER, now=now, by=by)
    offer = plans.offer(version=version, provider=provider, from_day=since, until_day=None, now=now, by=by)
    plans.accept(offer=offer, now=now + timedelta(hours=3), by=staff["provider"])
    other = ServiceProvider.objects.get(mall=provider.mall, code__in=("cloudbridge", "southloop"))
    plans.offer(version=version, provider=other, from_day=next_month(since), until_day=None, now=now, by=by)


def reckon(mall: Mall, now: datetime) -> None:
    """What the periodic task does."""
    rebates.accrue(mall, now)
    maturity.mature(mall, today(mall.time_zone, now), now=now)


def _boost(provider: ServiceProvider, length: int, by: User, now: datetime) -> None:
    """For so many days from tomorrow, as heavy as the credits allow but for a rest, once in a rule's lifetime."""
    reckon(provider.mall, now)
    tomorrow = today(provider.mall.time_zone, now) + timedelta(days=1)
    weight = min(MOST_WEIGHT, credits.balance(provider) // (2 * length))
    boosted = Boost.objects.filter(provider=provider).values_list("rule", flat=True)
    free = sorted(boosts.boostable(provider, tomorrow) - set(boosted))
    if weight > 0 and free:
        boosts.boost(
            provider=provider, rule=provider.mall.rules.get(pk=free[0]), weight=weight, from_day=tomorrow,
            until_day=tomorrow + timedelta(days=length), now=now, by=by,
        )  # fmt: skip


def _return(provider: ServiceProvider, by: User, now: datetime) -> None:
    """Two redemptions are undone days later: one whose reward was due already, and one that was waiting."""
    rewarded = Accrual.objects.for_mall(provider.mall).filter(provider=provider, kind=Accrual.Kind.REDEMPTION)
    for state in (Accrual.State.MATURED, Accrual.State.PENDING):
        if accrual := rewarded.filter(state=state).order_by("-pk").first():
            pipeline.reverse(
                mall_id=provider.mall_id, redemption_id=accrual.redemption_id, reason=RETURNED, source="page", now=now,
                request_id=f"demo-return-{accrual.redemption_id}", by=by,
            )  # fmt: skip
