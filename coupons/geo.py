"""Positions on the earth and how far apart they are. Pure."""

from math import asin, cos, isfinite, radians, sin, sqrt
from typing import Any, NamedTuple

EARTH_M = 6_371_008.8  # mean radius of the earth (IUGG)


class Position(NamedTuple):
    """Degrees of WGS 84, north and east positive: what browsers and satellites say. (Maps sold in China show GCJ-02,
    up to some hundred metres off; a position from there has to be turned back first.)"""

    latitude: float
    longitude: float


class BadPosition(ValueError):
    """Not a position on the earth."""


def position(latitude: Any, longitude: Any) -> Position:
    """The position two values name, whatever they are. Raises BadPosition."""
    try:
        found = Position(float(latitude), float(longitude))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadPosition from error
    if isinstance(latitude, bool) or isinstance(longitude, bool) or not all(map(isfinite, found)):
        raise BadPosition
    if abs(found.latitude) > 90 or abs(found.longitude) > 180:
        raise BadPosition
    return found


def distance_m(a: Position, b: Position) -> int:
    """Metres between two positions along the surface, by the haversine formula (R. W. Sinnott, "Virtues of the
    Haversine", Sky and Telescope 68, 1984, p. 159): exact at short range, within 0.5 % of the ellipsoid."""
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    h = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return round(2 * EARTH_M * asin(min(1.0, sqrt(h))))
