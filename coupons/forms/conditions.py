"""The tree of conditions while it is edited: groups and conditions with what was typed, right or wrong.

Posted as a flat list: each `node` names a path (``c`` is the outermost group, ``c-0`` its first part), a group has a
``c-kind``, a condition the fields of LeafForm such as ``c-0-fact``. A button `do` changes the tree: ``leaf:c-1`` and
``group:c-1`` add to the group at a path, ``drop:c-1`` takes a part out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from coupons.engine import conditions
from coupons.engine.conditions import MAX_DEPTH, MAX_LEAVES, Group, Node
from coupons.engine.conditions import Leaf as Condition

from .leaf import NAMES, LeafForm, texts_of
from .offer import Offer

ROOT = "c"
NODES = 2 * MAX_LEAVES  # more are not read from a post
KINDS = [
    ("all", _("All of these hold")), ("any", _("Any of these holds")),
    ("none", _("None of these holds")), ("not_all", _("Not all of these hold")),
]  # fmt: skip
ERRORS = {
    "empty": _("This group is empty: add a condition or remove it."),
    "too_deep": _("This lies too deep: at most five levels."),
    "too_many": _("These are too many conditions: at most thirty."),
    "out_of_range": _("A value is out of range."),
}
UNKNOWN = _("This cannot be read: remove it and add it again.")
_PATH = re.compile(rf"{ROOT}(-\d{{1,3}}){{0,20}}", re.ASCII)


@dataclass
class Leaf:
    """One condition: the texts of its form by name."""

    values: dict[str, list[str]] = field(default_factory=dict)
    path: str = ""
    form: LeafForm | None = None
    errors: list[Any] = field(default_factory=list)
    focus: bool = False

    @property
    def is_group(self) -> bool:
        return False


@dataclass
class Branch:
    """A group; `room` says whether a condition and a group can still be added to it."""

    kind: str = "all"
    parts: list["Leaf | Branch"] = field(default_factory=list)
    path: str = ROOT
    errors: list[Any] = field(default_factory=list)
    focus: bool = False
    room: tuple[bool, bool] = (True, True)
    kinds = KINDS

    @property
    def is_group(self) -> bool:
        return True

    @property
    def is_negated(self) -> bool:
        return self.kind in ("none", "not_all")

    @property
    def levels(self) -> int:
        """How many levels of the stored tree it takes: a negated group of several is a group within a "not"."""
        return 2 if self.is_negated and len(self.parts) > 1 else 1


class Tree:
    """What is edited. `node` is the tree of the engine, without what is not whole yet; `wrong` the nodes with errors of
    their own, beside those of their forms."""

    def __init__(self, root: Branch, *, offer: Offer, strict: bool = False) -> None:
        self.root, self.node = root, None
        self._lay(root, ROOT, 1, offer, strict)
        found = list(self._nodes(root))
        self.leaves = [node for node in found if not node.is_group]
        where: dict[str, Leaf | Branch] = {}
        whole = _json(root, "", where)
        try:
            self.node = conditions.from_json(whole)
        except conditions.BadConditions as error:
            self._blame(error.problems, where, strict)
        self.wrong = [node for node in found if node.errors]

    @property
    def is_right(self) -> bool:
        return not self.wrong and all(leaf.form.leaf is not None for leaf in self.leaves)

    def _lay(self, branch: Branch, path: str, depth: int, offer: Offer, strict: bool) -> None:
        """Number the nodes and make their forms."""
        branch.path, inside = path, depth + branch.levels
        after = depth + (2 if branch.is_negated and branch.parts else 1)  # once it has one part more
        branch.room = after <= MAX_DEPTH, after < MAX_DEPTH
        for place, part in enumerate(branch.parts):
            part.path = f"{path}-{place}"
            if isinstance(part, Branch):
                self._lay(part, part.path, inside, offer, strict)
            else:
                part.form = LeafForm(part.values, prefix=part.path, offer=offer, strict=strict, focus=part.focus)

    def _nodes(self, node: Leaf | Branch) -> Iterator[Leaf | Branch]:
        yield node
        for part in getattr(node, "parts", ()):
            yield from self._nodes(part)

    def _blame(self, problems: list[tuple[str, str]], where: dict[str, Leaf | Branch], strict: bool) -> None:
        """Put each problem at the node it is about: that of the longest path that leads there."""
        for path, code in problems:
            if code == "empty" and not strict:
                continue
            at = max((known for known in where if f"{path}.".startswith(f"{known}." if known else "")), key=len)
            where[at].errors.append(ERRORS.get(code, UNKNOWN))


def _json(node: Leaf | Branch, at: str, where: dict[str, Leaf | Branch]) -> dict | None:
    """The stored form; `where` learns which node stands at which of its paths. What is not whole yet is left out."""
    where[at] = node
    if isinstance(node, Leaf):
        return node.form.leaf
    kind = "all" if node.kind in ("all", "not_all") else "any"
    alone = node.is_negated and len(node.parts) == 1
    below = f"{at}.not" if alone else f"{at}.not.{kind}" if node.is_negated else f"{at}.{kind}"
    parts = []
    for part in node.parts:
        found = _json(part, (below if alone else f"{below}.{len(parts)}").removeprefix("."), where)
        parts += [found] if found is not None else []
    if not parts and (node.parts or node.path == ROOT):
        return None
    if alone:
        return {"not": parts[0]}
    return {"not": {kind: parts}} if node.is_negated else {kind: parts}


def read(data: QueryDict) -> Branch:
    """The tree of a post, whatever it holds: nodes without a group above them are left out."""
    nodes: dict[str, Leaf | Branch] = {ROOT: Branch(_kind(data.get(f"{ROOT}-kind")))}
    for path in data.getlist("node")[:NODES]:
        above = nodes.get(path.rpartition("-")[0])
        if path in nodes or not _PATH.fullmatch(path) or not isinstance(above, Branch):
            continue
        nodes[path] = _read_node(data, path)
        above.parts.append(nodes[path])
    return nodes[ROOT]


def _read_node(data: QueryDict, path: str) -> Leaf | Branch:
    if f"{path}-kind" in data:
        return Branch(_kind(data[f"{path}-kind"]), path=path)
    return Leaf({name: data.getlist(f"{path}-{name}") for name in NAMES}, path=path)


def _kind(text: str | None) -> str:
    return text if text in dict(KINDS) else "all"


def of(node: Node | None) -> Branch:
    """A stored tree, to edit."""
    if node is None:
        return Branch()
    made = _of(node)
    return made if isinstance(made, Branch) else Branch(parts=[made])


def _of(node: Node) -> Leaf | Branch:
    if isinstance(node, Condition):
        return Leaf(texts_of(node))
    if isinstance(node, Group):
        return Branch(node.kind, [_of(part) for part in node.parts])
    if isinstance(node.part, Group):
        return Branch("not_all" if node.part.kind == "all" else "none", [_of(part) for part in node.part.parts])
    return Branch("none", [_of(node.part)])


def change(root: Branch, do: str) -> None:
    """Do what a button says; what cannot be done is left undone."""
    what, _colon, path = do.partition(":")
    if not _PATH.fullmatch(path):
        return
    steps = [int(step) for step in path.split("-")[1:]]
    if what == "drop":
        _drop(root, steps)
    elif what in ("leaf", "group") and (group := _at(root, steps)):
        new = Leaf(focus=True)
        group.parts.append(new if what == "leaf" else Branch("any", [new]))


def _drop(root: Branch, steps: list[int]) -> None:
    group = _at(root, steps[:-1]) if steps else None
    if group and steps[-1] < len(group.parts):
        group.parts.pop(steps[-1])
        group.focus = True


def _at(node: Leaf | Branch, steps: list[int]) -> Branch | None:
    """The group that the steps lead to."""
    for step in steps:
        if not isinstance(node, Branch) or step >= len(node.parts):
            return None
        node = node.parts[step]
    return node if isinstance(node, Branch) else None
