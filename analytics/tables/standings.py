"""A merchant's stores against their categories."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries.choice import Choice
from analytics.queries.standings import FALLING, Compared
from analytics.standings import LEAST_OTHERS, LEAST_STORES, Hidden, Standing
from mallops.lib.ui.tables import Column, Table

from .columns import MetricColumn, Row, metric_column


def reasons() -> dict[Hidden, str]:
    """Why nothing is told, as a sentence."""
    return {
        Hidden.NO_VALUE: _("The store has no such figure in these days."),
        Hidden.FEW_STORES: _("Fewer than %(count)s stores of the category have this figure.") % {"count": LEAST_STORES},
        Hidden.FEW_MERCHANTS: _("The stores of the category belong to fewer than %(count)s other merchants.")
        % {"count": LEAST_OTHERS},
        Hidden.RULED: _("One merchant makes more than half of the category's sales."),
    }


def place(found: Standing | Hidden) -> str | None:
    if isinstance(found, Hidden):
        return None
    return _("%(rank)s of %(of)s") % {"rank": found.rank, "of": found.of}


def rank_table(compared: Sequence[Compared]) -> Table:
    """The place of each store by each figure; and where nothing is told, why."""
    columns = [
        Column("name", _("Store"), sub=lambda row: row["unit"]),
        Column("category", _("Compared within")),
        *(Column(key, METRICS[key].label, align="end", title=METRICS[key].help) for key in FALLING),
        Column("hidden", _("Why not shown")),
    ]
    rows = [_named(one) | {key: place(found) for key, found in one.found.items()} for one in compared]
    return Table(columns, rows, label=_("Rank in the category"), page_size=None)


def _named(one: Compared) -> Row:
    told = reasons()
    why = dict.fromkeys(told[found] for found in one.found.values() if isinstance(found, Hidden))
    category = one.category.name if one.category else None
    return {"name": one.store.name, "unit": one.store.unit, "category": category, "hidden": " ".join(why)}


def quartile_table(choice: Choice, key: str, compared: Sequence[Compared]) -> Table:
    """One figure of each store beside the rounded quartiles of its category."""
    currency = choice.place.mall.currency
    heads = {"own": _("Yours"), "low": _("Lower quartile"), "middle": _("Median"), "high": _("Upper quartile")}
    columns: list[Column] = [Column("name", _("Store")), Column("category", _("Compared within"))]
    columns += [_column(key, name, label, currency) for name, label in heads.items()]
    columns.append(Column("rank", _("Rank"), align="end"))
    rows = [
        _named(one) | {name: getattr(found, name) for name in heads} | {"rank": place(found)}
        for one in compared
        if isinstance(found := one.found[key], Standing)
    ]
    return Table(columns, rows, label=_("%(metric)s in the category") % {"metric": METRICS[key].label}, page_size=None)


def _column(key: str, name: str, label: str, currency: str) -> MetricColumn:
    metric = metric_column(key, currency)
    return MetricColumn(name, label, align="end", format=metric.format, title=metric.title, metric=metric.metric)
