"""Notes on charts: added, changed and deleted on record, by who edits rules."""

from datetime import date

import pytest
from django.urls import reverse

from analytics import annotations
from analytics.models import Annotation
from merchants.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db
VALUES = {"text": "Opening of the garden", "first_day": "2026-11-03", "last_day": "2026-11-05"}


def page(name: str, *args) -> str:
    return reverse(f"analytics:{name}", args=args)


@pytest.fixture
def note(mall, manager):
    return annotations.add(
        mall=mall, first_day=date(2026, 11, 3), last_day=date(2026, 11, 3), text="Flood", by=manager
    )  # fmt: skip


def test_added_from_a_chart_and_back_there(client, operator, mall):
    client.force_login(operator)
    back = page("mall_overview", mall.slug) + "?period=7d"
    response = client.post(page("annotation_add", mall.slug), VALUES | {"next": back})
    assert (response.status_code, response["Location"]) == (302, back)
    note = Annotation.objects.get()
    assert (note.mall, note.text, note.by) == (mall, VALUES["text"], operator)
    assert (note.first_day, note.last_day) == (date(2026, 11, 3), date(2026, 11, 5))


def test_one_day_is_enough_and_nobody_is_sent_elsewhere(client, manager, mall):
    client.force_login(manager)
    values = VALUES | {"last_day": "", "next": "https://evil.example/"}
    response = client.post(page("annotation_add", mall.slug), values)
    assert response["Location"] == page("annotations", mall.slug)
    assert Annotation.objects.get().last_day == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 81}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"first_day": ""}, "first_day"),
        ({"first_day": "2026-02-30"}, "first_day"),
        ({"first_day": "0001-01-01", "last_day": ""}, "first_day"),
        ({"first_day": "2026-11-06"}, "last_day"),
        ({"last_day": "2027-11-04"}, "last_day"),
        ({"last_day": "x"}, "last_day"),
    ],
)
def test_bad_values_are_told(client, manager, mall, values, field):
    client.force_login(manager)
    response = client.post(page("annotation_add", mall.slug), VALUES | values)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Annotation.objects.exists()


def test_changes_are_on_record(client, manager, mall, note):
    client.force_login(manager)
    assert client.get(page("annotation_edit", mall.slug, note.pk)).status_code == 200
    client.post(page("annotation_edit", mall.slug, note.pk), VALUES | {"text": "Flood"})
    client.post(page("annotation_delete", mall.slug, note.pk))
    assert not Annotation.objects.exists()
    entries = AuditEntry.objects.filter(object_type="analytics.Annotation").order_by("pk")
    assert [entry.action for entry in entries] == ["note_added", "note_changed", "note_deleted"]
    assert [entry.changes for entry in entries][1:] == [
        {"last_day": ["2026-11-03", "2026-11-05"]},
        {"first_day": ["2026-11-03", None], "last_day": ["2026-11-05", None], "text": ["Flood", None]},
    ]


def test_nothing_of_another_mall(client, stranger, mall, note):
    other = factories.make_mall()
    client.force_login(factories.make_user(is_superuser=True))
    assert client.get(page("annotation_edit", other.slug, note.pk)).status_code == 404
    assert client.post(page("annotation_delete", other.slug, note.pk)).status_code == 404
    assert "Flood" not in client.get(page("annotations", other.slug)).content.decode()


@pytest.mark.parametrize("notes", [1, 3])
def test_the_list_costs_the_same_for_any_number(client, manager, mall, notes, django_assert_num_queries):
    for _ in range(notes):
        annotations.add(mall=mall, first_day=date(2026, 11, 3), last_day=date(2026, 11, 3), text="x", by=manager)
    client.force_login(manager)
    client.get(page("annotations", mall.slug))
    with django_assert_num_queries(7):
        assert client.get(page("annotations", mall.slug)).content.decode().count("x</td>") == notes
