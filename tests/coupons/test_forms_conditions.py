"""The tree of conditions while it is edited."""

import pytest
from django.http import QueryDict

from coupons.engine.conditions import Group, Leaf, Not, from_json, to_json
from coupons.forms import conditions
from coupons.forms.conditions import Branch, Tree, change, of, read
from coupons.forms.offer import Offer
from tests.factories import make_mall, make_stock, make_store

from .test_forms_stock import query

pytestmark = pytest.mark.django_db

AMOUNT = Leaf("amount_fen", "at_least", 5_050)


@pytest.fixture
def offer(mall, store):
    make_stock(mall=mall)
    return Offer.of(mall)


def posted(tree: Tree) -> QueryDict:
    """What a browser would send for a tree."""
    data = {"node": []}

    def walk(node):
        data["node"].append(node.path)
        if node.is_group:
            data[f"{node.path}-kind"] = node.kind
            for part in node.parts:
                walk(part)
            return
        for bound in node.form:
            value = bound.value()
            data[bound.html_name] = [str(v) for v in value] if isinstance(value, list | tuple) else str(value or "")

    walk(tree.root)
    return query(data)


def leaf(**values) -> dict:
    return {"node": ["c", "c-0"], "c-kind": "all", **{f"c-0-{name}": value for name, value in values.items()}}


def tree_of(data: dict, offer: Offer, **options) -> Tree:
    return Tree(read(query(data)), offer=offer, strict=True, **options)


def every_leaf(mall, store) -> list[Leaf]:
    (stock,) = mall.stocks.values_list("pk", flat=True)
    return [
        AMOUNT,
        Leaf("store", "in", (store.pk,)),
        Leaf("category", "not_in", (store.category_id,)),
        Leaf("weekday", "in", (1, 7)),
        Leaf("minute", "at_most", 1_440),
        Leaf("minute", "at_least", 0),
        Leaf("first_visit", "is", False, stores=(store.pk,)),
        Leaf("visits", "at_least", 0, days=30, categories=(store.category_id,)),
        Leaf("spend_fen", "equals", 0),
        Leaf("days_since_visit", "at_most", 60),
        Leaf("tag", "in", ("gold", "黑卡")),
        Leaf("holds_stock", "not_in", (stock,)),
        Leaf("parked", "is", True),
    ]


def test_every_fact_comes_back_as_it_was_stored(mall, store, offer):
    stored = Group("all", tuple(every_leaf(mall, store)))
    shown = Tree(of(stored), offer=offer)
    again = Tree(read(posted(shown)), offer=offer, strict=True)
    assert (shown.node, again.node, again.is_right) == (stored, stored, True)


@pytest.mark.parametrize(
    "stored",
    [
        {"all": [to_json(AMOUNT)]},
        {"any": [to_json(AMOUNT), {"all": [to_json(AMOUNT), to_json(AMOUNT)]}]},
        {"not": to_json(AMOUNT)},
        {"not": {"any": [to_json(AMOUNT), to_json(AMOUNT)]}},
        {"not": {"all": [to_json(AMOUNT), {"not": {"all": [to_json(AMOUNT), to_json(AMOUNT)]}}]}},
        {"all": [{"any": [{"all": [{"any": [to_json(AMOUNT)]}]}]}]},
        {"not": {"not": {"not": {"not": to_json(AMOUNT)}}}},
    ],
)
def test_groups_come_back_as_they_were_stored(offer, stored):
    again = Tree(read(posted(Tree(of(from_json(stored)), offer=offer))), offer=offer, strict=True)
    assert (to_json(again.node), again.is_right) == (stored, True)


def test_a_single_condition_is_shown_in_a_group(offer):
    assert to_json(Tree(of(AMOUNT), offer=offer).node) == {"all": [to_json(AMOUNT)]}
    assert Tree(of(None), offer=offer).node is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fact": ""}, "fact"),
        ({"fact": "mood"}, "fact"),
        ({"fact": "visits", "op": "at_least", "value": ""}, "value"),
        ({"fact": "visits", "op": "at_least", "value": "many"}, "value"),
        ({"fact": "visits", "op": "at_least", "value": "-1"}, "value"),
        ({"fact": "visits", "op": "at_least", "value": "100001"}, "value"),
        ({"fact": "visits", "op": "at_least", "value": "1", "days": "0"}, "days"),
        ({"fact": "visits", "op": "at_least", "value": "1", "days": "3661"}, "days"),
        ({"fact": "visits", "op": "at_least", "value": "1", "stores": ["999999"]}, "stores"),
        ({"fact": "visits", "op": "at_least", "value": "1", "categories": ["x"]}, "categories"),
        ({"fact": "spend_fen", "op": "at_least", "value": "1.234"}, "value"),
        ({"fact": "store", "op": "in", "value": []}, "value"),
        ({"fact": "store", "op": "in", "value": ["999999"]}, "value"),
        ({"fact": "holds_stock", "op": "in", "value": ["999999"]}, "value"),
        ({"fact": "weekday", "op": "in", "value": ["8"]}, "value"),
        ({"fact": "minute", "op": "at_least", "value": "24:01"}, "value"),
        ({"fact": "minute", "op": "at_least", "value": "noon"}, "value"),
        ({"fact": "tag", "op": "in", "value": " , "}, "value"),
        ({"fact": "tag", "op": "in", "value": "x" * 41}, "value"),
        ({"fact": "tag", "op": "in", "value": "a\x07b"}, "value"),
        ({"fact": "parked", "value": "maybe"}, "value"),
    ],
    ids=str,
)
def test_each_error_is_at_its_condition(offer, values, field):
    tree = tree_of(leaf(**values), offer)
    assert (list(tree.leaves[0].form.errors), tree.node, tree.is_right) == ([field], None, False)


def test_places_and_stocks_of_another_mall_are_refused(offer):
    elsewhere = make_mall()
    for fact, pk in (("store", make_store(mall=elsewhere).pk), ("holds_stock", make_stock(mall=elsewhere).pk)):
        tree = tree_of(leaf(fact=fact, op="in", value=[pk]), offer)
        assert list(tree.leaves[0].form.errors) == ["value"]


def test_while_it_is_written_what_is_missing_is_no_error(offer):
    tree = Tree(read(query(leaf(fact="visits", op="at_least", value=""))), offer=offer)
    assert (dict(tree.leaves[0].form.errors), tree.is_right) == ({}, False)
    wrong = Tree(read(query(leaf(fact="visits", op="at_least", value="x"))), offer=offer)
    assert list(wrong.leaves[0].form.errors) == ["value"]


def test_another_fact_takes_what_still_fits(offer, store):
    kept = tree_of(leaf(was="visits", fact="days_since_visit", op="at_most", value="30"), offer)
    assert kept.node.parts == (Leaf("days_since_visit", "at_most", 30),)
    dropped = tree_of(leaf(was="store", fact="category", op="in", value=[store.pk]), offer)
    assert list(dropped.leaves[0].form.errors) == ["value"]
    truth = tree_of(leaf(was="visits", fact="parked", op="at_least", value="3"), offer)
    assert truth.node.parts == (Leaf("parked", "is", True),)


def test_too_deep_is_said_at_the_node(offer):
    paths = ["c-0" + "-0" * depth for depth in range(5)]
    data = {"node": ["c", *paths], "c-kind": "all", **{f"{path}-kind": "all" for path in paths[:-1]}}
    data |= {f"{paths[-1]}-fact": "parked", f"{paths[-1]}-value": "yes"}
    tree = tree_of(data, offer)
    assert [node.path for node in tree.wrong] == [paths[-1]]
    assert [str(error) for error in tree.wrong[0].errors] == ["This lies too deep: at most five levels."]


def test_too_many_are_said_at_the_root(offer):
    paths = [f"c-{place}" for place in range(31)]
    data = {"node": ["c", *paths], "c-kind": "any", **{f"{path}-fact": "parked" for path in paths}}
    tree = tree_of(data, offer)
    assert [node.path for node in tree.wrong] == ["c"]
    assert tree.node is None


def test_an_empty_group_is_said_once_it_is_saved(offer):
    data = {"node": ["c", "c-0"], "c-kind": "all", "c-0-kind": "none"}
    assert [node.path for node in tree_of(data, offer).wrong] == ["c-0"]
    assert Tree(read(query(data)), offer=offer).wrong == []
    assert tree_of({"node": ["c"], "c-kind": "none"}, offer).is_right


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"node": ["c-0", "c-0-1", "x", "c-", "c-9999999", "", "c-0-0-0"]},
        {"node": ["c", "c", "c-0-0"], "c-kind": "either"},
        {"node": ["c", "c" + "-0" * 30]},
    ],
)
def test_whatever_is_posted_can_be_read(offer, data):
    tree = tree_of(data, offer)
    assert tree.root.kind == "all"
    assert all(leaf.form.leaf is None for leaf in tree.leaves)


def test_nodes_beyond_the_most_are_not_read(offer):
    tree = tree_of({"node": [f"c-{place}" for place in range(500)]}, offer)
    assert len(tree.leaves) == conditions.NODES


def test_buttons_add_nest_and_drop():
    root = Branch()
    for do in ("leaf:c", "group:c", "leaf:c-1"):
        change(root, do)
    assert [part.is_group for part in root.parts] == [False, True]
    assert (root.parts[1].kind, len(root.parts[1].parts)) == ("any", 2)
    change(root, "drop:c-1-0")
    change(root, "drop:c-0")
    assert (len(root.parts), len(root.parts[0].parts), root.parts[0].focus, root.focus) == (1, 1, True, True)


@pytest.mark.parametrize("do", ["", "leaf", "leaf:", "leaf:c-0", "drop:c", "drop:c-7", "drop:c-0-0", "fly:c", "leaf:x"])
def test_what_cannot_be_done_is_left_undone(do):
    root = Branch("any", [conditions.Leaf()])
    change(root, do)
    assert (root.kind, len(root.parts), root.parts[0].is_group) == ("any", 1, False)


def test_groups_offer_only_what_is_not_too_deep(offer):
    def room(stored):
        node = Tree(of(from_json(stored)), offer=offer).root
        while node.parts and node.parts[0].is_group:
            node = node.parts[0]
        return node.room

    inner = {"all": [to_json(AMOUNT)]}
    assert room(inner) == (True, True)
    assert room({"all": [{"all": [{"all": [inner]}]}]}) == (True, False)
    assert room({"all": [{"all": [{"all": [{"not": to_json(AMOUNT)}]}]}]}) == (False, False)


def test_not_of_nothing_whole_is_nothing(offer):
    data = {"node": ["c", "c-0"], "c-kind": "none", "c-0-fact": ""}
    assert Tree(read(query(data)), offer=offer).node is None
    assert isinstance(Tree(of(Not(AMOUNT)), offer=offer).node, Not)
