"""What people read: amounts, rates, changes, days."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override

from mallops.lib import format as fmt
from mallops.lib.format import Change, change


@pytest.mark.parametrize(
    ("fen", "text"),
    [(128642050, "¥1,286,420.50"), (0, "¥0.00"), (5, "¥0.05"), (-1205, "-¥12.05"), (None, "–")],
)
def test_money_is_written_in_full(fen, text):
    assert fmt.money(fen) == text


def test_money_takes_another_currency():
    assert fmt.money(100, symbol="$") == "$1.00"


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (14309, "¥143.09", "¥143.09"),
        (99_949, "¥999.49", "¥999.49"),
        (4_520_000, "¥4.5万", "¥45.2K"),
        (128_642_050, "¥128.6万", "¥1.29M"),
        (1_484_000_000, "¥1484.0万", "¥14.84M"),
        (12_800_000_000, "¥1.28亿", "¥128.00M"),
        (-128_642_050, "-¥128.6万", "-¥1.29M"),
        (None, "–", "–"),
    ],
)
def test_short_money_has_the_units_of_the_language(fen, chinese, english):
    assert fmt.money_short(fen, "zh-hans") == chinese
    assert fmt.money_short(fen, "en") == english


def test_short_money_moves_to_the_next_unit_where_rounding_fills_one():
    assert fmt.money_short(99_999_999, "en") == "¥1.00M"
    assert fmt.money_short(99_999_999_99, "zh-hans") == "¥1.00亿"


def test_counts_are_grouped_and_shortened():
    assert fmt.count(32234) == "32,234"
    assert fmt.count_short(104_000, "zh-hans") == "10.4万"
    assert fmt.count_short(104_200, "en") == "104.2K"
    assert fmt.count_short(980, "en") == "980"


def test_the_active_language_is_the_default():
    with override("zh-hans"):
        assert fmt.count_short(104_000) == "10.4万"
        assert fmt.axis_money(5_000_000) == fmt.Axis(1_000_000, "万元")
    with override("en"):
        assert fmt.count_short(104_000) == "104.0K"
        assert fmt.axis_money(5_000_000) == fmt.Axis(100_000, "¥K")


@pytest.mark.parametrize(
    ("largest", "language", "symbol", "axis"),
    [
        (0, "en", "¥", (100, "¥")),
        (499_999, "en", "¥", (100, "¥")),
        (500_000, "en", "¥", (100_000, "¥K")),
        (500_000_000, "en", "¥", (100_000_000, "¥M")),
        (500_000_000_000, "en", "¥", (100_000_000_000, "¥B")),
        (500_000, "en", "US$", (100_000, "US$ K")),
        (0, "en", "US$", (100, "US$")),
        (0, "zh-hans", "¥", (100, "元")),
        (4_999_999, "zh-hans", "¥", (100, "元")),
        (5_000_000, "zh-hans", "¥", (1_000_000, "万元")),
        (50_000_000_000, "zh-hans", "¥", (10_000_000_000, "亿元")),
        (5_000_000, "zh-hans", "HK$", (1_000_000, "HK$ 万")),
        (0, "zh-hans", "HK$", (100, "HK$")),
    ],
)
def test_money_axes_go_by_the_largest_value(largest, language, symbol, axis):
    assert fmt.axis_money(largest, language, symbol) == fmt.Axis(*axis)


def test_a_rate_without_a_whole_is_a_dash():
    assert fmt.rate(437, 1000) == "43.7%"
    assert fmt.rate(1, 3) == "33.3%"
    assert fmt.rate(0, 7) == "0.0%"
    assert fmt.rate(0, 0) == "–"


def test_percent_rounds_half_up_and_has_no_negative_zero():
    assert fmt.percent(0.2885) == "28.9%"
    assert fmt.percent(Decimal("-0.0004")) == "0.0%"
    assert fmt.percent(None) == "–"


def test_basis_points_show_the_decimals_they_have():
    assert [fmt.basis_points(bp) for bp in (1250, 1255, 100, 10_000, 0)] == [
        "12.5%", "12.55%", "1%", "100%", "0%"
    ]  # fmt: skip


def test_change_tells_text_arrow_and_tone():
    assert change(105, 100) == Change("+5.0%", "up", "better")
    assert change(95, 100) == Change("-5.0%", "down", "worse")
    assert change(95, 100, "down") == Change("-5.0%", "down", "better")
    assert change(95, 100, None) == Change("-5.0%", "down", "flat")
    assert change(-50, -100) == Change("+50.0%", "up", "better")
    assert change(2500, 100).text == "+2,400.0%"


@pytest.mark.parametrize("current", [99_960, 100_000, 100_040])
def test_change_rounds_before_it_chooses_a_sign(current):
    assert change(current, 100_000) == Change("0.0%", "flat", "flat")


@pytest.mark.parametrize(("current", "previous"), [(5, 0), (0, 0), (5, None), (None, 5)])
def test_change_without_a_base_is_a_dash(current, previous):
    assert change(current, previous) == Change("–", None, "flat")


def test_change_of_a_rate_is_in_percentage_points():
    assert change(0.437, 0.423, points=True, language="en").text == "+1.4 pp"
    moved = change(Fraction(12, 1000), Fraction(16, 1000), "down", points=True, language="zh-hans")
    assert moved == Change("-0.4 个百分点", "down", "better")
    assert change(0.1, 0, points=True, language="en").text == "+10.0 pp"
    assert change(0.0121, 0.0120, points=True, language="en").text == "0.0 pp"


def test_days_and_ranges():
    assert fmt.date_range(date(2026, 10, 23), date(2026, 11, 21)) == "2026-10-23 – 2026-11-21"
    assert fmt.date_range(date(2026, 11, 8), date(2026, 11, 8)) == "2026-11-08"
    assert fmt.day_label(date(2026, 11, 8), "zh-hans") == "11月8日"
    assert fmt.day_label(date(2026, 11, 8), "en") == "Nov 8"
    assert fmt.month_label(date(2026, 11, 8), "zh-hans") == "2026年11月"
    assert fmt.month_label(date(2026, 11, 8), "en") == "Nov 2026"


def test_a_moment_is_read_from_the_clock_of_the_mall():
    when = datetime(2026, 11, 21, 16, 5, 9, tzinfo=UTC)
    assert fmt.moment(when, "Asia/Shanghai") == "2026-11-22 00:05"
    assert fmt.moment(when, "Asia/Shanghai", seconds=True) == "2026-11-22 00:05:09"
    assert fmt.moment(None, "Asia/Shanghai") == "–"
