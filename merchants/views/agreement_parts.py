"""What the pages of the three parties to agreements share: states in words, the table, the facts."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mallops.lib.spans import ENDED, RUNNING, UPCOMING
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.choices import AgreementState
from merchants.models import Agreement, Mall
from merchants.queries.agreements import state_of


def agreement_state(agreement: Agreement, day: date) -> tuple[str, str]:
    """Text and tone of an agreement on a day of its mall."""
    return {
        AgreementState.PROPOSED: (_("Waits for the merchant"), "warn"),
        AgreementState.DECLINED: (pgettext("agreement", "Declined"), "bad"),
        AgreementState.WITHDRAWN: (pgettext("agreement", "Withdrawn"), "off"),
        UPCOMING: (_("Not begun"), "info"),
        RUNNING: (_("Running"), "good"),
        ENDED: (_("Ended"), "off"),
    }[state_of(agreement, day)]


def agreement_table(
    request: HttpRequest, mall: Mall, rows: QuerySet[Agreement], url: Callable[[Agreement], str], *,
    provider: bool = False, empty: Empty | None = None, target: str = "",
) -> Table:  # fmt: skip
    """Agreements with their state today, each leading to its page; with the provider's name where there are several."""
    day = mall.today()
    capability = Column("capability", _("Capability"), value=capability_of, sortable=True)
    with_provider = Column("provider.name", _("Service provider"), sub=capability_of, sortable="provider.code")
    columns = [
        Column("store.name", _("Store"), sub=lambda row: row.store.code, url=url, sortable="store.code"),
        with_provider if provider else capability,
        Column("from_day", _("First day"), sortable=True, format=str, hide_on_phone=True),
        Column("last_day", _("Last day"), sortable="until_day", format=str, hide_on_phone=True),
        Column("state", _("State"), kind="state", value=lambda row: agreement_state(row, day)),
    ]
    empty = empty or Empty(_("No agreement yet"))
    return Table(columns, rows, request.GET, label=_("Agreements"), empty=empty, target=target)


def capability_of(agreement: Agreement) -> str:
    return agreement.get_capability_display()


def about(agreement: Agreement) -> dict[str, Any]:
    """What every party reads of an agreement."""
    return {
        "title": agreement.store.name,
        "mall": agreement.mall,
        "agreement": agreement,
        "state": agreement_state(agreement, agreement.mall.today()),
        "is_proposed": agreement.state == AgreementState.PROPOSED,
        "can_end": state_of(agreement, agreement.mall.today()) in (UPCOMING, RUNNING),
    }
