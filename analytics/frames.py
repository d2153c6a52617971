"""Sums to small data frames in the shape that is drawn. Pandas is imported where it is used: pages without figures,
and commands, do not pay for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.metrics import METRICS, add
from analytics.queries.places import Choice
from analytics.queries.sums import Cells
from mallops.lib.dates import Period

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


def by_weekday_hour(cells: Cells, period: Period) -> "pd.DataFrame":
    """Net sales in fen of an average hour: seven rows from Monday (0), a column for each hour between the first and
    the last with sales. The average is over all such weekdays of the period, rounded half up."""
    import pandas as pd

    net = METRICS["net_sales"]
    rows = [(day.weekday(), hour, net.value(sums)) for (_side, day, hour), sums in cells.items()]
    frame = pd.DataFrame(rows, columns=["weekday", "hour", "fen"]).astype("int64")
    total = frame.pivot_table(index="weekday", columns="hour", values="fen", aggfunc="sum", fill_value=0)
    hours = range(frame["hour"].min(), frame["hour"].max() + 1) if len(frame) else range(0)
    total = total.reindex(index=range(7), columns=hours, fill_value=0)
    days = pd.Series([day.weekday() for day in period]).value_counts().reindex(range(7), fill_value=0)
    halves = total.mul(2).add(days, axis=0)  # floor((2 total + days) / 2 days) rounds half up, in whole numbers
    return halves.floordiv(days.clip(lower=1).mul(2), axis=0).astype("int64")
