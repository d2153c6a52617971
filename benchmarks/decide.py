"""decide() per payment among 10 to 10,000 rules of which the same number matches, each with a tree of conditions over
the shopper's history, against a scan of all rules, and django-oscar's offer applicator beside it.

python -m benchmarks.decide

django-oscar is installed into an environment of its own under the temporary directory; without it, it is left out.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from coupons.engine import conditions
from coupons.engine.checks import check_event
from coupons.engine.decide import MemoryState, decide
from coupons.engine.event import Event
from coupons.engine.history import MemoryKnowledge, Places
from coupons.engine.rulebook import CompiledRule, Rulebook, StockSpec
from coupons.engine.terms import Limits, RuleTerms

SIZES = (10, 100, 1_000, 10_000)
OSCAR_SIZES = (10, 100, 1_000)
OSCAR = "django-oscar==4.2.1"
MATCHING, EVENTS, ROUNDS, SHOPPERS = 5, 2_000, 9, 200
STOCK = StockSpec(1, 1_000, 10**9, None, True, None, frozenset())
TODAY = date(2026, 11, 22)
SUBTREE = {1: frozenset({1}), 2: frozenset({2})}


def tree(store_id: int) -> conditions.Node:
    """All kinds of groups, and six facts of which four are of the shopper's history."""
    return conditions.from_json(
        {"all": [
            {"fact": "amount_fen", "op": "at_least", "value": 5_000},
            {"fact": "visits", "op": "at_least", "value": 2, "days": 30},
            {"any": [
                {"fact": "first_visit", "op": "is", "value": True, "stores": [store_id]},
                {"fact": "spend_fen", "op": "at_least", "value": 20_000, "days": 90, "categories": [1]},
            ]},
            {"not": {"fact": "tag", "op": "in", "value": ["staff"]}},
            {"not": {"fact": "days_since_visit", "op": "at_most", "value": 0, "categories": [2]}},
        ]}
    )  # fmt: skip


def rule(number: int, store_id: int) -> CompiledRule:
    limits = Limits(quantity=10**8, per_shopper=10**6)
    terms = RuleTerms(
        award=((1, 1),), stores=(store_id,), min_fen=5_000, conditions=tree(store_id), limits=limits, holdout_bp=500
    )
    return CompiledRule(number, number, terms, ((STOCK, 1),), 1_000)


def rulebook(size: int) -> Rulebook:
    """Five rules at each of as many stores as it takes."""
    return Rulebook([rule(n, 1 + n // MATCHING) for n in range(size)], SUBTREE)


def stores_of(size: int) -> range:
    return range(1, 1 + size // MATCHING)


def events(size: int) -> list[Event]:
    draw = random.Random(1)
    stores = stores_of(size)
    return [Event(n, draw.choice(stores), 1, n % SHOPPERS, 10_000, TODAY, 7, 720) for n in range(EVENTS)]


def knowledge(stores: Sequence[int]) -> MemoryKnowledge:
    """Shoppers with twenty earlier payments each, spread over half a year."""
    known = MemoryKnowledge(Places({store: 1 + store % 2 for store in stores}, SUBTREE))
    draw = random.Random(2)
    for shopper in range(SHOPPERS):
        for _ in range(20):
            known.history.add(shopper, draw.choice(stores), TODAY - timedelta(days=draw.randrange(1, 180)), 5_000)
    return known


def scan(rules: Sequence[CompiledRule], paid: Sequence[Event]) -> None:
    """What matching costs without the index: each rule is looked at for each payment."""
    for event in paid:
        for each in rules:
            if event.store_id in each.terms.stores:
                check_event(each, event)


def microseconds(work: Callable[[], object], payments: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / payments * 1e6


def turn(book: Rulebook, paid: list[Event], traced: bool) -> float:
    known, state = knowledge(stores_of(len(book.rules))), MemoryState()
    return microseconds(lambda: decide(book, paid, state, known, traced=traced), len(paid))


def main() -> None:
    books = {size: (rulebook(size), events(size)) for size in SIZES}
    traced: dict[int, list[float]] = {size: [] for size in SIZES}
    quick: dict[int, list[float]] = {size: [] for size in SIZES}
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    for book, paid in books.values():
        turn(book, paid, True)  # merge the lists of each store, as a running process has
    for _ in range(ROUNDS):
        for size, (book, paid) in books.items():
            traced[size].append(turn(book, paid, True))
            quick[size].append(turn(book, paid, False))
            found[size].append(microseconds(lambda b=book, p=paid: [b.candidates(e.store_id, 0) for e in p], EVENTS))
    print(f"microseconds per payment, {MATCHING} rules match, each with a tree of six conditions, four of history")
    print(f"{'rules':>7} {'decide':>10} {'untraced':>10} {'candidates':>11} {'scan':>10}")
    for size, (book, paid) in books.items():
        few = paid[: max(5, 20_000 // size)]
        scanned = microseconds(lambda b=book, p=few: scan(b.rules, p), len(few))
        row = [statistics.median(times[size]) for times in (traced, quick, found)]
        print(f"{size:>7} {row[0]:>10.2f} {row[1]:>10.2f} {row[2]:>11.2f} {scanned:>10.1f}")
    growth = statistics.median(b / a for a, b in zip(traced[SIZES[0]], traced[SIZES[-1]], strict=True))
    print(f"decide, {SIZES[-1]:,} rules / {SIZES[0]} rules: {growth:.2f}   (asked: below 2)")
    beside({size: statistics.median(times) for size, times in traced.items()})


def beside(ours: dict[int, float]) -> None:
    """django-oscar's applicator on a basket of one line, with its offers in SQLite in memory."""
    taken = oscar()
    if taken is None:
        print(f"{OSCAR} could not be installed or run here, so it is left out.")
        return
    print("django-oscar, microseconds per basket, 5 offers match, and how many of our payments that is:")
    for size, each in taken.items():
        print(f"{size:>7} {each:>12,.0f} {each / ours[size]:>10,.0f} x")
    first, last = min(taken), max(taken)
    print(f"oscar, {last:,} offers / {first} offers: {taken[last] / taken[first]:.1f}")


def oscar() -> dict[int, float] | None:
    home = Path(tempfile.gettempdir()) / "mallops-benchmark-oscar"
    python, script = home / "bin" / "python", Path(__file__).with_name("oscar_offers.py")
    try:
        if not (home / "ready").exists():
            venv.create(home, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "-q", OSCAR], check=True, capture_output=True, timeout=600)
            (home / "ready").touch()
        command = [python, script, *map(str, OSCAR_SIZES)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600, cwd=home)
    except (OSError, subprocess.SubprocessError) as error:
        print(str(getattr(error, "stderr", "") or error)[-500:], file=sys.stderr)
        return None
    return {int(size): each for size, each in json.loads(done.stdout).items()}


if __name__ == "__main__":
    main()
