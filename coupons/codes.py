"""Coupon codes: twelve letters and digits without look-alikes, unguessable, with a check character.

The alphabet has 29 characters (no 0 1 I L O U Z), a prime number, so that the weighted sum modulo 29 finds every
single wrong character and every swap of two. Eleven random characters are 53 bits.
"""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH = 12
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


def new_code() -> str:
    n = secrets.randbits(80)
    body = []
    for _ in range(LENGTH - 1):
        n, value = divmod(n, 29)
        body.append(value)
    return "".join([ALPHABET[value] for value in body]) + ALPHABET[_check(body)]


def normalise(text: str) -> str:
    """The code in what a person typed: upper case, without blanks and dashes."""
    return "".join(text.upper().replace("-", " ").split())


def is_well_formed(code: str) -> bool:
    """Whether the characters and the check character fit; says nothing about the coupon."""
    if len(code) != LENGTH or any(letter not in _VALUE for letter in code):
        return False
    return _check([_VALUE[letter] for letter in code[:-1]]) == _VALUE[code[-1]]


def shown(code: str) -> str:
    """For reading aloud: groups of four."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def masked(code: str) -> str:
    return f"••••-••••-{code[-4:]}"


def _check(values: list[int]) -> int:
    return sum(weight * value for weight, value in enumerate(values, start=2)) % 29
