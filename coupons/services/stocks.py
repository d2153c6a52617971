"""Setting up stocks. Their terms are frozen once a rule with them is proposed, at the latest by the first issue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from coupons.models import Coupon, Stock
from merchants.models import Mall, User
from merchants.services import audit

TERMS = (
    "merchant", "code", "kind", "value_fen", "percent_bp", "ceiling_fen", "exchange_price_fen", "min_spend_fen",
    "validity", "valid_from_day", "valid_until_day", "valid_for", "funder",
)  # fmt: skip
PLACES = ("stores", "categories")
ALWAYS_OPEN = ("name_zh", "name_en", "quantity", "budget_fen", "remind_hours")


class FrozenTerms(Exception):
    """The change touches what was agreed or issued, or takes from quantity or budget; `fields` says which."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def is_issued(stock: Stock) -> bool:
    """Whether a coupon of the stock was ever issued."""
    return Coupon.objects.for_mall(stock.mall_id).filter(stock=stock).exists()


def is_proposed(stock: Stock) -> bool:
    """Whether a rule with the stock was ever proposed: merchants agree to costs that must not change afterwards."""
    return stock.rule_versions.exists()


def is_frozen(stock: Stock) -> bool:
    """Whether only names, quantity and budget may still change."""
    return stock.closed_at is not None or is_proposed(stock) or is_issued(stock)


def create(*, mall: Mall, values: Mapping[str, Any], by: User | None) -> Stock:
    """A new stock from checked values (amounts in fen, percent in basis points, days of the mall, hours); those left
    out are the model's defaults."""
    given = {name: values[name] for name in (*TERMS, *ALWAYS_OPEN) if name in values}
    with transaction.atomic():
        stock = Stock.objects.create(mall=mall, **given)
        _set_places(stock, values)
        changes = audit.changed({}, _state(stock))
        audit.record(actor=by, mall=mall, action="stock_created", obj=stock, changes=changes)
    return stock


def change(*, stock: Stock, values: Mapping[str, Any], by: User | None) -> Stock:
    """Give a stock other values; those left out stay. Raises FrozenTerms and changes nothing."""
    with transaction.atomic():
        kept = Stock.objects.select_for_update(of=("self",)).select_related("mall").get(pk=stock.pk)
        before = _state(kept)
        for name in (*TERMS, *ALWAYS_OPEN):
            if name in values:
                setattr(kept, name, values[name])
        _set_places(kept, values)
        changes = audit.changed(before, _state(kept))
        if refused := _refused(kept, changes):
            raise FrozenTerms(refused)
        if changes:
            kept.save()
            audit.record(actor=by, mall=kept.mall, action="stock_changed", obj=kept, changes=changes)
    return kept


def close(*, stock: Stock, now: datetime, by: User | None) -> None:
    """Issue no more of it; coupons already issued stay valid. Closing again changes nothing."""
    with transaction.atomic():
        kept = Stock.objects.select_for_update(of=("self",)).select_related("mall").get(pk=stock.pk)
        if kept.closed_at is None:
            kept.closed_at = now
            kept.save(update_fields=["closed_at"])
            changes = {"closed_at": [None, now]}
            audit.record(actor=by, mall=kept.mall, action="stock_closed", obj=kept, changes=changes)


def _refused(stock: Stock, changes: Mapping[str, list]) -> list[str]:
    """The changed fields that may not change any more."""
    if not is_frozen(stock):
        return []
    return [name for name, (old, new) in changes.items() if not _widens(name, old, new)]


def _widens(name: str, old: Any, new: Any) -> bool:
    if name in ("name_zh", "name_en", "remind_hours"):
        return True
    if name == "quantity":
        return new > old
    return name == "budget_fen" and old is not None and (new is None or new > old)


def _set_places(stock: Stock, values: Mapping[str, Any]) -> None:
    for name in PLACES:
        if name in values:
            getattr(stock, name).set(values[name])


def _state(stock: Stock) -> dict[str, Any]:
    """All that the audit trail compares."""
    state = {name: getattr(stock, f"{name}_id" if name == "merchant" else name) for name in (*TERMS, *ALWAYS_OPEN)}
    return state | {name: sorted(getattr(stock, name).values_list("pk", flat=True)) for name in PLACES}
