"""The stores that a provider serves: quiet ones, agreements that begin or end; and what coupons cost it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.queries.activity import LOOK_BACK
from analytics.queries.choice import Choice
from analytics.queries.places import Place
from analytics.queries.sums import Cells
from coupons.models import Rule
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Agreement

from .columns import Row, change_column, day_column, metric_column, metric_row

QUIET = {30: "bad", 14: "warn", 7: "info"}  # days without a payment -> tone
SOON = 30  # days in which an agreement counts as new, or as about to end


def cost_table(
    choice: Choice, cells: Cells, rules: Mapping[int, Rule], params: Mapping[str, str], link: Callable[[Rule], str]
) -> Table:
    """What the rules cost of which the provider pays a share, with the change; `link` leads to its consent."""
    nothing = {"own_cost_fen": 0}
    rows = [
        metric_row(["own_cost"], cells.get((0, pk), nothing), cells.get((1, pk), nothing), rule=rule, name=rule.name)
        for pk, rule in rules.items()
        if (0, pk) in cells or (1, pk) in cells
    ]
    columns = [
        Column("name", _("Rule"), sortable=True, url=lambda row: link(row["rule"])),
        metric_column("own_cost", choice.place.mall.currency),
        *([change_column("own_cost")] if choice.before else []),
    ]
    return Table(
        columns, rows, params, label=_("What you pay for"), target="board", prefix="cost_", page_size=25,
        default_sort="-own_cost", empty=Empty(_("No coupon was used in this period")),
    )  # fmt: skip


def quiet_rows(place: Place, last: Mapping[int, date], today: date) -> list[Row]:
    """Open stores without a payment for a week or more, the longest first; `last` is the day of the last payment.

    Without one the days count from the first on which the provider served the store.
    """
    rows = []
    for store in place.stores:
        since = last.get(store.pk) or _begun(place, store.pk, today)
        days = (today - since).days
        if not store.closed_on and days >= min(QUIET):
            rows.append({"name": store.name, "unit": store.unit, "last": last.get(store.pk), "days": days})
    return sorted(rows, key=lambda row: (-row["days"], row["name"]))


def _begun(place: Place, store_id: int, today: date) -> date:
    first = today - timedelta(days=LOOK_BACK)
    return max(min((start for start, _until in (place.served or {}).get(store_id, ())), default=first), first)


def quiet_table(rows: list[Row]) -> Table:
    columns = [
        Column("name", _("Store"), sub=lambda row: row["unit"]),
        day_column("last", _("Last payment")),
        Column("days", _("Days since"), align="end", format=fmt.count,
               title=_("Without any payment so far, since you serve the store.")),
        Column("for", _("Quiet for"), kind="state", value=quiet_for),
    ]  # fmt: skip
    return Table(
        columns, rows, label=_("Dormant stores"), page_size=None,
        empty=Empty(_("No dormant store"), _("Every store had a payment in the last 7 days.")),
    )  # fmt: skip


def quiet_for(row: Row) -> tuple[str, str]:
    days = max(least for least in QUIET if row["days"] >= least)
    return ngettext("%(count)s day or more", "%(count)s days or more", days) % {"count": days}, QUIET[days]


def agreement_rows(agreements: Iterable[Agreement], today: date) -> list[Row]:
    """Those that began within `SOON` days, have yet to begin, or end within so many."""
    rows = []
    for agreement in agreements:
        if state := _state(agreement, today):
            rows.append({
                "name": agreement.store.name, "service": agreement.get_capability_display(),
                "from": agreement.from_day, "last": agreement.last_day, "state": state,
            })  # fmt: skip
    return rows


def _state(agreement: Agreement, today: date) -> tuple[str, str] | None:
    if agreement.until_day and agreement.until_day <= today:
        return None
    if agreement.until_day and agreement.until_day <= today + timedelta(days=SOON):
        return _("Ends soon"), "warn"
    if agreement.from_day > today:
        return _("Not begun"), "info"
    return (_("New"), "good") if agreement.from_day > today - timedelta(days=SOON) else None


def agreement_table(rows: list[Row]) -> Table:
    columns = [
        Column("name", _("Store")),
        Column("service", _("Service")),
        day_column("from", pgettext("first day", "From")),
        day_column("last", _("Last day")),
        Column("state", _("State"), kind="state"),
    ]
    return Table(
        columns, rows, label=_("New and ending agreements"), page_size=None,
        empty=Empty(_("Nothing new, nothing ending"), _("No agreement began or ends within 30 days.")),
    )  # fmt: skip
