"""Each figure through Plotly's own validation, and free of colours."""

import json
from datetime import date

import pytest

from analytics import figures
from analytics.figures import Leaf, Line

DAYS = [date(2026, 11, 20), date(2026, 11, 21)]
FIGURES = {
    "lines": figures.lines(
        DAYS, [Line([1.5, None], ["¥1.50", "–"], fill=True), Line([2, 3, 4], ["2", "3", "4"], "muted")]
    ),
    "bars": figures.bars(
        ["A", "B"], [2, 1], ["2", "1"], clicks=[{"url": "/a/"}, {"url": "/b/"}], roles=["c1", "other"]
    ),
    "heatmap": figures.heatmap(["Mon", "Tue"], ["10:00"], [[1], [2]], [["1"], ["2"]]),
    "treemap": figures.treemap(
        [
            Leaf("all", "All", "", 0, "", "All: 3"),
            Leaf("a", "A", "all", 3, "100%", "A: 3", change=0.1, click={"category": "a"}),
        ]
    ),
}


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_figure_is_valid_and_small_and_has_roles_for_colours(figure):
    import plotly.graph_objects as go

    drawn = go.Figure(figure)
    assert len(drawn.data) == len(figure["data"])
    text = json.dumps(figure)
    assert (
        "#" not in text
        and "rgb" not in text
        and "template" not in text.replace("hovertemplate", "").replace("texttemplate", "")
    )
    assert all(trace["meta"]["role"] for trace in figure["data"])


def test_compared_days_lie_on_the_days_of_the_period():
    shown, compared = FIGURES["lines"]["data"]
    assert shown["x"] == compared["x"] == ["2026-11-20", "2026-11-21"]
    assert compared["y"] == [2, 3]


def test_one_day_is_a_point():
    assert figures.lines(DAYS[:1], [Line([1], ["1"])])["data"][0]["mode"] == "markers"


def test_names_are_no_markup():
    leaf = Leaf("a", "<b>A & B</b>", "", 1, "", "")
    assert figures.treemap([leaf])["data"][0]["labels"] == ["&lt;b&gt;A &amp; B&lt;/b&gt;"]
    assert figures.bars(["<b>"], [1], ["1"])["data"][0]["y"] == ["&lt;b&gt;"]


@pytest.mark.parametrize(
    ("values", "ends"), [([4, 2], [0, 6]), ([0, 0], [0, 0.5]), ([3, -1], [-3, 5]), ([-2], [-3, 1]), ([], [0, 0.5])]
)
def test_bars_leave_room_for_their_texts(values, ends):
    figure = figures.bars([*"AB"][: len(values)], values, [f"{value}" for value in values], room=0.5)
    assert figure["layout"]["xaxis"]["range"] == ends


def test_stacked_bars_are_as_wide_as_their_days():
    import plotly.graph_objects as go

    days = [date(2026, 1, 1), date(2026, 1, 5), date(2026, 1, 12)]
    figure = figures.stacked(days, [Line([1, 2, 3], ["a", "b", "c"]), Line([4, 5, 6], ["d", "e", "f"], "c2")])
    first, second = figure["data"]
    assert [round(width / figures.DAY, 1) for width in first["width"]] == [2.8, 4.9, 4.9]
    assert (second["y"], second["meta"]["role"], figure["layout"]["barmode"]) == ([4, 5, 6], "c2", "stack")
    assert figure["layout"]["xaxis"]["range"] == ["2025-12-31T12:00", "2026-01-18T12:00"]
    go.Figure(figure)


def test_sankey():
    import plotly.graph_objects as go

    nodes = [figures.Node("A & <b>", "all of A", {"url": "/a/"}), figures.Node("B", "all of B")]
    figure = figures.sankey(nodes, [figures.Stream(0, 1, 5, "A to B", "c2", {"filter": {"source": "a"}})])
    (trace,) = figure["data"]
    assert trace["node"]["label"] == ["A &amp; &lt;b&gt;", "B"]
    assert trace["link"]["customdata"] == [[{"filter": {"source": "a"}}, "A to B"]]
    assert trace["meta"]["links"] == ["c2"]
    go.Figure(figure)
