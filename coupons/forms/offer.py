"""What the controls of a rule offer: the stores, categories, stocks, merchants and providers of a mall, read once per
form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from coupons.models import Stock
from coupons.sentences import stock_sentence, validity_sentence
from merchants.choices import ProviderState
from merchants.models import Mall, Merchant, ServiceProvider

from .fields import tree

Choice = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """`stocks` are the rows by id, closed ones included; `merchant_of` knows the merchant of each store;
    `providers` are those approved, however they stand."""

    stores: list[Choice]
    categories: list[Choice]
    stocks: dict[int, Stock]
    merchants: dict[int, str]
    merchant_of: dict[int, int]
    providers: dict[int, ServiceProvider]
    symbol: str

    @classmethod
    def of(cls, mall: Mall) -> "Offer":
        """In five queries."""
        stores = list(mall.stores.order_by("code"))
        categories = [(each.pk, f"{'　' * depth}{each.name}") for each, depth in tree(mall.categories.all())]
        return cls(
            stores=[(store.pk, _place(store)) for store in stores],
            categories=categories,
            stocks={stock.pk: stock for stock in mall.stocks.order_by("code")},
            merchants={merchant.pk: merchant.name for merchant in Merchant.objects.filter(mall=mall)},
            merchant_of={store.pk: store.merchant_id for store in stores},
            providers={each.pk: each for each in mall.providers.filter(state=ProviderState.APPROVED).order_by("code")},
            symbol=mall.currency,
        )

    def stock_choices(self, also: Iterable[int] = ()) -> list[Choice]:
        """Open stocks, and those named: one closed since stays on offer where a draft has it, so that saving drops
        nothing unseen."""
        named = set(also)
        return [(pk, stock.name) for pk, stock in self.stocks.items() if stock.closed_at is None or pk in named]

    def stock_note(self, pk: int | None) -> str:
        """What a coupon of a stock is worth, how long it is valid, who honours it; empty for none."""
        if (stock := self.stocks.get(pk)) is None:
            return ""
        said = [stock_sentence(stock, self.symbol), _("valid: %(days)s") % {"days": validity_sentence(stock)}]
        closed = [_("closed")] if stock.closed_at else []
        return " · ".join([*said, self.merchants.get(stock.merchant_id, ""), *closed])


def _place(store: Any) -> str:
    return f"{store.name} · {store.unit}" if store.unit else store.name
