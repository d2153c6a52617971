"""Plain values that the templates in ``templates/ui`` draw; texts come formatted by mallops.lib.format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mallops.lib.format import Change

from .tables import Empty, Table

__all__ = ["Chart", "Chip", "Empty", "Key", "Ramp", "Tile"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure: ``ui/kpi_tile.html``."""

    label: str
    value: str
    full: str = ""  # the unshortened value, shown on hover
    change: Change | None = None
    was: str = ""  # the value of the compared period
    spark: Sequence[float | int | None] = ()
    url: str = ""
    definition: str = ""  # what the figure means, shown on hover


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a chart's legend. Roles: c1 to c6, other, muted, band, campaign, up, down."""

    label: str
    role: str
    dash: bool = False
    line: bool = False


@dataclass(frozen=True, slots=True)
class Ramp:
    """The colour scale of a heatmap, with the texts of its two ends."""

    low: str
    high: str
    diverging: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart with the same numbers as a table: ``ui/chart_panel.html``."""

    id: str  # unique on the page
    title: str
    label: str  # one sentence, read instead of the picture
    figure: Mapping[str, Any] | None = None  # plotly data and layout, without colours
    src: str = ""  # instead of `figure`: where the browser gets it
    sub: str = ""
    keys: Sequence[Key] = field(default_factory=tuple)
    ramp: Ramp | None = None
    table: Table | None = None
    size: Literal["", "sm", "lg"] = ""
    empty: Empty | None = None  # drawn instead of the chart

    @property
    def json_id(self) -> str:
        return f"{self.id}-figure"

    @property
    def table_id(self) -> str:
        """Of the link that a table fetched on demand takes the place of."""
        return f"{self.id}-table"


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, with the address that takes it away: ``ui/chips.html``."""

    label: str
    remove_url: str
