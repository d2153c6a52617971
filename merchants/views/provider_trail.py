"""What was done about a provider, in words, from the audit trail."""

from django.utils.translation import gettext as _

from merchants.choices import Capability, Standing
from merchants.models import AuditEntry, ServiceProvider

SHOWN_AT_MOST = 20
VALUES = {**dict(Capability.choices), **dict(Standing.choices)}


def trail(provider: ServiceProvider) -> list[tuple[AuditEntry, str, list[str]]]:
    """The newest entries about a provider itself, each with what was done and the values that matter."""
    rows = AuditEntry.objects.filter(object_type=provider._meta.label, object_id=str(provider.pk))
    said = sentences()
    newest = rows.select_related("actor").order_by("-at", "-pk")[:SHOWN_AT_MOST]
    return [(entry, said.get(entry.action, entry.action), lines(entry)) for entry in newest]


def sentences() -> dict[str, str]:
    return {
        "provider_applied": _("Applied"),
        "provider_approved": _("Approved the application"),
        "provider_declined": _("Declined the application"),
        "standing_changed": _("Changed the standing"),
        "capability_granted": _("Granted a capability"),
        "capability_taken_back": _("Took a capability back"),
        "contacts_changed": _("Changed the contacts"),
        "stores_proposed": _("Proposed stores"),
        "added": _("Added in the administration"),
        "changed": _("Changed in the administration"),
    }


def lines(entry: AuditEntry) -> list[str]:
    """The new values of standing, capability and reason; of a capability taken back, the old one."""
    found = [entry.changes[name] for name in ("standing", "capability", "reason") if name in entry.changes]
    words = [new or old for old, new in found]
    return [str(VALUES.get(word, word)) for word in words if word]
