"""What the ids in terms are called, and how lists are said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from coupons.payers import party
from mallops.lib import format as fmt

SPOKEN = 4  # of a longer list the rest is counted


@dataclass(frozen=True, slots=True)
class Names:
    """Names in the reader's language by id, and the mall's currency sign."""

    stores: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)
    stocks: Mapping[int, str] = field(default_factory=dict)
    symbol: str = "¥"
    merchants: Mapping[int, str] = field(default_factory=dict)
    providers: Mapping[int, str] = field(default_factory=dict)

    def money(self, fen: int) -> str:
        """The amount as short as it is exact: ``¥50``, ``¥12.50``."""
        return fmt.money(fen, self.symbol).removesuffix(".00")

    def store(self, pk: int) -> str:
        return self.stores.get(pk, f"#{pk}")

    def category(self, pk: int) -> str:
        return self.categories.get(pk, f"#{pk}")

    def stock(self, pk: int) -> str:
        return self.stocks.get(pk, f"#{pk}")

    def payer(self, number: int) -> str:
        """Who pays for coupons, by its number (`coupons.payers`)."""
        merchant, provider = party(number)
        if merchant:
            return self.merchants.get(merchant, f"#{merchant}")
        return self.provider(provider) if provider else _("the mall")

    def provider(self, pk: int) -> str:
        return self.providers.get(pk, f"#{pk}")


def any_of(items: Sequence[str]) -> str:
    """``A, B or C``; of a long list the first few and how many more."""
    if len(items) > SPOKEN + 1:
        rest = _("%(number)s more") % {"number": len(items) - SPOKEN}
        items = [*items[:SPOKEN], rest]
    return _last(items, _("%(list)s or %(last)s"))


def all_of(items: Sequence[str]) -> str:
    """``A, B and C``."""
    return _last(items, _("%(list)s and %(last)s"))


def series(items: Sequence[str]) -> str:
    return _(", ").join(items)


def clauses(parts: Sequence[str]) -> str:
    """Parts of a sentence; other than a list of things in some languages."""
    return pgettext("between clauses", ", ").join(parts)


def _last(items: Sequence[str], template: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return template % {"list": series(items[:-1]), "last": items[-1]}
