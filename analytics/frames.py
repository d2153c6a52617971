"""Sums to small data frames in the shape that is drawn. Pandas is imported where it is used: pages without figures,
and commands, do not pay for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.metrics import METRICS, add
from analytics.queries.choice import Choice
from analytics.queries.sums import Cells

if TYPE_CHECKING:
    import pandas as pd


def by_step(choice: Choice, cells: Cells, keys: Sequence[str], side: int = 0) -> "pd.DataFrame":
    """A row for each point of a chart over time (`Choice.steps`), named by its first day, with the values of some
    metrics; days without cells are of zeros."""
    import pandas as pd

    steps = choice.steps(side)
    found = [add(cells.get((side, day), {}) for day in step) for step in steps]
    columns = {key: [METRICS[key].value(sums) for sums in found] for key in keys}
    return pd.DataFrame(columns, index=pd.Index([step.start for step in steps], name="day"), dtype=object)
