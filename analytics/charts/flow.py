"""Moves between places: the largest as streams, all as a matrix."""

from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _

from analytics import figures
from analytics.figures import Node, Stream
from analytics.forms.flow import FlowChoice
from analytics.tables.columns import Row
from analytics.tables.flow import Spot, matrix_table, stream_table
from mallops.lib import format as fmt
from mallops.lib.ui.parts import Chart, Empty, Key, Ramp

from .words import money

STREAMS = 20
MATRIX = 15  # places on a side at most
Click = Callable[[Spot | None, Spot | None], dict | None]  # from a source and a target to an address or filters


def streams(choice: FlowChoice, rows: Sequence[Row], click: Click) -> Chart:
    """The largest flows, sources on the left, targets on the right, coupon-driven moves apart from the others."""
    shown = rows[:STREAMS]
    title = _("Largest flows")
    if not shown:
        return Chart(id="streams", title=title, label="", empty=nothing())
    first = shown[0]
    return Chart(
        id="streams",
        title=title,
        sub=_("Where shoppers paid, on the left, and where they paid next. Click to look closer."),
        label=_("Streams from store to store; the widest from %(source)s to %(target)s with %(moves)s moves.")
        % {"source": first["source"].name, "target": first["target"].name, "moves": fmt.count(first["moves"])},
        figure=_figure(choice, shown, click),
        keys=[Key(_("Organic"), "c1"), Key(_("Coupon-driven"), "c2")],
        table=stream_table(choice, shown),
        size="lg",
    )


def _figure(choice: FlowChoice, rows: Sequence[Row], click: Click) -> figures.Figure:
    sources, targets = _in_order(rows, "source"), _in_order(rows, "target")
    nodes = [_node(rows, "source", spot, click(spot, None)) for spot in sources]
    nodes += [_node(rows, "target", spot, click(None, spot)) for spot in targets]
    left = {spot: place for place, spot in enumerate(sources)}
    right = {spot: place for place, spot in enumerate(targets, len(sources))}
    found = []
    for row in rows:
        ends, hit = (left[row["source"]], right[row["target"]]), click(row["source"], row["target"])
        organic, driven = row["moves"] - row["driven_moves"], row["driven_moves"]
        found += [Stream(*ends, number, _told(choice, row), role, hit)
                  for number, role in ((organic, "c1"), (driven, "c2")) if number]  # fmt: skip
    return figures.sankey(nodes, found)


def _in_order(rows: Iterable[Row], end: str) -> list[Spot]:
    return list(dict.fromkeys(row[end] for row in rows))


def _node(rows: Iterable[Row], end: str, spot: Spot, click: dict | None) -> Node:
    number = fmt.count(sum(row["moves"] for row in rows if row[end] == spot))
    words = _("From %(place)s: %(moves)s moves shown") if end == "source" else _("To %(place)s: %(moves)s moves shown")
    return Node(spot.name, figures.plain(words % {"place": spot.name, "moves": number}), click)


def _told(choice: FlowChoice, row: Row) -> str:
    """``Hotpot → Cafe``, then its figures."""
    where = figures.plain(f"{row['source'].name} → {row['target'].name}")
    what = _("%(moves)s moves, %(driven)s of them coupon-driven") % {
        "moves": fmt.count(row["moves"]),
        "driven": fmt.count(row["driven_moves"]),
    }
    return f"{where}<br>{what}<br>{money(choice, row['move_sales'])}"


def matrix(choice: FlowChoice, rows: Sequence[Row], click: Click) -> Chart:
    """Moves from each place to each other; `rows` are those between the places with most moves."""
    title = _("From and to")
    if not rows:
        return Chart(id="matrix", title=title, label="", empty=nothing())
    sources, targets = _by_moves(rows, "source"), _by_moves(rows, "target")
    by_pair = {(row["source"].pk, row["target"].pk): row for row in rows}
    moves = {pair: row["moves"] for pair, row in by_pair.items()}
    values = [[moves.get((a.pk, b.pk), 0) for b in targets] for a in sources]
    texts = [[_cell(choice, by_pair.get((a.pk, b.pk))) for b in targets] for a in sources]
    figure = figures.heatmap(_labels(sources), _labels(targets), values, texts)
    figure["data"][0] |= {
        "customdata": [[[click(a, b)] if (a.pk, b.pk) in moves else [] for b in targets] for a in sources],
        "hovertemplate": "%{y} → %{x}<br>%{text}<extra></extra>",
    }
    figure["layout"]["xaxis"] = {"type": "category", "autotickangles": [0, -45, -90]}
    most = max(max(row) for row in values)
    return Chart(
        id="matrix",
        title=title,
        sub=_("Number of moves; rows are where they leave"),
        label=_("Heat map: moves from each place to each other; the most are %(moves)s.") % {"moves": fmt.count(most)},
        figure=figure,
        ramp=Ramp("0", fmt.count(most)),
        table=matrix_table(sources, targets, moves),
        size="lg",
    )


def _cell(choice: FlowChoice, row: Row | None) -> str:
    return _told(choice, row).split("<br>", 1)[1] if row else _("No moves")


def _by_moves(rows: Iterable[Row], end: str) -> list[Spot]:
    """The places at one end, that with most moves first."""
    sums: dict[Spot, int] = {}
    for row in rows:
        sums[row[end]] = sums.get(row[end], 0) + row["moves"]
    return sorted(sums, key=lambda spot: (-sums[spot], spot.code))


def _labels(spots: Sequence[Spot]) -> list[str]:
    """Names, with the code where two are alike: an axis would take them for one."""
    names = [spot.name for spot in spots]
    return [figures.plain(name if names.count(name) == 1 else f"{name} ({spot.code})")
            for name, spot in zip(names, spots, strict=True)]  # fmt: skip


def nothing() -> Empty:
    return Empty(_("No moves here"), _("No known shopper went from one of these stores to another in the time chosen."))
