"""What a mall decides about its service providers: agreements and standing."""

from datetime import date

from django.db import transaction

from merchants.models import Agreement, ServiceProvider, Store, User

from . import audit


def agree(
    *, provider: ServiceProvider, store: Store, capability: str, from_day: date, until_day: date | None, by: User
) -> Agreement:
    """The provider serves the store over the mall's days from `from_day` until before `until_day` (None: open)."""
    terms = {"store": store, "capability": capability, "from_day": from_day, "until_day": until_day}
    with transaction.atomic():
        agreement = Agreement.objects.create(mall=provider.mall, provider=provider, **terms)
        changes = audit.changed({}, terms)
        audit.record(actor=by, mall=provider.mall, action="agreement_added", obj=agreement, changes=changes)
    return agreement


def end_agreement(*, agreement: Agreement, until_day: date, by: User) -> None:
    """Let the agreement end before `until_day`, a day after its first."""
    with transaction.atomic():
        changes = audit.changed({"until_day": agreement.until_day}, {"until_day": until_day})
        agreement.until_day = until_day
        agreement.save(update_fields=["until_day"])
        audit.record(actor=by, mall=agreement.mall, action="agreement_ended", obj=agreement, changes=changes)


def change_standing(*, provider: ServiceProvider, standing: str, reason: str, by: User) -> None:
    """Warn, suspend, terminate or restore a provider; takes effect at once on what it sees and on its credentials."""
    with transaction.atomic():
        changes = audit.changed({"standing": provider.standing}, {"standing": standing, "reason": reason})
        provider.standing = standing
        provider.save(update_fields=["standing"])
        audit.record(actor=by, mall=provider.mall, action="standing_changed", obj=provider, changes=changes)
