"""Pictures keep their promises: zero at the bottom, everything inside, nothing the content policy forbids."""

from __future__ import annotations

import itertools
import re
from typing import Literal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from wallet_service.faces.shell import charts
from wallet_service.faces.shell.charts import BalanceStep, Frame, Series

VALUES = st.lists(st.integers(0, 10**10), min_size=1, max_size=40)


def frame(count: int, summary: str = "résumé") -> Frame:
    return Frame(600, 260, [str(number) for number in range(count)], str, summary, "aujourd'hui")


def parsed(svg: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(svg))


@given(st.integers(0, 10**12))
def test_ticks_start_at_zero_and_reach_the_highest_value(highest: int) -> None:
    found = charts.ticks(highest)
    assert found[0] == 0
    assert found[-1] >= highest
    assert 2 <= len(found) <= 7
    assert len({after - before for before, after in itertools.pairwise(found)}) == 1


@given(VALUES)
def test_a_line_stays_inside_its_picture_and_zero_is_at_the_bottom(values: list[int]) -> None:
    svg = parsed(charts.area(frame(len(values)), Series("v", values)))
    line = svg.find("polyline")
    zero = svg.find("line[@class='zero']")
    assert line is not None
    assert zero is not None
    for point in line.get("points", "").split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= 600
        assert 0 <= y <= float(zero.get("y1", "0")) + 0.01


@given(VALUES)
def test_columns_are_as_tall_as_their_values(values: list[int]) -> None:
    svg = parsed(charts.columns(frame(len(values)), Series("v", values)))
    heights = [float(rect.get("height", "0")) for rect in svg.findall("rect")]
    assert len(heights) == sum(1 for value in values if value)
    if any(values):
        highest = max(values)
        assert max(heights) == pytest.approx(heights[[v for v in values if v].index(highest)])


def test_a_day_that_is_not_over_is_drawn_apart_and_joined_to_the_line() -> None:
    over, unfinished = parsed(charts.area(frame(4), Series("v", [3, 4, 5, 0]))).findall("polyline")
    assert unfinished.get("class") == "line s1 unfinished"
    assert len(over.get("points", "").split()) == 3
    assert unfinished.get("points", "").split()[0] == over.get("points", "").split()[-1]


def test_two_lines_are_told_apart_without_colour() -> None:
    drawn = str(charts.lines(frame(3), [Series("masse", [1, 2, 3]), Series("réserve", [None, 3, 3])]))
    assert "line s1" in drawn
    assert "line s2" in drawn
    assert ">masse<" in drawn
    assert ">réserve<" in drawn


def test_labels_of_two_lines_that_end_together_do_not_overlap() -> None:
    svg = parsed(charts.lines(frame(2), [Series("a", [5, 5]), Series("b", [5, 5])]))
    heights = [float(text.get("y", "0")) for text in svg.findall("text") if text.get("class") == "label"]
    assert abs(heights[0] - heights[1]) >= charts.LABEL_HEIGHT


def test_nothing_drawn_needs_an_inline_style_and_words_are_escaped() -> None:
    series = [Series("<script>", [1, 2]), Series("b", [0, 1])]
    for drawn in (
        charts.area(frame(2, '"><script>'), series[0], "<b>"),
        charts.lines(frame(2), series),
        charts.up_and_down(frame(2), *series),
        charts.columns(frame(2), series[0]),
        charts.bar(4_100),
        charts.reserve_bar(100, 101),
    ):
        assert "style=" not in drawn
        assert "<script" not in drawn
        ElementTree.fromstring(str(drawn))


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_the_reserve_bar_is_red_only_when_euros_are_missing(supply: int, reserve: int) -> None:
    drawn = str(charts.reserve_bar(supply, reserve))
    assert ("fill short" in drawn) == (reserve < supply)
    for number in re.findall(r'(?:width|x)="([\d.]+)%"', drawn):
        assert 0 <= float(number) <= 100


def test_a_chart_without_any_value_is_drawn() -> None:
    assert "<svg" in charts.area(frame(3), Series("v", [0, 0, 0]))
    assert "<svg" in charts.lines(frame(3), [Series("v", [None, None, None])])


JOINS: list[Literal["tie", "gap", ""]] = ["tie", "gap", ""]
BALANCES = st.lists(
    st.builds(
        BalanceStep, st.integers(-(10**8), 10**10), st.integers(-(10**8), 10**10), st.sampled_from(JOINS)
    ),
    min_size=1,
    max_size=30,
)


@given(BALANCES)
def test_every_break_between_statements_is_drawn_and_every_tie_too(steps: list[BalanceStep]) -> None:
    svg = parsed(charts.balances(frame(len(steps)), steps))
    joins = [step.join for step in steps[1:]]
    for css in ("gap", "tie"):
        assert len(svg.findall(f"line[@class='{css}']")) == joins.count(css)
    assert len(svg.findall("rect")) == len(steps)
    for node in svg.iter():
        for name in ("x", "x1", "x2", "y", "y1", "y2"):
            if node.get(name) is not None and node.tag in ("rect", "line"):
                assert -0.01 <= float(node.get(name, "0")) <= (600.01 if name.startswith("x") else 260.01)


def test_a_gap_of_a_cent_is_as_visible_as_a_large_one() -> None:
    steps = [BalanceStep(0, 10**8, "tie"), BalanceStep(10**8 + 1, 10**8 + 2, "gap")]
    (gap,) = parsed(charts.balances(frame(2), steps)).findall("line[@class='gap']")
    assert float(gap.get("y2", "0")) - float(gap.get("y1", "0")) > 150
