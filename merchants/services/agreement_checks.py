"""Whether an agreement can be: asked when it is proposed, and again when it is confirmed."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from merchants import access
from merchants.choices import AgreementState
from merchants.models import Agreement, ServiceProvider
from merchants.queries.agreements import overlapping

from .refusal import Refused

BACKDATED = timedelta(days=31)  # how far back an agreement may begin; what was earned before is settled


def check(agreement: Agreement, today: date) -> None:
    """Raise Refused unless an agreement, whose provider and store are held, can be proposed or confirmed `today` (of
    the mall)."""
    check_days(agreement.from_day, agreement.until_day, today)
    check_provider(agreement.provider, agreement.capability)
    check_store(agreement)
    if agreement.replaces:
        check_hand_over(agreement, today)
    check_free(agreement)


def check_days(from_day: date, until_day: date | None, today: date) -> None:
    if until_day and until_day <= from_day:
        raise Refused(_("The last day is before the first."), "last_day")
    if from_day < today - BACKDATED:
        earliest = today - BACKDATED
        raise Refused(_("An agreement begins on %(day)s at the earliest.") % {"day": earliest}, "from_day")


def check_provider(provider: ServiceProvider, capability: str) -> None:
    check_active(provider)
    if not is_granted(provider, capability):
        raise Refused(_("The mall has not granted the service provider this capability."), "capability")


def check_active(provider: ServiceProvider) -> None:
    if not access.is_active(provider):
        raise Refused(_("The service provider is not active: see its application and standing."))


def is_granted(provider: ServiceProvider, capability: str) -> bool:
    rows = provider.capabilities.filter(capability=capability, granted_at__isnull=False, revoked_at=None)
    return rows.exists()


def check_store(agreement: Agreement) -> None:
    store = agreement.store
    if store.mall_id != agreement.mall_id:
        raise Refused(_("Choose a store of the provider's mall."), "stores")
    if store.closed_on and store.closed_on <= agreement.from_day:
        raise Refused(_("The store is closed since %(day)s.") % {"day": store.closed_on}, "stores")


def check_hand_over(agreement: Agreement, today: date) -> None:
    """The old agreement ends where the new one begins: on a day still to come, for a day that has begun counts for the
    provider who had it."""
    old = agreement.replaces
    if old.state != AgreementState.CONFIRMED or (old.until_day and old.until_day < agreement.from_day):
        raise Refused(_("The agreement to take over from has ended by then."), "from_day")
    if (old.store_id, old.capability) != (agreement.store_id, agreement.capability):
        raise Refused(_("The agreement to take over from is about another store or capability."))
    if old.provider_id == agreement.provider_id:
        raise Refused(_("The service provider has the store already."), "provider")
    if agreement.from_day <= max(today, old.from_day):
        raise Refused(_("A store is handed over tomorrow at the earliest."), "from_day")


def check_free(agreement: Agreement) -> None:
    other = overlapping(agreement).select_related("provider").first()
    if other is None:
        return
    words = {"provider": other.provider.name, "first": other.from_day}
    if other.provider_id == agreement.provider_id:
        raise Refused(_("The service provider has such an agreement from %(first)s already.") % words)
    if agreement.by_provider:  # who else serves a store is not for a provider to know
        raise Refused(_("Another service provider does this for the store in that time."))
    raise Refused(
        _("One service provider at a time does this for a store, and %(provider)s does from %(first)s: end that "
          "agreement first, or hand it over.") % words
    )  # fmt: skip
