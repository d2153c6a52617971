"""Tags and cars by API."""

import pytest
from django.utils import timezone

from payments.models import ParkingStay, ShopperTag

pytestmark = pytest.mark.django_db
NOW = timezone.now().isoformat()


def test_tags_are_replaced(call):
    assert call("put", "shoppers/tags", {"shopper": "anna", "tags": ["gold", "kids"]}).json() == {
        "tags": ["gold", "kids"]
    }
    call("put", "shoppers/tags", {"shopper": "anna", "tags": [" gold "]})
    call("put", "shoppers/tags", {"shopper": "bert", "tags": ["gold"]})
    assert list(ShopperTag.objects.order_by("pk").values_list("tag", flat=True)) == ["gold", "gold"]
    call("put", "shoppers/tags", {"shopper": "anna", "tags": []})
    assert ShopperTag.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"tags": ["a"]}, "shopper"),
        ({"shopper": "", "tags": ["a"]}, "shopper"),
        ({"shopper": "a\x00", "tags": []}, "shopper"),
        ({"shopper": "anna"}, "tags"),
        ({"shopper": "anna", "tags": "gold"}, "tags"),
        ({"shopper": "anna", "tags": ["x" * 41]}, "tags"),
        ({"shopper": "anna", "tags": [1]}, "tags"),
        ({"shopper": "anna", "tags": ["x"] * 51}, "tags"),
        ({"shopper": "anna", "tags": [], "more": 1}, "more"),
    ],
)
def test_bad_tags_are_named(call, wrong, data, field):
    response = call("put", "shoppers/tags", data)
    assert response.status_code == 400
    assert wrong(response) == {field}


def test_a_car_comes_and_leaves(call):
    stay = {"shopper": "anna", "stay_id": "p1", "entered_at": NOW}
    assert [call("post", "parking", stay).status_code for _ in range(2)] == [201, 200]
    later = (timezone.now() + timezone.timedelta(hours=1)).isoformat()
    left = call("put", "parking/p1/left", {"left_at": later})
    assert left.status_code == 200
    assert call("put", "parking/p1/left", {"left_at": NOW}).json() == left.json()
    assert ParkingStay.objects.get().left_at is not None


def test_a_car_leaves_after_it_came_and_belongs_to_one(call):
    call("post", "parking", {"shopper": "anna", "stay_id": "p1", "entered_at": NOW})
    refused = call("put", "parking/p1/left", {"left_at": "2020-01-01T00:00:00+08:00"})
    assert (refused.status_code, refused.json()["code"]) == (422, "left_before_entering")
    refused = call("post", "parking", {"shopper": "bert", "stay_id": "p1", "entered_at": NOW})
    assert (refused.status_code, refused.json()["code"]) == (409, "other_shopper")
    assert call("put", "parking/p2/left", {"left_at": NOW}).status_code == 404


def test_providers_stay_outside(call, provider_key):
    assert call("put", "shoppers/tags", {}, key=provider_key).status_code == 403
