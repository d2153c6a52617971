"""When people come: hours of the day, weekdays, seasons and holidays, as factors around 1. Pure."""

from datetime import date, timedelta

import numpy as np

FIRST_HOUR, LAST_HOUR = 8, 23  # the mall's hours, both included; single trades keep shorter ones

# Share of a trade's payments in each hour from 8 to 23.
HOURS = {
    #          8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23
    "meals": [0, 0, 0, 5, 14, 11, 3, 1, 1, 6, 17, 20, 13, 7, 1, 0],
    "lunch": [3, 2, 3, 12, 22, 13, 4, 2, 3, 7, 13, 9, 5, 2, 0, 0],
    "dinner": [0, 0, 0, 2, 8, 7, 2, 1, 2, 7, 17, 22, 17, 10, 3, 0],
    "coffee": [6, 8, 8, 7, 8, 13, 12, 11, 8, 5, 4, 5, 4, 1, 0, 0],
    "retail": [0, 0, 4, 6, 6, 7, 9, 11, 11, 9, 8, 10, 11, 6, 0, 0],
    "family": [0, 2, 9, 11, 7, 7, 10, 13, 13, 9, 6, 7, 5, 1, 0, 0],
    "night": [0, 0, 2, 3, 4, 7, 9, 9, 8, 7, 9, 14, 13, 9, 5, 1],
    "market": [7, 9, 8, 7, 5, 4, 5, 6, 8, 12, 13, 10, 7, 3, 0, 0],
}

# A factor for each month, January first, for a northern year.
SEASONS = {
    "flat": [1.0, 0.95, 1, 1, 1, 1, 1, 1, 1, 1.02, 1, 1.02],
    "winter": [1.35, 1.2, 1.05, 0.95, 0.85, 0.75, 0.7, 0.75, 0.9, 1.1, 1.3, 1.4],
    "summer": [0.75, 0.75, 0.9, 1.0, 1.15, 1.3, 1.45, 1.4, 1.15, 0.95, 0.8, 0.75],
    "clothes": [1.1, 0.85, 0.95, 1.05, 1.05, 0.95, 0.85, 0.85, 1.05, 1.15, 1.2, 1.15],
    "gifts": [1.1, 1.05, 0.95, 0.9, 1.05, 1.1, 0.9, 0.95, 0.95, 1.0, 1.15, 1.3],
    "holidays": [1.15, 1.2, 0.9, 0.95, 1.0, 0.95, 1.3, 1.35, 0.85, 1.05, 0.9, 1.0],
}
SHOPPING = ("clothes", "gifts")  # seasons of the trades that sales days lift most

SPRING_FESTIVAL = {
    2024: (2, 10),
    2025: (1, 29),
    2026: (2, 17),
    2027: (2, 6),
    2028: (1, 26),
    2029: (2, 13),
    2030: (2, 3),
}
MID_AUTUMN = {2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12)}


def hour_table(rhythms: list[str]) -> np.ndarray:
    """[trade, hour]: shares that sum to 1 for each trade."""
    table = np.array([HOURS[name] for name in rhythms], dtype=float)
    return table / table.sum(axis=1, keepdims=True)


def crowd_factor(day: date, holidays: str) -> float:
    """How busy the mall is on a day, against an ordinary weekday."""
    weekday = (1.0, 0.97, 1.0, 1.03, 1.25, 1.85, 1.7)[day.weekday()]
    festive, _sale = occasion(day, holidays)
    return weekday * festive if festive < 1 else max(weekday, min(weekday, 1.3) * festive)


def season_factor(season: str, day: date, holidays: str) -> float:
    """How busy a trade is on a day, against the mall. South of the equator the year is turned by six months."""
    month = (day.month + (5 if holidays == "australia" and season in {"winter", "summer", "clothes"} else -1)) % 12
    _festive, sale = occasion(day, holidays)
    return SEASONS[season][month] * (sale if season in SHOPPING else 1 + (sale - 1) * 0.15)


def occasion(day: date, holidays: str) -> tuple[float, float]:
    """(lift of visits, further lift of shopping) on holidays and sales days; 1 on others."""
    return (_china if holidays == "china" else _australia)(day)


def _china(day: date) -> tuple[float, float]:
    key = (day.month, day.day)
    if (10, 1) <= key <= (10, 7):
        return 1.75 - 0.07 * day.day, 1.15
    if (5, 1) <= key <= (5, 5):
        return 1.6, 1.1
    if (11, 9) <= key <= (11, 11):
        return 1.2 + 0.1 * (day.day - 9), 1.7
    if key in {(6, 18), (12, 12), (3, 8)}:
        return 1.2, 1.6
    if key in {(12, 24), (12, 25), (12, 31), (1, 1), (2, 14), (6, 1)}:
        return 1.45, 1.2
    if _near(day, SPRING_FESTIVAL, -10, -1):
        return 1.35, 1.4
    if _near(day, SPRING_FESTIVAL, 0, 1):
        return 0.55, 0.6
    if _near(day, SPRING_FESTIVAL, 2, 7) or _near(day, MID_AUTUMN, -1, 1):
        return 1.4, 1.0
    return 1.0, 1.0


def _australia(day: date) -> tuple[float, float]:
    key = (day.month, day.day)
    if key == (12, 25):
        return 0.25, 0.4
    if (12, 12) <= key <= (12, 24):
        return 1.35, 1.5
    if (12, 26) <= key <= (12, 29) or key in {(1, 1), (1, 26), (4, 25)}:
        return 1.5, 1.6
    if (6, 20) <= key <= (6, 30):
        return 1.1, 1.45
    if (11, 23) <= key <= (11, 30) and day.weekday() >= 4:
        return 1.3, 1.7
    if day.month == 10 and day.weekday() == 0 and day.day <= 7:
        return 1.35, 1.1
    if _near(day, SPRING_FESTIVAL, -3, 3) or _near(day, MID_AUTUMN, -1, 0):
        return 1.4, 1.1
    return 1.0, 1.0


def _near(day: date, feast: dict[int, tuple[int, int]], first: int, last: int) -> bool:
    if day.year not in feast:
        return False
    eve = date(day.year, *feast[day.year])
    return eve + timedelta(days=first) <= day <= eve + timedelta(days=last)
