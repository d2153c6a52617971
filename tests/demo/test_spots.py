"""Where stores lie."""

from itertools import combinations

import pytest

from coupons.geo import Position, distance_m
from mallops.demo import plan, spots
from merchants.models.directory import PLAN_HEIGHT, PLAN_WIDTH
from merchants.plans import Box

MALLS = [pytest.param(mall, id=mall.slug) for mall in plan.MALLS]
MIDDLE = Position(31.2304, 121.4737)


@pytest.mark.parametrize("mall", MALLS)
def test_each_store_has_its_own_place_on_its_floor(mall):
    stores = plan.stores(mall.slug)
    found = spots.plots(stores)
    assert set(found) == {store.code for store in stores}
    for one, other in combinations(stores, 2):
        assert one.floor != other.floor or not found[one.code].overlaps(found[other.code])
    for box in found.values():
        assert min(box.width, box.height) >= 2 and min(box.x, box.y) >= 0
        assert box.x + box.width <= PLAN_WIDTH and box.y + box.height <= PLAN_HEIGHT


def test_the_plan_lies_around_the_middle_of_the_mall():
    assert spots.on_map(MIDDLE, Box(0, 0, PLAN_WIDTH, PLAN_HEIGHT)) == pytest.approx(MIDDLE)
    corner = spots.on_map(MIDDLE, Box(0, 0, 2, 2))
    assert corner.latitude > MIDDLE.latitude and corner.longitude < MIDDLE.longitude
    assert distance_m(MIDDLE, corner) == pytest.approx((59**2 + 29**2) ** 0.5, abs=1)
