"""One shopper: found by what a person types, and what was seen of them."""

from datetime import datetime
from typing import NamedTuple

from coupons.models import Claim, Decision
from merchants.models import Mall
from payments.models import Payment, Shopper, ShopperIdentity
from payments.shoppers import digest

SHOWN = 50  # latest payments and claims


def shopper_named(mall: Mall, text: str) -> Shopper | None:
    """The shopper with a channel identity, of which only the digest is looked up, or else with a number such as
    ``#12`` or ``12``."""
    text = text.strip()
    known = (
        ShopperIdentity.objects.for_mall(mall).filter(digest=digest(mall.pk, text)).select_related("shopper").first()
    )
    if known:
        return known.shopper
    number = text.removeprefix("#")
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    return Shopper.objects.for_mall(mall).filter(pk=int(number)).first() if is_number else None


class Seen(NamedTuple):
    """A payment or claim of a shopper, and how many rules said what to it."""

    kind: str
    row: Payment | Claim
    at: datetime
    outcomes: dict[str, int]


def seen(mall: Mall, shopper: Shopper) -> list[Seen]:
    """The latest payments and claims of a shopper, newest first."""
    paid = Payment.objects.for_mall(mall).filter(shopper=shopper).select_related("store").order_by("-paid_at", "-pk")
    asked = Claim.objects.for_mall(mall).filter(shopper=shopper).select_related("store", "rule")
    rows = [("payment", row, row.paid_at) for row in paid[:SHOWN]]
    rows += [("claim", row, row.claimed_at) for row in asked.order_by("-claimed_at", "-pk")[:SHOWN]]
    rows = sorted(rows, key=lambda row: row[2], reverse=True)[:SHOWN]
    counted = _outcomes(mall, rows)
    return [Seen(kind, row, at, counted.get((kind, row.pk), {})) for kind, row, at in rows]


def _outcomes(mall: Mall, rows: list[tuple]) -> dict[tuple[str, int], dict[str, int]]:
    counted: dict[tuple[str, int], dict[str, int]] = {}
    for kind in ("payment", "claim"):
        ids = [row.pk for each, row, _at in rows if each == kind]
        found = Decision.objects.for_mall(mall).filter(**{f"{kind}__in": ids}).order_by()
        for pk, outcome in found.values_list(kind, "outcome"):
            outcomes = counted.setdefault((kind, pk), {})
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return counted
