from datetime import date

import pytest

from merchants.models import AuditEntry
from merchants.services import audit

pytestmark = pytest.mark.django_db


def test_changed_keeps_only_fields_that_differ():
    assert audit.changed({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}


def test_changed_of_something_taken_away():
    assert audit.changed({"a": 1}, {}) == {"a": [1, None]}


def test_record_keeps_plain_values_and_turns_the_rest_into_text(mall, store, manager):
    changes = {"day": [None, date(2026, 2, 28)], "store": [None, store], "n": [1, 2], "flag": [False, True]}
    audit.record(actor=manager, mall=mall, action="tried", obj=store, changes=changes)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.mall, entry.action) == (manager, mall, "tried")
    assert (entry.object_type, entry.object_id) == ("merchants.Store", str(store.pk))
    assert entry.changes == {
        "day": [None, "2026-02-28"], "store": [None, str(store.pk)], "n": [1, 2], "flag": [False, True],
    }  # fmt: skip
