from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mallops.imports import cells
from mallops.lib.money import BadAmount, parse_yuan

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(
    st.one_of(
        st.from_regex(r"[+-]?\d{1,16}(\.\d{0,3})?", fullmatch=True),
        st.integers(-(10**14), 10**14).map(lambda fen: f"{fen / 100:.2f}"),
        st.text(max_size=8),
    )
)
def test_amounts_follow_the_rules_of_money(text):
    try:
        expected = parse_yuan(text.strip())
    except BadAmount:
        expected = 0
    read = cells.remember(cells.amount)
    for _again in range(2):
        if expected > 0:
            assert read(text) == expected
        else:
            with pytest.raises(ValueError, match=r"\w"):
                read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12.345", "has more than two decimals"),
        ("1,200.00", "is not an amount such as 12.50"),
        ("", "is not an amount such as 12.50"),
        ("0.00", "must be above zero"),
        ("-1", "must be above zero"),
        ("999999999999999", "is too large"),
    ],
)
def test_bad_amounts_say_why(text, reason):
    with pytest.raises(ValueError, match=f"^{reason}$"):
        cells.amount(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31 18:05:00", datetime(2026, 3, 31, 10, 5, tzinfo=UTC)),
        ("2026-03-31T18:05", datetime(2026, 3, 31, 10, 5, tzinfo=UTC)),
        ("2026/3/1 9:05", datetime(2026, 3, 1, 1, 5, tzinfo=UTC)),
        (" 2026-03-31 18:05:07.25 ", datetime(2026, 3, 31, 10, 5, 7, 250_000, tzinfo=UTC)),
        ("2026-03-31T18:05:00Z", datetime(2026, 3, 31, 18, 5, tzinfo=UTC)),
        ("2026-03-31T18:05:00+0530", datetime(2026, 3, 31, 12, 35, tzinfo=UTC)),
        ("2026-03-31T18:05:09-03:00", datetime(2026, 3, 31, 21, 5, 9, tzinfo=UTC)),
    ],
)
def test_moments_are_the_malls_time_unless_an_offset_follows(text, moment):
    read = cells.MomentReader("Asia/Shanghai", NOW)
    assert [read(text), read(text)] == [moment, moment]


def test_moments_of_repeated_and_missing_hours():
    read = cells.MomentReader("Europe/Berlin", NOW)
    assert read("2026-10-25 02:30:00") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of two
    with pytest.raises(ValueError, match="clocks are put forward"):
        read("2026-03-29 02:30:00")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a time"),
        ("2026-03-31", "is not a time"),
        ("31.03.2026 18:05", "is not a time"),
        ("2026-02-29 10:00:00", "is not a time"),
        ("2026-03-31 24:00:00", "is not a time"),
        ("2026-03-31 10:00:60", "is not a time"),
        ("2026-03-31 10:00:00+99:00", "is not a time"),
        ("1999-12-31 15:59:59Z", "before the year 2000"),
        ("0001-01-01 00:00:00", "before the year 2000"),
        ("2026-11-23 20:00:01", "in the future"),
        ("9999-12-31 23:59:59-14:00", "in the future"),
    ],
)
def test_bad_moments_say_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        cells.MomentReader("Asia/Shanghai", NOW)(text)


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2026, 11, 1)),
    st.sampled_from(["America/Sao_Paulo", "Asia/Kolkata"]),
)
def test_moments_agree_with_the_standard_library(local, zone):
    read = cells.MomentReader(zone, NOW)
    moment = local.replace(tzinfo=cells.ZoneInfo(zone))
    if moment.astimezone(UTC).astimezone(cells.ZoneInfo(zone)).replace(tzinfo=None) == local:
        assert read(local.isoformat(" ")) == moment.astimezone(UTC)
    offset = moment.utcoffset() or timedelta()
    if offset.seconds % 60 == 0:
        assert read(moment.isoformat()) == moment.astimezone(UTC)


@pytest.mark.parametrize("text", ["T1", "4200-01/ab", "支付1", "a" * 64])
def test_identifiers_are_kept(text):
    assert cells.identifier(text) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("a" * 65, "is longer than 64 characters"),
        ("4.2E+27", "was shortened by a spreadsheet"),
        ("=cmd", "begins like a formula"),
        ("+cmd|' /C calc'!A0", "begins like a formula"),
        ("a\u0007b", "cannot be printed"),
    ],
)
def test_bad_identifiers_say_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        cells.identifier(text)


def test_remembered_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr(cells, "KEEP", 3)
    remembered = cells.Remembered(int)
    assert [remembered[str(n)] for n in range(10)] == list(range(10))
    assert len(remembered) <= 3
