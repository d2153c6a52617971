"""Plans of floors: laying out, saving, the form."""

import pytest
from django.db import IntegrityError

from merchants import plans
from merchants.forms.plans import PlanForm
from merchants.models import AuditEntry
from merchants.models.directory import PLAN_HEIGHT, PLAN_WIDTH
from merchants.plans import Box, arranged, overlapping
from merchants.queries.plans import box_of, places
from merchants.services.plans import save_plan
from tests import factories


@pytest.mark.parametrize("number", [1, 2, 5, 24, 25, 80, 500, 2880])
def test_units_fill_the_grid_without_overlaps(number):
    boxes = arranged(f"L1-{n:04d}" for n in range(number))
    squares = {(x, y) for box in boxes.values() for x in range(box.x, box.x + box.width)
               for y in range(box.y, box.y + box.height)}  # fmt: skip
    assert len(boxes) == number
    assert len(squares) == sum(box.width * box.height for box in boxes.values())
    assert max(x for x, _y in squares) < PLAN_WIDTH and max(y for _x, y in squares) < PLAN_HEIGHT


def test_more_units_than_the_grid_has_room_for():
    assert len(arranged(str(n) for n in range(5_000))) == PLAN_WIDTH * 2 * plans.MOST_CORRIDORS


def test_no_units():
    assert arranged([]) == {}


def test_units_lie_in_the_order_of_their_numbers_and_reach_up_to_the_next():
    boxes = arranged(["L1-10", "L1-02", "L1-01", "L1-05"])
    assert boxes == {
        "L1-01": Box(0, 0, 60, 24), "L1-02": Box(60, 0, 60, 24),
        "L1-05": Box(0, 36, 95, 24), "L1-10": Box(95, 36, 25, 24),
    }  # fmt: skip


@pytest.mark.parametrize("unit", ["", "Atrium", "9" * 400, "北区", "A-1/2"])
def test_any_unit_has_a_place(unit):
    assert arranged([unit]) == {unit: Box(0, 36, 120, 24)}


def test_overlapping():
    boxes = {"a": Box(0, 0, 10, 10), "b": Box(9, 9, 5, 5), "c": Box(10, 0, 5, 5), "d": Box(14, 14, 1, 1)}
    assert overlapping(boxes) == [("a", "b")]


@pytest.fixture
def floor(mall):
    return factories.make_floor(mall=mall, code="L1")


@pytest.fixture
def stores(mall, floor):
    return [factories.make_store(mall=mall, floor=floor, code=f"S{n}", unit=f"L1-0{n}") for n in (1, 2)]


@pytest.mark.django_db
def test_stores_of_one_unit_share_its_place(mall, floor, stores):
    later = factories.make_store(mall=mall, floor=floor, unit="L1-02")
    assert places([*stores, later])[later.pk] == places(stores)[stores[1].pk]


@pytest.mark.django_db
def test_a_place_of_its_own_is_kept(stores):
    stores[0].plan_x, stores[0].plan_y, stores[0].plan_width, stores[0].plan_height = 3, 4, 5, 6
    assert places(stores)[stores[0].pk] == Box(3, 4, 5, 6)


@pytest.mark.django_db
def test_saving_moves_and_leaves_an_audit_entry(mall, floor, stores, manager):
    boxes = {stores[0].pk: Box(1, 2, 3, 4), stores[1].pk: None}
    assert save_plan(mall=mall, floor=floor, boxes=boxes, by=manager) == 1
    stores[0].refresh_from_db()
    assert box_of(stores[0]) == Box(1, 2, 3, 4)
    entry = AuditEntry.objects.get(action="plan_changed")
    assert (entry.actor, entry.object_id) == (manager, str(floor.pk))
    assert entry.changes == {"S1": [None, [1, 2, 3, 4]]}
    assert save_plan(mall=mall, floor=floor, boxes=boxes, by=manager) == 0
    assert AuditEntry.objects.filter(action="plan_changed").count() == 1


@pytest.mark.django_db
def test_only_stores_of_the_floor_are_moved(mall, floor, stores, store, manager):
    with pytest.raises(KeyError):
        save_plan(mall=mall, floor=floor, boxes={store.pk: Box(0, 0, 1, 1)}, by=manager)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("box", [Box(119, 0, 2, 1), Box(0, 59, 1, 2), Box(0, 0, 0, 1)])
def test_the_database_refuses_what_is_off_the_plan(mall, floor, stores, manager, box):
    with pytest.raises(IntegrityError):
        save_plan(mall=mall, floor=floor, boxes={stores[0].pk: box}, by=manager)


def data(stores, *boxes) -> dict[str, str]:
    return {
        f"{store.pk}-{side}": str(at)
        for store, box in zip(stores, boxes, strict=True)
        for side, at in zip(("x", "y", "width", "height"), box, strict=True)
    }


@pytest.mark.django_db
def test_the_form_begins_with_where_stores_lie(stores):
    form = PlanForm(stores=stores)
    assert form.initial[f"{stores[1].pk}-y"] == 36
    assert form.overlaps() == []


@pytest.mark.django_db
def test_overlaps_are_pointed_out_but_not_of_one_unit(mall, floor, stores):
    form = PlanForm(data(stores, (0, 0, 10, 10), (5, 5, 10, 10)), stores=stores)
    assert form.is_valid()
    assert form.overlaps() == [(stores[0], stores[1])]
    stores[1].unit = stores[0].unit
    assert form.overlaps() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("box", "field"),
    [
        ((115, 0, 6, 1), "width"), ((0, 50, 1, 11), "height"), ((-1, 0, 1, 1), "x"), ((0, 60, 1, 1), "y"),
        ((0, 0, 0, 1), "width"), ((0, 0, 1, "x"), "height"), ((0, "", 1, 1), "y"), (("9" * 30, 0, 1, 1), "x"),
    ],
)  # fmt: skip
def test_bad_numbers_are_told_where_they_are(stores, box, field):
    form = PlanForm(data(stores, box, (0, 30, 1, 1)), stores=stores)
    assert not form.is_valid()
    assert list(form.errors) == [f"{stores[0].pk}-{field}"]
