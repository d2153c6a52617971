"""The part of the rule form that says who pays which share of the cost."""

from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coupons.payers import payer, providers
from merchants.access import is_active
from merchants.models import ServiceProvider

from .fields import PercentField
from .offer import Offer

PAYERS = 12  # merchants that are offered a share
PROVIDERS = 3  # service providers that can be chosen; a draft that has more keeps them


class ProviderSelect(forms.Select):
    """Those that may not pay stand there to be seen; one that is chosen already stays so until it is taken away."""

    barred: Collection[int] = ()

    def create_option(self, name: str, value: Any, label: str, selected: bool, *args: Any, **kwargs: Any) -> dict:
        option = super().create_option(name, value, label, selected, *args, **kwargs)
        if value in self.barred and not selected:
            option["attrs"]["disabled"] = True
        return option


class SharesPart(forms.Form):
    """A share for the mall and for each merchant concerned: of the chosen stocks, of the named stores, and those that
    have one already; and for service providers, who have to be chosen. Left empty altogether: whoever each stock
    says."""

    offer: Offer

    def add_shares(self) -> None:
        self.payers = [0, *list(dict.fromkeys(self._merchants()))[:PAYERS]]
        for number in self.payers:
            label = self.offer.merchants[number] if number else _("The mall")
            self.fields[f"share_{number}"] = PercentField(label=label, required=False)
        for row in self._rows():
            self.fields[f"provider_{row}"] = self._provider_field()
            self.fields[f"provider_share_{row}"] = PercentField(label=_("Its share"), required=False)

    def _merchants(self) -> Iterator[int]:
        """Ids of merchants of this mall, the most concerned first."""
        yield from (payer for payer, _bp in self.initial.get("shares", ()) if payer in self.offer.merchants)
        for name in self.fields:
            if name.startswith("stock_") and (stock := self.offer.stocks.get(as_id(self[name].value()))):
                yield stock.merchant_id
        for store in self["stores"].value() or ():
            if (merchant := self.offer.merchant_of.get(as_id(store))) is not None:
                yield merchant

    def _rows(self) -> range:
        """Numbers of the rows for service providers, none where the mall has none."""
        paying = providers(payer for payer, _bp in self.initial.get("shares", ()))
        return range(1, 1 + max(PROVIDERS, len(paying)) if self.offer.providers else 1)

    def _provider_field(self) -> forms.TypedChoiceField:
        choices = [("", "–"), *((pk, called(provider)) for pk, provider in self.offer.providers.items())]
        widget = ProviderSelect()
        widget.barred = [pk for pk, provider in self.offer.providers.items() if not is_active(provider)]
        return forms.TypedChoiceField(
            choices=choices, coerce=int, empty_value=None, label=_("Service provider"), required=False, widget=widget
        )

    def share_fields(self) -> Iterator[forms.BoundField]:
        for number in self.payers:
            yield self[f"share_{number}"]

    def provider_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Who pays, and which share."""
        for row in self._rows():
            yield self[f"provider_{row}"], self[f"provider_share_{row}"]

    def has_providers(self) -> bool:
        """Whether more than the first row is in use."""
        return any(chosen.value() for chosen, _share in list(self.provider_rows())[1:])

    def shares(self, cleaned: dict[str, Any]) -> tuple[tuple[int, int], ...]:
        """Pairs of payer and basis points, without those that pay nothing."""
        own = [(number, bp) for number in self.payers if (bp := cleaned.get(f"share_{number}"))]
        return (*own, *self._provider_shares(cleaned).items())

    def _provider_shares(self, cleaned: dict[str, Any]) -> dict[int, int]:
        """Of the filled rows, each provider once; what is wrong with one stands beside it."""
        shares: dict[int, int] = {}
        for row in self._rows():
            pk, bp = cleaned.get(f"provider_{row}"), cleaned.get(f"provider_share_{row}")
            is_twice = pk is not None and payer(None, pk) in shares
            is_read = not self.errors.keys() & {f"provider_{row}", f"provider_share_{row}"}
            if is_read and (problem := self._problem(pk, bp, is_twice)):
                self.add_error(f"provider_{row}", problem)
            if pk and bp and not is_twice:
                shares[payer(None, pk)] = bp
        return shares

    def _problem(self, pk: int | None, bp: int | None, is_twice: bool) -> str:
        if pk is None:
            return _("Choose who pays this share.") if bp else ""
        if is_twice:
            return _("This service provider is chosen already.")
        if not is_active(provider := self.offer.providers[pk]):
            said = {"provider": provider.name, "standing": provider.get_standing_display()}
            return _("%(provider)s may not pay now (standing: %(standing)s).") % said
        return "" if bp else _("Say which share it pays.")


def called(provider: ServiceProvider) -> str:
    """The name of a provider; of one that may not pay with the reason."""
    if is_active(provider):
        return provider.name
    return f"{provider.name} ({provider.get_standing_display()})"


def initial_shares(shares: tuple[tuple[int, int], ...]) -> dict[str, int]:
    """What the fields of shares show."""
    shown = {f"share_{number}": bp for number, bp in shares if number >= 0}
    for row, (number, bp) in enumerate((pair for pair in shares if pair[0] < 0), start=1):
        shown |= {f"provider_{row}": -number, f"provider_share_{row}": bp}
    return shown


def as_id(value: Any) -> int | None:
    """An id as it is posted or stored, if it is one."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
