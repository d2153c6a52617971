"""The car park: whose car stands there. Each stay has the car park's own number, so that notes may be repeated."""

from datetime import datetime

from django.db import transaction

from mallops.lib.sql import insert_new

from . import shoppers
from .models import ParkingStay

COLUMNS = ("mall_id", "shopper_id", "stay_id", "entered_at", "left_at")


class OtherShopper(ValueError):
    """The number of the stay is known for another shopper."""


def enter(*, mall_id: int, shopper: str, stay_id: str, entered_at: datetime, now: datetime) -> bool:
    """Note that a shopper's (digest) car came in; False if the stay is known. Raises OtherShopper."""
    with transaction.atomic():
        pk = shoppers.resolve(mall_id, {shopper}, now=now)[shopper]
        row = (mall_id, pk, stay_id, entered_at, None)
        if insert_new(ParkingStay, COLUMNS, [row], conflict=("mall_id", "stay_id")):
            return True
        if ParkingStay.objects.for_mall(mall_id).get(stay_id=stay_id).shopper_id != pk:
            raise OtherShopper(stay_id)
    return False


def leave(*, mall_id: int, stay_id: str, left_at: datetime) -> ParkingStay | None:
    """Note that the car of a stay left; the first note counts. None for an unknown stay. Raises ValueError when the
    moment lies before the car came."""
    stays = ParkingStay.objects.for_mall(mall_id).filter(stay_id=stay_id)
    stays.filter(left_at=None, entered_at__lte=left_at).update(left_at=left_at)
    stay = stays.first()
    if stay and stay.left_at is None:
        raise ValueError("left before it came")
    return stay
