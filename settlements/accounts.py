"""The chart of accounts: which account is which row. Accounts are opened when something is first posted to one."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from coupons.payers import party
from mallops.lib.cache import by_revision
from mallops.lib.sql import insert_new
from merchants.models.base import touch_mall
from merchants.queries.directory import Directory

from .models import Account, Books
from .models.ledger import OF_MALL, OF_MERCHANT, OF_PROVIDER

COLUMNS = ("mall_id", "kind", "merchant_id", "provider_id")


class Key(NamedTuple):
    """An account by what it counts and whose it is: a merchant's, a provider's or, with neither, the mall's."""

    kind: str
    merchant_id: int | None = None
    provider_id: int | None = None


def of_payer(kind: str, payer: int) -> Key:
    """The account of who pays for coupons, by its number (`coupons.payers`)."""
    return Key(kind, *party(payer))


def ids(directory: Directory, keys: Iterable[Key]) -> Mapping[Key, int]:
    """The ids of these accounts, opened if need be. Inside a transaction; afterwards the mall has its Books."""
    known = _at_revision(directory.mall_id, directory.revision)
    missing = {key for key in keys if key not in known}
    return {**known, **_open(directory.mall_id, missing)} if missing else known


@by_revision
def _at_revision(mall_id: int, revision: int) -> dict[Key, int]:
    return _existing(mall_id)


def _existing(mall_id: int) -> dict[Key, int]:
    rows = Account.objects.filter(mall=mall_id).values_list("pk", "kind", "merchant", "provider")
    return {Key(*key): pk for pk, *key in rows}


def _open(mall_id: int, keys: Iterable[Key]) -> dict[Key, int]:
    """Open all accounts of the parties that these belong to: so the mall's revision moves once for each party."""
    rows = sorted({row for key in keys for row in _all_of_party(mall_id, key)}, key=str)
    insert_new(Books, ("mall_id",), [(mall_id,)], returning=("mall_id",))
    if insert_new(Account, COLUMNS, rows):
        touch_mall(mall_id)
    return _existing(mall_id)


def _all_of_party(mall_id: int, key: Key) -> list[tuple]:
    kinds = OF_MERCHANT if key.merchant_id else OF_PROVIDER if key.provider_id else OF_MALL
    if key.kind not in kinds:
        raise ValueError(f"{key} is no account: its party has {', '.join(kinds)}")
    return [(mall_id, kind, key.merchant_id, key.provider_id) for kind in kinds]
