"""decide() per payment among 10 to 10,000 rules of which the same number matches, against a scan of all rules.

python -m benchmarks.decide
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date

from coupons.engine.decide import MemoryState, PaidEvent, check_payment, decide
from coupons.engine.rulebook import CompiledRule, Rulebook, StockSpec
from coupons.engine.terms import RuleTerms

SIZES = (10, 100, 1_000, 10_000)
MATCHING, EVENTS, ROUNDS = 5, 2_000, 9
STOCK = StockSpec(1, 1_000, 10**9, None, True, None, frozenset())


def rule(number: int, store_id: int) -> CompiledRule:
    return CompiledRule(
        number, number, RuleTerms(award=((1, 1),), stores=(store_id,), min_fen=5_000), ((STOCK, 1),), 1_000
    )


def rulebook(size: int) -> Rulebook:
    """Five rules at each of as many stores as it takes."""
    return Rulebook([rule(n, n // MATCHING) for n in range(size)], {})


def events(size: int) -> list[PaidEvent]:
    draw, day = random.Random(1), date(2026, 11, 22)
    stores = range(size // MATCHING)
    return [PaidEvent(n, draw.choice(stores), 0, n, 10_000, day, 7, 720) for n in range(EVENTS)]


def scan(rules: Sequence[CompiledRule], paid: Sequence[PaidEvent]) -> None:
    """What matching costs without the index: each rule is looked at for each payment."""
    for event in paid:
        for each in rules:
            if event.store_id in each.terms.stores:
                check_payment(each, event)


def microseconds(work: Callable[[], object], payments: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / payments * 1e6


def main() -> None:
    books = {size: (rulebook(size), events(size)) for size in SIZES}
    decided: dict[int, list[float]] = {size: [] for size in SIZES}
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    for book, paid in books.values():
        decide(book, paid, MemoryState())  # merge the lists of each store, as a running process has
    for _ in range(ROUNDS):
        for size, (book, paid) in books.items():
            decided[size].append(microseconds(lambda b=book, p=paid: decide(b, p, MemoryState()), EVENTS))
            found[size].append(microseconds(lambda b=book, p=paid: [b.candidates(e.store_id, 0) for e in p], EVENTS))
    print(f"microseconds per payment, {MATCHING} rules match")
    print(f"{'rules':>7} {'decide':>10} {'candidates':>11} {'scan':>10}")

    for size, (book, paid) in books.items():
        few = paid[: max(5, 20_000 // size)]
        scanned = microseconds(lambda b=book, p=few: scan(b.rules, p), len(few))
        row = (statistics.median(decided[size]), statistics.median(found[size]), scanned)
        print(f"{size:>7} {row[0]:>10.2f} {row[1]:>11.2f} {row[2]:>10.1f}")
    growth = statistics.median(b / a for a, b in zip(decided[SIZES[0]], decided[SIZES[-1]], strict=True))
    print(f"decide, {SIZES[-1]:,} rules / {SIZES[0]} rules: {growth:.2f}   (asked: below 2)")


if __name__ == "__main__":
    main()
