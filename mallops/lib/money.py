"""Money is an integer number of fen (1 yuan = 100 fen; of any currency, its hundredth part).

Text becomes fen here and nowhere else, never through float; rates are basis points (1 bp = 0.01 %).
"""

import re
from collections.abc import Sequence

MAX_FEN = 10**13  # 100 billion yuan: beyond any payment, and far within a 64-bit column when summed.
_AMOUNT = re.compile(r"([+-]?)(\d{1,15})(?:\.(\d{1,2}))?", re.ASCII)


class BadAmount(ValueError):
    """The text is not an amount of money; the message says why, in English, for a report."""


def parse_yuan(text: str) -> int:
    """Fen of an amount written in yuan, such as ``12``, ``12.5`` or ``-0.07``.

    Raises BadAmount for anything else: more than two decimals, thousands separators, currency signs, exponents.
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        decimals = text.rpartition(".")[2]
        if text.count(".") == 1 and decimals.isdigit() and len(decimals) > 2:
            raise BadAmount("has more than two decimals")
        raise BadAmount("is not an amount such as 12.50")
    sign, whole, part = match.groups()
    fen = int(whole) * 100 + (int(part.ljust(2, "0")) if part else 0)
    if fen > MAX_FEN:
        raise BadAmount("is too large")
    return -fen if sign == "-" else fen


def yuan(fen: int) -> str:
    """The amount in yuan with two decimals and no separators, for files and APIs: 1205 -> ``12.05``."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def share_bp(fen: int, bp: int) -> int:
    """``bp`` basis points of an amount of 0 fen or more, rounded down to whole fen (in favour of who pays it)."""
    return fen * bp // 10_000


def split_fen(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total of 0 fen or more by whole-number weights so that the parts sum to it exactly.

    Largest remainder (Hamilton's method): each part is rounded down, and the fen left over go one each to the
    largest remainders, ties to the earlier part. Raises ValueError if no weight is above zero or one is below.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0 or total < 0:
        raise ValueError("a split needs a total of 0 or more and weights of 0 or more, one of them above 0")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
