"""Notes on the charts of a mall, written by hand. Who changed them is on record."""

from datetime import date

from django.db import transaction

from analytics.models import Annotation
from merchants.models import Mall, User
from merchants.services import audit

FIELDS = ("first_day", "last_day", "text")


@transaction.atomic
def add(*, mall: Mall, first_day: date, last_day: date, text: str, by: User) -> Annotation:
    """Local days of the mall, both included."""
    note = Annotation.objects.create(mall=mall, first_day=first_day, last_day=last_day, text=text, by=by)
    audit.record(actor=by, mall=mall, action="note_added", obj=note, changes=audit.changed({}, _values(note)))
    return note


@transaction.atomic
def change(*, note: Annotation, first_day: date, last_day: date, text: str, by: User) -> None:
    was = _values(note)
    note.first_day, note.last_day, note.text = first_day, last_day, text
    note.save(update_fields=FIELDS)
    changes = audit.changed(was, _values(note))
    audit.record(actor=by, mall=note.mall, action="note_changed", obj=note, changes=changes)


@transaction.atomic
def delete(*, note: Annotation, by: User) -> None:
    changes = audit.changed(_values(note), {})
    audit.record(actor=by, mall=note.mall, action="note_deleted", obj=note, changes=changes)
    note.delete()


def _values(note: Annotation) -> dict:
    return {field: getattr(note, field) for field in FIELDS}
