"""Shoppers by how lately, how often and for how much they paid in a year. Pure: a column for each in, counts out.

Recency, frequency and money each give a score of 1 to 5: the fifth of all shoppers that one is in, best in 5; who is
alike in the same fifth (A. M. Hughes, Strategic Database Marketing, Probus 1994, who scores by quintiles). R is the
score of the last day with a payment, V the sum of the scores of the number of days with a payment and of the amount.

    new         R 4 or 5, paid on one day only     champions   R 4 or 5, V 8 or more
    promising   R 3 or more, all others            loyal       R 3 or more, V 6 or more
    lapsed      R 1 or 2, all others               at risk     R 1 or 2, V 6 or more

Who paid on one day only is new, promising or lapsed. Scores compare the shoppers of a mall with one another: there is
always a latest fifth, however long ago it was here.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

COLUMNS = ("shopper_id", "days", "last", "fen")  # `last` is a day as a number
SEGMENTS = ("champions", "loyal", "promising", "new", "at_risk", "lapsed")
DAYS = {"1": 1, "2": 2, "3-5": 3, "6-10": 6, "11+": 11}  # with a payment; each up to the next
FIFTHS = 5


def report_of(shoppers: "np.ndarray", last_day: int) -> dict[str, Any]:
    """The JSON that `ShopperReport.result` keeps, from columns of COLUMNS and the number of the year's last day.

    {"shoppers": 14350, "segments": [{"key": "champions", "shoppers": 812, "spent_fen": …, "idle_days": …}, …],
     "days": [{"key": "1", "shoppers": …, "spent_fen": …, "idle_days": …}, …]}    # sums; idle: since the last payment
    """
    import numpy as np

    starts = np.array(list(DAYS.values()))
    return {
        "shoppers": len(shoppers),
        "segments": _counted(shoppers, segments_of(shoppers), SEGMENTS, last_day),
        "days": _counted(shoppers, np.searchsorted(starts, shoppers["days"], side="right") - 1, tuple(DAYS), last_day),
    }


def segments_of(shoppers: "np.ndarray") -> "np.ndarray":
    """For each shopper the place of its segment in SEGMENTS."""
    import numpy as np

    lately = score(shoppers["last"])
    value = score(shoppers["days"]) + score(shoppers["fen"])
    once, here = shoppers["days"] == 1, lately >= 3
    conditions = {
        "new": once & (lately >= 4),
        "champions": ~once & (lately >= 4) & (value >= 8),
        "loyal": ~once & here & (value >= 6),
        "promising": here,
        "at_risk": ~once & (value >= 6),
    }
    places = [SEGMENTS.index(key) for key in conditions]
    return np.select(list(conditions.values()), places, default=SEGMENTS.index("lapsed"))


def score(values: "np.ndarray") -> "np.ndarray":
    """1 to 5: in how many fifths of all values smaller ones fit."""
    import numpy as np

    smaller = np.searchsorted(np.sort(values), values)
    return 1 + FIFTHS * smaller // max(len(values), 1)


def _counted(shoppers: "np.ndarray", group: "np.ndarray", keys: tuple[str, ...], last_day: int) -> list[dict[str, Any]]:
    """Sums by group, for each key in order. Floats keep sums of whole fen exactly up to 9 * 10^15."""
    import numpy as np

    sums = {"shoppers": None, "spent_fen": shoppers["fen"], "idle_days": last_day - shoppers["last"]}
    columns = {name: np.bincount(group, of, minlength=len(keys)).astype(np.int64).tolist() for name, of in sums.items()}
    return [{"key": key} | {name: column[place] for name, column in columns.items()} for place, key in enumerate(keys)]
