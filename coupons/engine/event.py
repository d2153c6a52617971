"""What the engine decides on, as one plain value."""

from datetime import date
from typing import NamedTuple


class Event(NamedTuple):
    """A payment, or a claim of a coupon of the one rule `rule_id`; `day`, `weekday` (1 is Monday) and `minute` are
    local to the mall. `kind` is the trigger it meets (`engine.terms.TRIGGERS`).

    `given_on` is the local day on which coupons would be given, if the payment arrived later than it was made. A
    claim has no payment and no amount.
    """

    payment_id: int | None
    store_id: int
    category_id: int
    shopper_id: int | None
    amount_fen: int
    day: date
    weekday: int
    minute: int
    given_on: date | None = None
    claim_id: int | None = None
    rule_id: int | None = None
    kind: str = "payment"
