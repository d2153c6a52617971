"""How fast a limit of a rule is used up, and what that means for the days ahead. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from coupons.models import Rule, Stock
from coupons.queries.limits import Use

FAR = 3_650  # days: a limit that lasts longer is not near any end
SOON = 3
NEAR = 14


@dataclass(frozen=True)
class Budget:
    """One limit of one rule, or of a `stock` that it awards (shared by all rules that do). `use` counts awards, coupons
    or fen; `pace` is the same for each day; `award` what one award takes; `ends_on` the rule's last day, if any."""

    rule: Rule
    use: Use
    award: int
    pace: Fraction
    today: date
    ends_on: date | None = None
    stock: Stock | None = None

    @property
    def left(self) -> int:
        return max(self.use.ceiling - self.use.used, 0)

    @property
    def share(self) -> Fraction:
        return Fraction(self.use.used, self.use.ceiling)

    @property
    def is_used_up(self) -> bool:
        """Whether no award fits into what is left."""
        return self.left < self.award

    @property
    def of_a_day(self) -> bool:
        return "_per_day" in self.use.name

    @property
    def runs_out(self) -> date | None:
        """The day on which it is used up at this pace; None of a limit of one day, and if that is far away."""
        if self.of_a_day or self.is_used_up or not self.pace:
            return None
        days = self.left // self.pace
        return self.today + timedelta(days=days) if days <= FAR else None

    @property
    def days_left(self) -> int | None:
        """Of the rule, today included."""
        return max((self.ends_on - self.today).days + 1, 0) if self.ends_on else None

    @property
    def falls_short(self) -> bool:
        """Whether it runs out before the rule is over; a rule without an end is looked at two weeks ahead."""
        if self.runs_out is None:
            return False
        return self.runs_out < (self.ends_on or self.today + timedelta(days=NEAR))

    @property
    def is_urgent(self) -> bool:
        return self.falls_short and self.runs_out <= self.today + timedelta(days=SOON)
