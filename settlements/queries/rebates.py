"""What a provider earned, and what is to come. Money is fen, months are first days of calendar months."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, QuerySet, Sum

from merchants.models import ServiceProvider, Store
from settlements import deals
from settlements.models import Accrual
from settlements.plans import PlanTerms, reward

DAY = timedelta(days=1)
SHOWN_DAYS = 40  # of those on which something becomes due


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """A calendar month of a provider: how many rewards, by state what they come to, credits not taken back. Of the
    offer that counts on the last day looked at: its terms, the month's base under it, and what the next tier or the cap
    still lacks (None: there is none)."""

    number: int
    pending_fen: int
    matured_fen: int
    clawed_fen: int
    credits: int
    terms: PlanTerms | None
    run_fen: int

    @property
    def earned_fen(self) -> int:
        return self.pending_fen + self.matured_fen

    @property
    def next_tier(self) -> tuple[int, int] | None:
        """Base still missing (fen) and the rate of the next tier."""
        tiers = self.terms.tiers if self.terms else ()
        return next(((start - self.run_fen, bp) for start, bp in tiers if start > self.run_fen), None)

    @property
    def is_capped(self) -> bool:
        return bool(self.terms and self.terms.cap_fen is not None and self._uncapped >= self.terms.cap_fen)

    @property
    def _uncapped(self) -> int:
        return reward(self.terms, self.run_fen)


def accrual_rows(
    provider: ServiceProvider, month: date, *, state: str = "", kind: str = "", store: Store | None = None
) -> QuerySet[Accrual]:
    """The rewards of a month with their evidence, the newest first."""
    rows = Accrual.objects.for_mall(provider.mall_id).filter(provider=provider, month=month)
    chosen = {"state": state, "kind": kind, "store": store}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    related = ("store", "redemption__coupon__rule", "payment", "offer__version__plan")
    return rows.select_related(*related).order_by("-day", "-run_fen", "-pk")


def month_so_far(provider: ServiceProvider, month: date, day: date) -> MonthSoFar:
    """What a month comes to. The offer shown is that of `day`."""
    rows = Accrual.objects.for_mall(provider.mall_id).filter(provider=provider, month=month).order_by()
    sums = {
        state: (number, fen, credits)
        for state, number, fen, credits in rows.values_list("state").annotate(
            number=Count("pk"), fen=Sum("amount_fen"), earned=Sum("credits")
        )
    }
    deal = next((deal for deal in deals.of(provider).deals if deal.covers(day)), None)
    run = rows.filter(offer=deal.offer_id).aggregate(run=Max("run_fen"))["run"] if deal else 0
    pending, matured, clawed = (sums.get(state, (0, 0, 0)) for state in Accrual.State.values)
    return MonthSoFar(
        number=pending[0] + matured[0], pending_fen=pending[1], matured_fen=matured[1], clawed_fen=clawed[1],
        credits=pending[2] + matured[2], terms=deal and deal.terms, run_fen=run or 0,
    )  # fmt: skip


def coming_due(provider: ServiceProvider) -> list[dict]:
    """What becomes due day by day, from the next day on: `day`, `number` of rewards, `fen`."""
    rows = Accrual.objects.for_mall(provider.mall_id).filter(provider=provider, state=Accrual.State.PENDING)
    days = rows.order_by("matures_on").values("matures_on").annotate(number=Count("pk"), fen=Sum("amount_fen"))
    return [{"day": row["matures_on"], "number": row["number"], "fen": row["fen"]} for row in days.filter(fen__gt=0)][
        :SHOWN_DAYS
    ]
