"""Money: text to fen and back, shares, splits."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mallops.lib.money import MAX_FEN, BadAmount, parse_yuan, share_bp, split_fen, yuan

quick = settings(max_examples=100, deadline=None)
fen = st.integers(0, MAX_FEN)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@quick
@given(st.integers(-MAX_FEN, MAX_FEN))
def test_round_trip(amount):
    assert parse_yuan(yuan(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", 1200), ("12.5", 1250), ("-0.07", -7), ("+1.00", 100), ("0", 0), ("-0.00", 0), ("007.10", 710),
     ("100000000000.00", MAX_FEN), ("0.01", 1)],
)  # fmt: skip
def test_amounts(text, amount):
    assert parse_yuan(text) == amount


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.234", "more than two decimals"),
        ("1.000", "more than two decimals"),
        ("100000000000.01", "too large"),
        ("9" * 15, "too large"),
        *((text, "not an amount") for text in (
            "", " ", ".", "1.", ".5", "1,000", "1e3", "0x10", "¥5", "5元", "--1", "+-1", "1 000", " 1", "1\n", "nan",
            "inf", "١٢", "１２", "1.2.3", "9" * 16, "=1+1", "1_000",
        )),
    ],
)  # fmt: skip
def test_bad_amounts_say_why(text, why):
    with pytest.raises(BadAmount, match=why):
        parse_yuan(text)


@quick
@given(st.text(max_size=12))
def test_text_is_an_amount_or_bad(text):
    try:
        amount = parse_yuan(text)
    except BadAmount:
        return
    assert Fraction(text) * 100 == amount


@quick
@given(fen, weights)
def test_parts_sum_to_the_whole_and_each_is_within_a_fen_of_its_share(total, weights):
    parts = split_fen(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert part == 0 or weight > 0


@quick
@given(fen, weights, st.data())
def test_heavier_part_is_never_smaller(total, weights, data):
    parts = split_fen(total, weights)
    one, other = (data.draw(st.integers(0, len(weights) - 1)) for _ in range(2))
    if weights[one] > weights[other]:
        assert parts[one] >= parts[other]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (1, [1, 1], [1, 0]),
        (0, [3, 1], [0, 0]),
        (10, [0, 1, 0], [0, 10, 0]),
        (5, [7], [5]),
    ],
)
def test_splits(total, weights, parts):
    assert split_fen(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [0]), (1, [2, -1]), (-1, [1])])
def test_bad_splits(total, weights):
    with pytest.raises(ValueError, match=r"split|empty"):
        split_fen(total, weights)


@quick
@given(fen, st.integers(0, 10_000))
def test_share_is_rounded_down_within_the_whole(amount, bp):
    share = share_bp(amount, bp)
    assert 0 <= Fraction(amount * bp, 10_000) - share < 1
    assert share <= amount


@quick
@given(fen, st.integers(0, 10_000))
def test_share_and_rest_lose_a_fen_at_most(amount, bp):
    assert amount - (share_bp(amount, bp) + share_bp(amount, 10_000 - bp)) in (0, 1)
