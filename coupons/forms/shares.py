"""The part of the rule form that says who pays which share of the cost."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import PercentField
from .offer import Offer

PAYERS = 12  # merchants that are offered a share


class SharesPart(forms.Form):
    """A share for the mall and for each merchant concerned: of the chosen stocks, of the named stores, and those that
    have one already. Left empty altogether: whoever each stock says."""

    offer: Offer

    def add_shares(self) -> None:
        self.payers = [0, *list(dict.fromkeys(self._merchants()))[:PAYERS]]
        for payer in self.payers:
            label = self.offer.merchants[payer] if payer else _("The mall")
            self.fields[f"share_{payer}"] = PercentField(label=label, required=False)

    def _merchants(self) -> Iterator[int]:
        """Ids of merchants of this mall, the most concerned first."""
        yield from (payer for payer, _bp in self.initial.get("shares", ()) if payer in self.offer.merchants)
        for name in self.fields:
            if name.startswith("stock_") and (stock := self.offer.stocks.get(as_id(self[name].value()))):
                yield stock.merchant_id
        for store in self["stores"].value() or ():
            if (merchant := self.offer.merchant_of.get(as_id(store))) is not None:
                yield merchant

    def share_fields(self) -> Iterator[forms.BoundField]:
        for payer in self.payers:
            yield self[f"share_{payer}"]

    def shares(self, cleaned: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        """Pairs of payer and basis points, without those that pay nothing."""
        return tuple((payer, bp) for payer in self.payers if (bp := cleaned.get(f"share_{payer}")))


def as_id(value: Any) -> int | None:
    """An id as it is posted or stored, if it is one."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
