"""Suggestions as the page shows them: the pairs of the last report with what is known of their places now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coupons.models import Rule, SuggestionReport
from merchants.models import Category, Mall, Store
from merchants.queries.directory import current as current_directory

from .covering import Reach, reaches


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A pair with its figures (see `affinity.report`), its places, and the rules that cover it. `floors` is how many
    floors lie between two stores, None where that is not known."""

    key: str
    source: Store | Category
    target: Store | Category
    moved: int
    bought: int
    back: int | None
    rate: float
    base: float
    lift: float
    lift_low: float
    ticket_fen: int
    worth_fen: int
    floors: int | None
    is_same_category: bool
    rules: tuple[Rule, ...]


def suggestions_of(
    report: SuggestionReport,
    kind: str,
    *,
    place: int | None = None,
    covered: bool | None = None,
    same_category: bool | None = None,
) -> list[Suggestion]:
    """The suggestions of a report, `stores` or `categories`, those of most worth first; `place` is at either end.
    Pairs whose places are gone or whose store has closed are left out."""
    places = places_of(report.mall, kind)
    pairs = [row for row in report.result[kind] if row["source"] in places and row["target"] in places]
    if place is not None:
        pairs = [row for row in pairs if place in (row["source"], row["target"])]
    covering = coverage(report.mall, kind)
    found = [_suggestion(row, places, covering) for row in pairs]
    if covered is not None:
        found = [each for each in found if bool(each.rules) is covered]
    return [each for each in found if same_category is None or each.is_same_category is same_category]


def places_of(mall: Mall, kind: str) -> dict[int, Store | Category]:
    if kind == "categories":
        return {category.pk: category for category in mall.categories.all()}
    return {store.pk: store for store in mall.stores.filter(closed_on=None).select_related("floor")}


def coverage(mall: Mall, kind: str) -> Callable[[int, int], tuple[Rule, ...]]:
    """From the ids of a source and a target, the rules that cover the pair."""
    directory = current_directory(mall.pk)
    known: list[Reach] = reaches(mall, directory)

    def covering(source: int, target: int) -> tuple[Rule, ...]:
        here, there = directory.stores_in(**{kind: [source]}), directory.stores_in(**{kind: [target]})
        return tuple(reach.rule for reach in known if reach.covers(here, there))

    return covering


def _suggestion(row: dict[str, Any], places: dict, covering: Callable[[int, int], tuple[Rule, ...]]) -> Suggestion:
    source, target = places[row["source"]], places[row["target"]]
    figures = {name: value for name, value in row.items() if name not in ("source", "target")}
    same = isinstance(source, Store) and source.category_id == target.category_id
    return Suggestion(
        source=source, target=target, floors=_floors(source, target), is_same_category=same,
        rules=covering(source.pk, target.pk), **figures,
    )  # fmt: skip


def _floors(source: Store | Category, target: Store | Category) -> int | None:
    if isinstance(source, Category) or source.floor is None or target.floor is None:
        return None
    return abs(source.floor.level - target.floor.level)
