"""Pairs of stores in up to 2,000,000 purchases, by our columns and by the usual pandas groupby.

Purchases of a made-up half-year: 300 stores, a shopper for every twelve purchases, some far more often. Both answers
are compared. What is read from the database beforehand is not counted here.
    python -m benchmarks.affinity
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from coupons.affinity.pairs import DAY, Pairs, find_pairs

SIZES = (250_000, 500_000, 1_000_000, 2_000_000)
STORES, SPAN_DAYS, DAYS, ROUNDS = 300, 180, 14, 3
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def purchases(size: int) -> Columns:
    """Shopper, store, seconds and fen, in the order of time, as the ledger has them."""
    rng = np.random.default_rng(size)
    shopper = (size / 12 * rng.random(size) ** 2).astype(np.int64)
    store = (STORES * rng.random(size) ** 1.5).astype(np.int64)
    at = np.sort(rng.integers(0, SPAN_DAYS * DAY, size))
    return shopper, store, at, rng.integers(100, 100_000, size)


def by_columns(shopper: np.ndarray, store: np.ndarray, at: np.ndarray, fen: np.ndarray) -> Pairs:
    order = np.lexsort((at, shopper))
    return find_pairs(shopper[order], store[order], at[order], fen[order], days=DAYS, until=SPAN_DAYS * DAY)


def by_groupby(shopper: np.ndarray, store: np.ndarray, at: np.ndarray, fen: np.ndarray) -> pd.DataFrame:
    """Shoppers of each pair and of each source: sort, shift within shoppers, count distinct ones."""
    frame = pd.DataFrame({"shopper": shopper, "store": store, "at": at}).sort_values(["shopper", "at"], kind="stable")
    before = frame.groupby("shopper")["store"].shift()
    frame["run"] = (frame["store"] != before).groupby(frame["shopper"]).cumsum()
    first = frame.drop_duplicates(["shopper", "run"]).set_index(["shopper", "run"])[["store", "at"]]
    after = frame.assign(run=frame["run"] + 1).join(first.add_suffix("_next"), on=["shopper", "run"])
    starts = after[after["at"] < (SPAN_DAYS - DAYS) * DAY]
    moves = starts[starts["at_next"] - starts["at"] <= DAYS * DAY]
    pairs = moves.groupby(["store", "store_next"])["shopper"].nunique().rename("moved").reset_index()
    return pairs.join(starts.groupby("store")["shopper"].nunique().rename("bought"), on="store")


def agree(ours: Pairs, theirs: pd.DataFrame) -> bool:
    columns = (theirs[name].to_numpy() for name in ("store", "store_next", "moved", "bought"))
    mine = (ours.source, ours.target, ours.moved, ours.bought)
    return all(np.array_equal(one, other) for one, other in zip(mine, columns, strict=True))


def seconds(work: Callable[[], object]) -> float:
    """Of one core: all of it runs on one, and other work on the machine does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    print(f"{'purchases':>10} {'columns':>9} {'groupby':>9} {'groupby / columns':>18}   pairs agree")
    taken = {}
    for size in SIZES:
        columns = purchases(size)
        ours = [seconds(lambda c=columns: by_columns(*c)) for _ in range(ROUNDS)]
        theirs = [seconds(lambda c=columns: by_groupby(*c)) for _ in range(ROUNDS)]
        ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
        taken[size] = statistics.median(ours)
        same = agree(by_columns(*columns), by_groupby(*columns))
        print(f"{size:>10,} {taken[size]:>7.2f} s {statistics.median(theirs):>7.2f} s {ratio:>18.1f}   {same}")
    print(f"1,000,000 purchases: {taken[1_000_000]:.2f} s   (asked: within 3)")
    print(f"2,000,000 over 250,000 purchases, eight times as many: {taken[2_000_000] / taken[250_000]:.1f}")


if __name__ == "__main__":
    main()
