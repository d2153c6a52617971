"""The coupons of a merchant by rule and store, how often shoppers came, and who serves its stores."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from analytics.queries.choice import Choice
from analytics.queries.own_coupons import OwnCoupons
from analytics.queries.sums import Cells, of_side
from coupons.affinity.report import LEAST
from coupons.models import Rule
from coupons.uplift import sentences
from mallops.lib import format as fmt
from mallops.lib.ui.tables import Column, Empty, Table
from merchants.models import Agreement

from .columns import Row, day_column, metric_column, metric_row
from .coupons import verdict

BY_RULE = ("redeemed", "discount", "own_cost", "coupon_sales")
BY_STORE = ("issued", "redeemed", "discount", "coupon_sales")


def rule_table(
    choice: Choice, cells: Cells, rules: Mapping[int, Rule], own: Collection[int], params: Mapping[str, str]
) -> Table:
    """`own` are the rules whose reports are about the merchant's stores alone."""
    rows = [
        metric_row(BY_RULE, sums, rule=rules[pk], name=rules[pk].name)
        for (_side, pk), sums in of_side(cells, 0).items()
        if any(sums.values())
    ]
    columns = [
        Column("name", _("Rule"), sortable=True),
        *(metric_column(key, choice.place.mall.currency, brief=True) for key in BY_RULE),
        Column("verdict", _("Proven effect"), kind="state", value=lambda row: _verdict(row["rule"], own),
               title=_("Against shoppers kept apart by lot, from the nightly report, whatever days are chosen here.")),
    ]  # fmt: skip
    return Table(
        columns, rows, params, label=_("Your coupons by rule"), target="board", prefix="rule_", page_size=25,
        default_sort="-coupon_sales", empty=Empty(_("No coupon was used in this period")),
    )  # fmt: skip


def _verdict(rule: Rule, own: Collection[int]) -> tuple[str, str]:
    return verdict(rule) if rule.pk in own else (_("Not yours alone"), "off")


def effects(choice: Choice, rules: Iterable[Rule]) -> list[tuple[str, list[str]]]:
    """Name of a rule, and what its report says of the award stores."""
    return [(rule.name, _said(rule.uplift_report.result, choice)) for rule in rules if hasattr(rule, "uplift_report")]


def _said(report: dict, choice: Choice) -> list[str]:
    symbol = choice.place.mall.currency
    lines = [sentences.verdict(report)]
    for row in report.get("outcomes", ()):
        if row["key"] == "spend_award":
            words = {"treated": sentences.mean(row, "treated", symbol), "held": sentences.mean(row, "held", symbol),
                     "span": sentences.span(row, symbol)}  # fmt: skip
            text = _("Spent at your stores: %(treated)s each, by those kept apart %(held)s; difference %(span)s.")
            lines.append(text % words)
    return lines


def coupon_store_table(choice: Choice, found: OwnCoupons, params: Mapping[str, str]) -> Table:
    rows = [
        metric_row(BY_STORE, found.stores.get((0, store.pk), {}), name=store.name, unit=store.unit)
        for store in choice.stores
    ]
    columns = [
        Column("name", _("Store"), sortable=True, sub=lambda row: row["unit"]),
        *(metric_column(key, choice.place.mall.currency, brief=True) for key in BY_STORE),
    ]
    return Table(
        columns, rows, params, label=_("Coupons by store"), target="board", prefix="store_", page_size=25,
        default_sort="-coupon_sales",
    )  # fmt: skip


def visit_rows(counts: Sequence[int]) -> list[Row]:
    """Shoppers with one day, two, three or more; their shares are not told of few shoppers."""
    everybody = sum(counts)
    return [
        {"name": _visits(days), "shoppers": number,
         "share": Fraction(number, everybody) if everybody >= LEAST else None}
        for days, number in enumerate(counts, 1)
    ]  # fmt: skip


def _visits(days: int) -> str:
    if days > 2:
        return _("%(count)s days or more") % {"count": days}
    return npgettext("a span", "%(count)s day", "%(count)s days", days) % {"count": days}


def visit_table(rows: Sequence[Row]) -> Table:
    columns = [
        Column("name", _("Days")),
        Column("shoppers", _("Shoppers"), align="end", format=fmt.count),
        Column("share", _("Share"), kind="share"),
    ]
    return Table(columns, rows, label=_("How often shoppers came"), page_size=None)


def service_table(agreements: Iterable[Agreement]) -> Table:
    """The running agreements about some stores."""
    columns = [
        Column("store.name", _("Store")),
        Column("provider.name", _("Service provider")),
        Column("service", _("Service"), value=lambda agreement: agreement.get_capability_display()),
        day_column("from_day", pgettext("first day", "From")),
        Column("last_day", _("Last day"), format=str),
    ]
    return Table(
        columns, list(agreements), label=_("Who serves your stores"), page_size=None,
        empty=Empty(_("No agreement"), _("The mall enters the agreements between stores and service providers.")),
    )  # fmt: skip
