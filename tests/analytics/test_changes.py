"""What changed most, in sentences."""

from types import SimpleNamespace

from analytics.changes import SHOWN, headline, movers
from analytics.tables.columns import metric_row

KEYS = ("net_sales", "transactions", "average_ticket")
CHOICE = SimpleNamespace(before=True, place=SimpleNamespace(mall=SimpleNamespace(currency="¥")))


def row(name: str, now: tuple[int, int], before: tuple[int, int]) -> tuple[dict, str]:
    sums = [{"gross_fen": fen, "payments": payments} for fen, payments in (now, before)]
    return metric_row(KEYS, *sums, name=name), f"/{name}/"


def test_movers_by_money_and_why():
    rows = [
        row("tea", (130_000, 13), (100_000, 10)), row("hotpot", (400_000, 4), (500_000, 10)),
        row("new", (50_000, 5), (0, 0)), row("same", (7, 1), (7, 1)), row("gone", (0, 0), (200, 1)),
    ]  # fmt: skip
    up, down = movers(CHOICE, rows)
    assert [(mover.name, mover.url, mover.text) for mover in up] == [
        ("new", "/new/", "+¥500.00 to ¥500.00; nothing sold in the compared days"),
        ("tea", "/tea/", "+¥300.00 to ¥1.3K; payments +30.0%; average ticket 0.0%"),
    ]
    assert [(mover.name, mover.text) for mover in down] == [
        ("hotpot", "-¥1.0K to ¥4.0K; average ticket +100.0%; payments -60.0%"),
        ("gone", "-¥2.00 to ¥0.00; no payment in this period"),
    ]
    assert down[0].change.text == "-20.0%"


def test_only_the_largest_moves_are_told():
    up, down = movers(CHOICE, [row(f"s{n}", (n * 100, 1), (1, 1)) for n in range(1, 20)])
    assert [mover.name for mover in up] == [f"s{n}" for n in range(19, 19 - SHOWN, -1)]
    assert down == []


def test_without_comparison_nothing_moved():
    assert movers(SimpleNamespace(before=None), [row("tea", (2, 1), (1, 1))]) == ([], [])


def test_headline():
    now, before = {"gross_fen": 150_000}, {"gross_fen": 100_000}
    assert headline(CHOICE, now, before) == "Net sales were ¥1.5K, +50.0% against the compared days."
    assert headline(CHOICE, now, {}) == "Net sales were ¥1.5K."
