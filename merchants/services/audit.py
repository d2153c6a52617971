"""The trace of who changed what. Every service that changes configuration ends by calling `record`."""

from typing import Any

from django.db import models

from merchants.models import AuditEntry, Mall, User


def changed(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list]:
    """The fields whose value differs, as {field: [old, new]}; a field missing on one side counts as None there."""
    fields = [*old, *(field for field in new if field not in old)]
    return {field: [old.get(field), new.get(field)] for field in fields if old.get(field) != new.get(field)}


def record(
    *, actor: User | None, mall: Mall | None, action: str, obj: models.Model, changes: dict[str, list]
) -> AuditEntry:
    """Note that `actor` (None: the system) did `action` to `obj`, with {field: [old, new]}.

    Call it inside the transaction of the change itself. Values that JSON does not know are kept as text.
    """
    return AuditEntry.objects.create(
        actor=actor,
        mall=mall,
        action=action,
        object_type=obj._meta.label,
        object_id=str(obj.pk),
        changes={field: [_plain(old), _plain(new)] for field, (old, new) in changes.items()},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, bool | int | float | str | list | dict | None):
        return value
    return str(value)
