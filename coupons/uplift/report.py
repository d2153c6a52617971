"""What a rule brought, as the JSON that `UpliftReport.result` keeps and the page shows.

    {"state": "measured",            # or no_control, too_few, nothing_yet
     "share_bp": 1000,               # of shoppers in the control group
     "treated": 899, "held": 102,    # shoppers compared; "running": windows not over; "left_out": see `Cohort`
     "since": "2026-08-01", "until": "2026-11-20",  # local days of the first decision and the last window's end
     "smallest": 0.031,              # rise of the first outcome that these numbers would find, or null
     "outcomes": [{"key": "visit", "unit": "share", "treated": 0.31, "held": 0.28, "difference": 0.03, "low": -0.01,
                   "high": 0.07, "reduced": 0.0}, ...]}  # unit fen: mean of a shopper; reduced: see `Reduced.share`

Without a control group, or with fewer than `LEAST` shoppers in one of the two, there are no outcomes.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from coupons.models import Rule
from mallops.lib import dates
from merchants.models import Mall
from merchants.queries.directory import Directory
from merchants.queries.directory import current as current_directory

from .cohorts import Cohort, cohort_of, cohort_of_mall, holdout_bp
from .outcomes import Spent, places_of, purchases_of, spent
from .statistics import Interval, compare_means, compare_shares, reduce_variance, smallest_effect

if TYPE_CHECKING:
    import numpy as np

LEAST = 20  # shoppers in a group: below, one person's purchases could be read off
Outcomes = list[dict[str, Any]]


def report_of(rule: Rule, now: datetime) -> dict[str, Any]:
    """The report of a rule as of `now`."""
    cohort = cohort_of(rule, now)
    share_bp = holdout_bp(cohort.versions[0]) if cohort.versions else 0
    report = _sizes(cohort, rule.mall, share_bp)
    if report["state"] == "measured":
        purchases = purchases_of(rule.mall, cohort, rule)
        _add(report, cohort, _outcomes(cohort, purchases, current_directory(rule.mall_id)))
    return report


def report_of_mall(mall: Mall, now: datetime) -> dict[str, Any]:
    """The report of all rules of a mall together, against the group that no rule awards."""
    cohort = cohort_of_mall(mall, now)
    if cohort is None:
        return {"state": "nothing_yet" if mall.holdout_bp else "no_control", "share_bp": mall.holdout_bp}
    report = _sizes(cohort, mall, mall.holdout_bp)
    if report["state"] == "measured":
        everything = spent(cohort, purchases_of(mall, cohort))
        _add(report, cohort, [_shares("visit_mall", cohort, everything), _means("spend_mall", cohort, everything)])
    return report


def _sizes(cohort: Cohort, mall: Mall, share_bp: int) -> dict[str, Any]:
    treated = int(cohort.is_treated.sum())
    held = len(cohort.firsts) - treated
    report = {
        "state": _state(treated, held, share_bp), "share_bp": share_bp, "treated": treated, "held": held,
        "running": cohort.running, "left_out": cohort.left_out, "outcomes": [], "smallest": None,
    }  # fmt: skip
    if len(cohort.firsts):
        report["since"] = _day(cohort.firsts["given_at"].min(), mall.time_zone)
        report["until"] = _day(cohort.firsts["ends_at"].max() - 1, mall.time_zone)
    return report


def _state(treated: int, held: int, share_bp: int) -> str:
    if not share_bp and not held:
        return "no_control"
    if not treated + held:
        return "nothing_yet"
    return "measured" if min(treated, held) >= LEAST else "too_few"


def _add(report: dict[str, Any], cohort: Cohort, outcomes: Outcomes) -> None:
    report["outcomes"] = outcomes
    report["smallest"] = smallest_effect(report["treated"], report["held"], outcomes[0]["held"])


def _outcomes(cohort: Cohort, purchases: "np.ndarray", directory: Directory) -> Outcomes:
    """The outcomes of a rule, the one it is judged by first."""
    places = places_of(cohort, directory)
    there = spent(cohort, purchases, places.award)
    found = [
        _shares("visit", cohort, there),
        _means("spend_award", cohort, there),
        _means("spend_mall", cohort, spent(cohort, purchases)),
    ]
    if places.trigger:
        found.append(_means("spend_trigger", cohort, spent(cohort, purchases, places.trigger)))
    if places.competitors:
        found.append(_means("spend_competitors", cohort, spent(cohort, purchases, places.competitors)))
    return found


def _shares(key: str, cohort: Cohort, what: Spent) -> dict[str, Any]:
    treated, held = what.visited[cohort.is_treated], what.visited[~cohort.is_treated]
    found = compare_shares(int(treated.sum()), len(treated), int(held.sum()), len(held))
    return _row(key, "share", treated, held, found, 0.0)


def _means(key: str, cohort: Cohort, what: Spent) -> dict[str, Any]:
    """The groups' means as they are; difference and interval with what the time before explains taken out."""
    yes, no = cohort.is_treated, ~cohort.is_treated
    reduced = reduce_variance(what.after[yes], what.before[yes], what.after[no], what.before[no])
    found = compare_means(reduced.values, reduced.others)
    return _row(key, "fen", what.after[yes], what.after[no], found, reduced.share)


def _row(key: str, unit: str, treated: "np.ndarray", held: "np.ndarray", found: Interval, reduced: float) -> dict:
    means = {"treated": float(treated.mean()), "held": float(held.mean())}
    return {"key": key, "unit": unit, **means, **found._asdict(), "reduced": round(reduced, 4)}


def _day(seconds: int, zone: str) -> str:
    return dates.today(zone, datetime.fromtimestamp(int(seconds), UTC)).isoformat()
