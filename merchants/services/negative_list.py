"""The mall's list of categories of which providers cannot bring stores (负面清单)."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from merchants.models import Category, Mall, NegativeListing, User

from . import audit
from .refusal import Refused


def add(*, mall: Mall, category: Category, reason: str, by: User) -> NegativeListing:
    """Put a category, with all below it, on the list. Stores that are in the mall stay. Raises Refused."""
    try:
        with transaction.atomic():
            entry = NegativeListing.objects.create(mall=mall, category=category, reason=reason, added_by=by)
            changes = audit.changed({}, {"category": category, "reason": reason})
            audit.record(actor=by, mall=mall, action="negative_list_added", obj=entry, changes=changes)
    except IntegrityError as error:
        raise Refused(_("This category is on the list already."), "category") from error
    return entry


@transaction.atomic
def remove(*, entry: NegativeListing, by: User) -> None:
    """Take a category off the list."""
    changes = {"category": [entry.category, None], "reason": [entry.reason, None]}
    audit.record(actor=by, mall=entry.mall, action="negative_list_removed", obj=entry, changes=changes)
    entry.delete()
