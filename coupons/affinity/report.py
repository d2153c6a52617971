"""Pairs worth a rule, as the JSON that `SuggestionReport.result` keeps and the page shows.

    {"days": 14, "purchases": 152764, "shoppers": 11044,
     "stores": [{"key": "s12-s34", "source": 12, "target": 34, "moved": 214, "bought": 1020, "back": 80,
                 "rate": 0.21, "base": 0.11, "lift": 1.9, "lift_low": 1.7, "ticket_fen": 4200, "worth_fen": 61000}],
     "categories": [...]}            # likewise, with keys such as c3-c9; `back` is null below `LEAST`

See `pairs` for what the figures mean. Kept are pairs that at least `LEAST` shoppers moved between and whose lift is
above 1 even at its lower bound, the `KEPT` of most worth.
"""

from typing import TYPE_CHECKING, Any

from merchants.models import Mall
from merchants.queries.directory import current as current_directory

from .pairs import Pairs, find_pairs
from .source import Purchases, categories_of, recent_purchases

if TYPE_CHECKING:
    import numpy as np

    from mallops.lib.dates import Period

LEAST = 20  # shoppers: fewer are not shown, for privacy and because they say little
KEPT = 200
DAYS = 14  # between the two purchases at most
LETTERS = {"stores": "s", "categories": "c"}


def report_of(mall: Mall, period: "Period", *, days: int = DAYS) -> dict[str, Any]:
    """The suggestions from the purchases of a period."""
    directory = current_directory(mall.pk)
    bought = recent_purchases(mall, period)
    stores = bought.columns["store_id"]
    return {
        "days": days,
        "purchases": len(stores),
        "shoppers": count_runs(bought.columns["shopper_id"]),
        "stores": _best(_pairs(bought, stores, days), "stores"),
        "categories": _best(_pairs(bought, categories_of(stores, directory), days), "categories"),
    }


def count_runs(column: "np.ndarray") -> int:
    """How many different values a sorted column has."""
    return int((column[1:] != column[:-1]).sum()) + (len(column) > 0)


def _pairs(bought: Purchases, places: "np.ndarray", days: int) -> Pairs:
    columns = bought.columns
    return find_pairs(columns["shopper_id"], places, columns["at"], columns["net_fen"], days=days, until=bought.until)


def _best(pairs: Pairs, kind: str) -> list[dict[str, Any]]:
    """The pairs worth showing, those of most worth first."""
    import numpy as np

    shown = np.flatnonzero((pairs.moved >= LEAST) & (pairs.low > pairs.base))
    order = np.lexsort((pairs.target[shown], pairs.source[shown], -pairs.worth_fen[shown]))
    letter = LETTERS[kind]
    return [_row(row, letter) for row in pairs.rows(shown[order][:KEPT])]


def _row(row: dict[str, Any], letter: str) -> dict[str, Any]:
    low, base = row.pop("low"), row["base"]
    row["back"] = row["back"] if row["back"] >= LEAST else None
    key = f"{letter}{row['source']}-{letter}{row['target']}"
    return {"key": key, **row, "lift": row["rate"] / base, "lift_low": low / base}
