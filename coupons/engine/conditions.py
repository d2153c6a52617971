"""Conditions of a rule: a tree of and/or/not over typed facts about the payment and its shopper. Pure.

Stored as JSON: ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": {...}}`` and leaves such as
``{"fact": "visits", "op": "at_least", "value": 3, "days": 30, "categories": [7]}``. Ids name rows of the rule's mall;
a category stands for its sub-tree; without a place a fact is about the whole mall. Money is fen, a weekday 1
(Monday) to 7, a time of day minutes. `days` counts the day of the payment and those before it; empty: ever.

What the mall knew when the payment arrived decides: a visit is a local day with an earlier recorded payment at
the place, spend the gross amount of those payments.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

MAX_DEPTH, MAX_LEAVES, MAX_VALUES, MAX_DAYS = 5, 30, 200, 3_660
MAX_PROBLEMS = 20  # of a bad tree are told
NUMBER = ("at_least", "at_most", "equals")
CHOICE = ("in", "not_in")
TRUTH = ("is",)


class FactSpec(NamedTuple):
    """A fact a leaf may ask for: the type of its value, its operators, whether it takes a place and days, and which
    source knows it (the payment itself, the shopper's history, tags, coupons held, car park)."""

    type: str
    ops: tuple[str, ...]
    place: bool = False
    days: bool = False
    source: str = "event"


FACTS: dict[str, FactSpec] = {
    "amount_fen": FactSpec("money", NUMBER),
    "store": FactSpec("stores", CHOICE),
    "category": FactSpec("categories", CHOICE),
    "weekday": FactSpec("weekdays", CHOICE),
    "minute": FactSpec("minute", ("at_least", "at_most")),
    "first_visit": FactSpec("truth", TRUTH, place=True, source="history"),
    "visits": FactSpec("number", NUMBER, place=True, days=True, source="history"),
    "spend_fen": FactSpec("money", NUMBER, place=True, days=True, source="history"),
    "days_since_visit": FactSpec("number", NUMBER, place=True, source="history"),
    "tag": FactSpec("tags", CHOICE, source="tags"),
    "holds_stock": FactSpec("stocks", CHOICE, source="coupons"),
    "parked": FactSpec("truth", TRUTH, source="parking"),
}
_HIGHEST = {"money": 10**13, "number": 100_000, "minute": 1_440}
_IDS = {"stores", "categories", "stocks"}


@dataclass(frozen=True, slots=True)
class Leaf:
    fact: str
    op: str
    value: Any
    days: int | None = None
    stores: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`kind` is all (and) or any (or)."""

    kind: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Leaf | Group | Not


class BadConditions(ValueError):
    """What is wrong with a tree: `problems` are pairs of the path to the node (such as ``all.1.not``) and a code of
    CODES."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(problems)
        self.problems = problems


CODES = {
    "unknown_node": "is neither a group nor a condition",
    "unknown_fact": "is not a known fact",
    "unknown_op": "is not an operator of this fact",
    "bad_value": "has a value of the wrong type",
    "out_of_range": "has a value out of range",
    "no_place": "takes no place",
    "no_days": "takes no number of days",
    "empty": "is empty",
    "too_deep": f"lies deeper than {MAX_DEPTH} levels",
    "too_many": f"belongs to more than {MAX_LEAVES} conditions",
}


class Facts(Protocol):
    """What is known about one event; each call may be asked of by many rules and is best remembered."""

    def value(self, leaf: Leaf) -> Any: ...


def holds(node: Node, facts: Facts) -> bool:
    """Whether a tree is true; looks no further than it needs."""
    if isinstance(node, Leaf):
        return leaf_holds(node, facts.value(node))
    if isinstance(node, Not):
        return not holds(node.part, facts)
    if node.kind == "all":
        return all(holds(part, facts) for part in node.parts)
    return any(holds(part, facts) for part in node.parts)


def leaf_holds(leaf: Leaf, actual: Any) -> bool:
    """`actual` is a number, a truth, an id, or (tags, coupons held, categories with those above) a set of them.

    A number that is not known (days since a visit that never was) satisfies nothing.
    """
    expected, op = leaf.value, leaf.op
    if op == "is":
        return actual is expected
    if op in CHOICE:
        found = not actual.isdisjoint(expected) if isinstance(actual, set | frozenset) else actual in expected
        return found is (op == "in")
    if actual is None:
        return False
    if op == "at_least":
        return actual >= expected
    return actual <= expected if op == "at_most" else actual == expected


def explain(node: Node, facts: Facts) -> tuple[bool, list[tuple[bool, Any]]]:
    """Whether a tree is true, and for each leaf, in the order of `leaves`, whether it holds and the actual value as
    JSON can keep it: all of them are looked at."""
    found: list[tuple[bool, Any]] = []
    return _judge(node, facts, found), found


def _judge(node: Node, facts: Facts, found: list[tuple[bool, Any]]) -> bool:
    if isinstance(node, Leaf):
        actual = facts.value(node)
        held = leaf_holds(node, actual)
        found.append((held, sorted(actual) if isinstance(actual, set | frozenset) else actual))
        return held
    if isinstance(node, Not):
        return not _judge(node.part, facts, found)
    held_parts = [_judge(part, facts, found) for part in node.parts]
    return all(held_parts) if node.kind == "all" else any(held_parts)


def leaves(node: Node | None) -> Iterator[Leaf]:
    """The leaves of a tree, from left to right."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Not):
        yield from leaves(node.part)
    elif node is not None:
        for part in node.parts:
            yield from leaves(part)


def sources(node: Node | None) -> frozenset[str]:
    """Which sources must be asked before the tree can be judged."""
    return frozenset(FACTS[leaf.fact].source for leaf in leaves(node))


def look_backs(node: Node | None) -> Iterator[int | None]:
    """How many days of the shopper's history each leaf that asks for it needs; None: all of it."""
    return (leaf.days for leaf in leaves(node) if FACTS[leaf.fact].source == "history")


def to_json(node: Node | None) -> dict | None:
    if node is None:
        return None
    if isinstance(node, Not):
        return {"not": to_json(node.part)}
    if isinstance(node, Group):
        return {node.kind: [to_json(part) for part in node.parts]}
    data = {"fact": node.fact, "op": node.op, "value": list(node.value) if _is_many(node.fact) else node.value}
    if node.days is not None:
        data["days"] = node.days
    return data | {name: list(ids) for name in ("stores", "categories") if (ids := getattr(node, name))}


def from_json(data: Any) -> Node | None:
    """The tree in stored or posted JSON, whatever it holds; None and {} are no conditions. Raises BadConditions."""
    if data in (None, {}, []):
        return None
    problems: list[tuple[str, str]] = []
    node = _read(data, "", 1, problems)
    if not problems and sum(1 for _leaf in leaves(node)) > MAX_LEAVES:
        problems.append(("", "too_many"))
    if problems:
        raise BadConditions(problems)
    return node


def _read(data: Any, path: str, depth: int, problems: list[tuple[str, str]]) -> Node | None:
    if len(problems) >= MAX_PROBLEMS:
        return None
    if depth > MAX_DEPTH:
        return _wrong(problems, path, "too_deep")
    if not isinstance(data, Mapping):
        return _wrong(problems, path, "unknown_node")
    if "fact" in data:
        return _read_leaf(data, path, problems)
    if len(data) != 1:
        return _wrong(problems, path, "unknown_node")
    kind, inside = next(iter(data.items()))
    if kind == "not":
        part = _read(inside, _join(path, "not"), depth + 1, problems)
        return part and Not(part)
    if kind not in ("all", "any") or not isinstance(inside, list | tuple):
        return _wrong(problems, path, "unknown_node")
    if not inside:
        return _wrong(problems, _join(path, kind), "empty")
    if len(inside) > MAX_LEAVES:
        return _wrong(problems, _join(path, kind), "too_many")
    parts = [_read(part, _join(path, f"{kind}.{place}"), depth + 1, problems) for place, part in enumerate(inside)]
    return Group(kind, tuple(part for part in parts if part is not None))


def _read_leaf(data: Mapping, path: str, problems: list[tuple[str, str]]) -> Leaf | None:
    spec = FACTS.get(data["fact"]) if isinstance(data["fact"], str) else None
    if spec is None:
        return _wrong(problems, path, "unknown_fact")
    if set(data) - {"fact", "op", "value", "days", "stores", "categories"}:
        return _wrong(problems, path, "unknown_node")
    if data.get("op") not in spec.ops:
        return _wrong(problems, path, "unknown_op")
    value, code = _value(spec.type, data.get("value"))
    places = {name: data.get(name, ()) for name in ("stores", "categories")}
    days = data.get("days")
    if not code and not all(_are_ids(ids) for ids in places.values()):
        code = "bad_value"
    if not code and any(places.values()) and not spec.place:
        code = "no_place"
    if not code and days is not None:
        code = "no_days" if not spec.days else _range(days, 1, MAX_DAYS)
    if code:
        return _wrong(problems, path, code)
    return Leaf(data["fact"], data["op"], value, days, tuple(places["stores"]), tuple(places["categories"]))


def _value(kind: str, value: Any) -> tuple[Any, str]:
    """A value as the type of its fact, and the code of what is wrong with it."""
    if kind == "truth":
        return value, "" if isinstance(value, bool) else "bad_value"
    if kind in _HIGHEST:
        return value, _range(value, 0, _HIGHEST[kind])
    if not isinstance(value, list | tuple):
        return None, "bad_value"
    if not value:
        return None, "empty"
    if len(value) > MAX_VALUES:
        return None, "out_of_range"
    if kind in _IDS:
        return tuple(value), "" if _are_ids(value) else "bad_value"
    if kind == "weekdays":
        return tuple(value), "" if all(type(day) is int and 1 <= day <= 7 for day in value) else "bad_value"
    good = all(isinstance(tag, str) and 0 < len(tag) <= 40 and tag.isprintable() for tag in value)
    return tuple(value), "" if good else "bad_value"


def _range(value: Any, least: int, most: int) -> str:
    if type(value) is not int:
        return "bad_value"
    return "" if least <= value <= most else "out_of_range"


def _are_ids(values: Any) -> bool:
    return (
        isinstance(values, list | tuple)
        and len(values) <= MAX_VALUES
        and all(type(value) is int and 0 < value < 2**63 for value in values)
    )


def _is_many(fact: str) -> bool:
    return FACTS[fact].type in _IDS | {"weekdays", "tags"}


def _wrong(problems: list[tuple[str, str]], path: str, code: str) -> None:
    problems.append((path, code))


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step
