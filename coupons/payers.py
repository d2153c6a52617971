"""Who pays for coupons, as the one number that stands in the terms of a rule: 0 is the mall, above zero the id of a
merchant, below zero the id of a service provider, negated. Pure."""

from collections.abc import Iterable

MALL = 0


def payer(merchant_id: int | None, provider_id: int | None) -> int:
    """The number of a merchant, of a provider or, with neither, of the mall."""
    return merchant_id or -(provider_id or MALL)


def party(payer: int) -> tuple[int | None, int | None]:
    """Whose number it is: the ids of the merchant and of the provider, of which one at most is there."""
    return (payer, None) if payer > 0 else (None, -payer or None)


def providers(payers: Iterable[int]) -> set[int]:
    """The ids of the providers among payers."""
    return {-each for each in payers if each < 0}


def merchants(payers: Iterable[int]) -> set[int]:
    """The ids of the merchants among payers."""
    return {each for each in payers if each > 0}
