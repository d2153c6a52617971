"""Tiles, charts and tables of a backtest's result."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from coupons.models import Backtest
from coupons.payers import MALL, payer
from coupons.sentences import Names, reason_label
from coupons.sentences.decisions import MONEY_LIMITS
from coupons.sentences.decisions import limits as limit_names
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key, Tile
from mallops.lib.ui.tables import Column, Table

Result = Mapping[str, Any]


def tiles(result: Result, names: Names) -> list[Tile]:
    natural = result["natural"]
    return [
        Tile(_("Awards"), fmt.count(result["awards"]), spark=[day[1] for day in result["by_day"]],
             definition=_("How often the rule would have awarded; a pack of coupons is one award")),
        Tile(_("Shoppers reached"), fmt.count(result["shoppers"])),
        Tile(_("Cost at most"), fmt.money_short(result["cost_fen"], symbol=names.symbol),
             full=names.money(result["cost_fen"]), definition=_("If every coupon is used, at its highest cost")),
        Tile(_("Came anyway"), share(natural["bp"]),
             definition=_("Awards whose shopper paid at a store that takes the coupon, after the award and while the"
                          " coupon was valid, without having it; of the awards whose coupons have ended")),
        Tile(_("Kept apart"), fmt.count(result["held_out"]),
             definition=_("Times the control group would have been awarded, and was not")),
    ]  # fmt: skip


def share(bp: int | None) -> str:
    return fmt.NONE if bp is None else fmt.percent(bp / 10_000)


def charts(result: Result, names: Names) -> list[Chart]:
    return [day_chart({"": result}), cost_chart(result, names)]


def day_chart(results: Mapping[str, Result]) -> Chart:
    """Awards by day of one result, or of two called by the keys."""
    series = [
        (name, result["by_day"], role) for (name, result), role in zip(results.items(), ("c1", "c2"), strict=False)
    ]
    days = sorted({day for _name, rows, _role in series for day, _given, _apart in rows})
    traces = [_line(name, {day: given for day, given, _apart in rows}, days, role) for name, rows, role in series]
    columns = [Column("day", _("Day"))]
    columns += [
        Column(f"n{place}", name or _("Awards"), align="end", format=fmt.count)
        for place, (name, _rows, _role) in enumerate(series)
    ]
    rows = [
        {"day": day} | {f"n{place}": trace["y"][at] for place, trace in enumerate(traces)}
        for at, day in enumerate(days)
    ]
    return Chart(
        id="awards-by-day", title=_("Awards by day"), label=_("Lines: awards by day."),
        figure={"data": traces, "layout": {"yaxis": {"tickformat": ",", "rangemode": "tozero"}}},
        keys=[Key(name, role, line=True) for name, _rows, role in series if name],
        table=Table(columns, rows, label=_("Awards by day"), page_size=None),
        empty=None if days else Empty(_("No days")),
    )  # fmt: skip


def _line(name: str, given: Mapping[str, int], days: Sequence[str], role: str) -> dict:
    heights = [given.get(day) for day in days]
    texts = [
        escape(f"{fmt.day_label(date.fromisoformat(day))}  {name} {fmt.count(n)}")
        for day, n in zip(days, heights, strict=True)
    ]
    return {
        "type": "scatter", "mode": "lines" if len(days) > 1 else "markers", "x": list(days), "y": heights,
        "text": texts, "hovertemplate": "%{text}<extra></extra>", "meta": {"role": role},
    }  # fmt: skip


def cost_chart(result: Result, names: Names) -> Chart:
    rates = [fmt.basis_points(bp) for bp, _fen in result["costs"]]
    costs = [fmt.money(fen, names.symbol) for _bp, fen in result["costs"]]
    figure = {
        "data": [{
            "type": "bar", "orientation": "h", "y": rates, "x": [fen / 100 for _bp, fen in result["costs"]],
            "text": costs, "textposition": "outside", "hovertemplate": "%{y}<br>%{text}<extra></extra>",
            "meta": {"role": "c1"},
        }],
        "layout": {
            "xaxis": {"showticklabels": False, "showgrid": False, "range": [0, (result["cost_fen"] / 100 or 1) * 1.4]},
            "yaxis": {"autorange": "reversed", "showgrid": False, "type": "category"},
        },
    }  # fmt: skip
    columns = [Column("rate", _("If so many are used")), Column("cost", _("it costs at most"), align="end")]
    rows = [{"rate": rate, "cost": cost} for rate, cost in zip(rates, costs, strict=True)]
    return Chart(
        id="costs", title=_("Cost by share of coupons used"), figure=figure,
        label=_("Bars: what the coupons cost at most if 5, 10, 20, 40 or 100 percent of them are used."),
        table=Table(columns, rows, label=_("Cost by share of coupons used"), page_size=None),
    )  # fmt: skip


def limit_table(result: Result, names: Names) -> Table:
    words = limit_names()

    def amount(limit: Mapping, key: str) -> str:
        return names.money(limit[key]) if limit["name"] in MONEY_LIMITS else fmt.count(limit[key])

    columns = [
        Column("name", _("Limit"), value=lambda limit: words.get(limit["name"], limit["name"]),
               sub=lambda limit: names.stock(limit["stock"]) if limit["stock"] else ""),
        Column("used", _("Used"), align="end", value=lambda limit: amount(limit, "used")),
        Column("ceiling", _("of"), align="end", value=lambda limit: amount(limit, "ceiling")),
        Column("state", _("Runs out"), kind="state", value=runs_out),
    ]  # fmt: skip
    empty = Empty(_("No limit"), _("The rule and its stocks may give without end."))
    return Table(columns, result["limits"], label=_("Limits"), page_size=None, empty=empty)


def runs_out(limit: Mapping[str, Any]) -> tuple[str, str]:
    """When a limit ran out, or how long it lasts at the pace of the span."""
    if limit["full_on"] and limit["lasts_days"] is None:
        return _("full on %(days)s days, first on %(day)s") % {
            "days": limit["full_days"],
            "day": limit["full_on"],
        }, "warn"
    if limit["full_on"]:
        return _("on %(day)s") % {"day": limit["full_on"]}, "warn"
    if limit["lasts_days"]:
        return _("not in these days; lasts about %(days)s days at this pace") % {
            "days": fmt.count(limit["lasts_days"])
        }, "good"
    return _("not in these days"), "good"


def refusal_table(result: Result) -> Table:
    total = sum(result["refused"].values())
    columns = [
        Column("reason", _("Why not")),
        Column("count", _("Payments"), align="end", format=fmt.count),
        Column("share", _("Share"), kind="share"),
    ]
    ordered = sorted(result["refused"].items(), key=lambda item: -item[1])
    rows = [{"reason": reason_label(reason), "count": n, "share": n / total} for reason, n in ordered]
    return Table(columns, rows, label=_("Refusals"), page_size=None, empty=Empty(_("Nothing was refused")))


def party_table(result: Result, names: Names) -> Table:
    """What it means for each merchant, and what others pay."""

    def money(fen: int) -> str:
        return fmt.money(fen, names.symbol)

    columns = [
        Column("name", _("Who"), format=capfirst),
        Column("coupons", _("Coupons given"), align="end", format=fmt.count),
        Column("cost_fen", _("Pays at most"), align="end", format=money),
        Column("came", _("Came anyway"), align="end", value=lambda row: fmt.rate(row["came"], row["observed"])),
        Column("payments", _("Earned at its stores"), align="end", format=fmt.count),
        Column("sales_fen", _("Sales that earned it"), align="end", format=money, hide_on_phone=True),
    ]
    others = {payer(None, int(pk)): part for pk, part in result.get("providers", {}).items()}
    others[MALL] = {"cost_fen": result["mall_fen"]}
    parts = {int(pk): part for pk, part in result["merchants"].items()} | others
    rows = [{"came": 0, "observed": 0} | part | {"name": names.payer(number)} for number, part in parts.items()]
    return Table(columns, rows, label=_("Who gives and who pays"), page_size=None)


def comparison(a: Backtest, b: Backtest, names: Names) -> Table:
    """Figures of two results with the difference of the second from the first."""

    def row(label: str, read, show) -> dict:
        first, second = read(a.result), read(b.result)
        change = fmt.change(second, first, better=None)
        return {"label": label, "a": show(first), "b": show(second), "change": change}

    def money(fen: int | None) -> str:
        return fmt.money(fen, names.symbol)

    shares = [each.result["natural"]["bp"] for each in (a, b)]
    came_anyway = {"label": _("Came anyway"), "a": share(shares[0]), "b": share(shares[1]), "change": points(*shares)}
    rows = [
        row(_("Awards"), lambda r: r["awards"], fmt.count),
        row(_("Awards a day"), lambda r: r["awards"] / max(1, r["days_known"]), lambda n: f"{n:,.1f}"),
        row(_("Shoppers reached"), lambda r: r["shoppers"], fmt.count),
        row(_("Kept apart"), lambda r: r["held_out"], fmt.count),
        row(_("Cost at most"), lambda r: r["cost_fen"], money),
        row(_("Cost at most per shopper"), lambda r: r["cost_fen"] // r["shoppers"] if r["shoppers"] else None, money),
        came_anyway,
        row(_("Paid by the mall at most"), lambda r: r["mall_fen"], money),
        row(_("Payments looked at"), lambda r: r["met"], fmt.count),
    ]
    columns = [
        Column("label", _("Figure")),
        Column("a", _("First"), align="end"),
        Column("b", _("Second"), align="end"),
        Column("change", _("Difference"), kind="change", align="end"),
    ]
    return Table(columns, rows, label=_("Comparison"), page_size=None)


def points(first: int | None, second: int | None) -> fmt.Change:
    """The move between two shares (basis points); fewer who come anyway is better."""
    ratios = [None if bp is None else bp / 10_000 for bp in (second, first)]
    return fmt.change(*ratios, better="down", points=True)
