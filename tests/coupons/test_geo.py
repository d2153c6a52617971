"""Positions and distances."""

from math import inf, nan

import pytest

from coupons.geo import BadPosition, Position, distance_m, position


def test_a_position_is_two_numbers_on_the_earth():
    assert position("31.2304", 121.4737) == Position(31.2304, 121.4737)
    assert position(-90, 180) == Position(-90, 180)


@pytest.mark.parametrize(
    "bad",
    [
        (nan, 0), (0, nan), (inf, 0), ("nan", "0"), (999, 0), (0, 999), (90.1, 0), (0, -180.1), (None, 0), ("", ""),
        ("north", 0), ([], 0), (True, 0), (10**400, 0),
    ],
)  # fmt: skip
def test_anything_else_is_refused(bad):
    with pytest.raises(BadPosition):
        position(*bad)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        (Position(31.2304, 121.4737), Position(31.2304, 121.4737), 0),
        (Position(0, 0), Position(0, 1), 111_195),  # a degree of the equator: 2 pi R / 360
        (Position(0, 0), Position(0, 180), 20_015_114),  # half way round
        (Position(0, 179.999), Position(0, -179.999), 222),  # across the date line
        (Position(90, 0), Position(90, 120), 0),  # a pole is one place
        (Position(39.9042, 116.4074), Position(31.2304, 121.4737), 1_067_312),
    ],
)
def test_distances_by_the_haversine_formula(a, b, metres):
    assert distance_m(a, b) == metres == distance_m(b, a)
