from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from math import log10

import pytest
from cost_cases import basis, demand, public_api, size

from generator import chart
from generator.amounts import dollars, quantity, short
from generator.cost import Cost, estimate_demand


def all_tiers() -> Cost:
    sizes = {
        "lambda": size(512, 0.29),
        "fargate-task": size(16_384, 4),
        "fargate-service": size(1024, 0.5),
        "ec2": size(4096, 2),
    }
    return estimate_demand(demand(60e6, 0.1), sizes, basis(lambda_alarms=3))


def test_terminal_chart_tells_tiers_axes_and_marks_without_colour() -> None:
    drawn = chart.terminal(public_api(), 80, 22, colour=False)

    assert "\x1b" not in drawn
    assert "L lambda, $0.00 idle" in drawn
    assert "S fargate-service, $59.86 idle" in drawn
    assert "┊ asked 60M" in drawn
    assert "║ crossover 43.5M" in drawn
    assert "requests a month" in drawn
    assert "USD a month" in drawn
    for tick in ("10k", "100k", "1M", "10M", "100M", "1B", "$100", "$1k"):
        assert f"{tick}" in drawn


def test_terminal_chart_labels_idle_costs_at_the_left_edge() -> None:
    sizes = {"lambda": size(512, 0.29), "fargate-service": size(1024, 0.5)}
    cost = estimate_demand(demand(60e6, 0.1), sizes, basis(lambda_alarms=3))

    drawn = chart.terminal(cost, 80, 24, colour=False)

    rows = [re.split("[│┤]", line, maxsplit=1)[1] for line in drawn.split("\n") if re.search("[│┤]", line)]
    assert any(row.startswith("$59.86 idle") for row in rows)
    assert any(row.startswith("$0.30 idle") for row in rows)


def test_idle_labels_that_would_overlap_are_left_to_the_legend() -> None:
    drawn = chart.terminal(all_tiers(), 80, 24, colour=False)

    assert (drawn.count("$77.66 idle"), drawn.count("$59.86 idle")) == (2, 1)


def test_lambda_is_below_the_service_at_the_left_and_above_it_at_the_right() -> None:
    plot = [line for line in chart.terminal(public_api(), 80, 24, colour=False).split("\n") if "│" in line]
    place = {
        letter: [
            min(row for row, line in enumerate(plot) if letter in line[columns])
            for columns in (slice(8, 30), slice(70, 80))
        ]
        for letter in "LS"
    }

    assert place["L"][0] > place["S"][0]
    assert place["L"][1] <= place["S"][1]


def test_colours_add_only_escape_sequences() -> None:
    coloured = chart.terminal(public_api(), 80, 22, colour=True)
    plain = chart.terminal(public_api(), 80, 22, colour=False)

    assert "\x1b[" in coloured
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured).split("\n")
    assert [line.rstrip() for line in stripped] == plain.split("\n")


@pytest.mark.parametrize(("width", "height"), [(40, 10), (52, 12), (60, 16), (79, 40)])
def test_chart_keeps_within_the_terminal(width: int, height: int) -> None:
    lines = chart.terminal(all_tiers(), width, height, colour=False).split("\n")

    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(("width", "height"), [(39, 24), (80, 9)])
def test_no_chart_where_there_is_no_room(width: int, height: int) -> None:
    assert chart.terminal(public_api(), width, height, colour=False) == ""


def test_no_chart_where_nothing_is_priced() -> None:
    unpriced = estimate_demand(demand(1, 1, host_needs=frozenset({"macos"})), {"ec2": size(1024, 1)}, basis())

    assert chart.terminal(unpriced, 80, 24, colour=False) == ""


def test_a_workload_without_traffic_is_drawn_without_its_mark() -> None:
    assert "asked" not in chart.terminal(public_api(0), 80, 24, colour=False)


def test_a_chart_leaves_nothing_behind_for_the_next() -> None:
    first = chart.terminal(public_api(), 80, 22, colour=False)
    chart.terminal(all_tiers(), 60, 20, colour=True)

    assert chart.terminal(public_api(), 80, 22, colour=False) == first


def points(cost: Cost, tier: str) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in chart.polyline(cost, tier).split()]  # type: ignore[misc]


def test_polylines_run_from_edge_to_edge_within_the_plot() -> None:
    for tier in ("lambda", "fargate-service", "ec2"):
        drawn = points(all_tiers(), tier)
        assert drawn[0][0] == 0
        assert all(0 <= x <= chart.WIDTH and 0 <= y <= chart.HEIGHT for x, y in drawn)
        assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)


def test_a_line_that_leaves_the_plot_is_cut_at_its_edge() -> None:
    drawn = points(all_tiers(), "fargate-task")

    assert drawn[-1][1] == 0
    assert drawn[-1][0] < chart.WIDTH


def test_dropped_corners_move_a_polyline_by_less_than_a_pixel() -> None:
    cost = all_tiers()
    drawn = points(cost, "fargate-service")

    for point in cost.curve:
        x = (log10(point.requests_per_month) - 4) / 5 * chart.WIDTH
        y = chart.HEIGHT - (log10(point.usd_by_tier["fargate-service"]) + 2) / 6 * chart.HEIGHT
        (x0, y0), (x1, y1) = next((a, b) for a, b in pairwise(drawn) if a[0] - 0.06 <= x <= b[0] + 0.06)
        assert y0 + (y1 - y0) * (x - x0) / (x1 - x0) == pytest.approx(y, abs=1)


def test_the_asked_traffic_and_the_crossover_are_marked_where_they_lie() -> None:
    cost = all_tiers()
    asked, crossover = chart.marks(cost)

    assert asked == ("asked 60M", pytest.approx((log10(60e6) - 4) / 5 * chart.WIDTH, abs=0.06))
    assert crossover[0].startswith("crossover ")
    assert crossover[1] < asked[1]


def test_what_lies_outside_the_svg_is_not_marked() -> None:
    beyond = public_api(5e9)
    without = replace(public_api(), crossover=replace(public_api().crossover, requests_per_month=None))

    assert [words.split()[0] for words, _ in chart.marks(beyond)] == ["crossover"]
    assert [words.split()[0] for words, _ in chart.marks(without)] == ["asked"]


@pytest.mark.parametrize(
    ("usd", "written"),
    [
        (0, "$0.00"),
        (0.001, "under $0.01"),
        (0.3, "$0.30"),
        (45.465, "$45.47"),
        (1234.5, "$1,234"),
        (2e6, "$2,000,000"),
    ],
)
def test_dollars(usd: float, written: str) -> None:
    assert dollars(usd) == written


@pytest.mark.parametrize(
    ("count", "written", "abbreviated"),
    [
        (0, "0", "0"),
        (730, "730", "730"),
        (300_000, "300,000", "300k"),
        (43_525_773, "43.5 million", "43.5M"),
        (1e9, "1 billion", "1B"),
        (1e16, "10,000 trillion", "10,000T"),
    ],
)
def test_quantities(count: float, written: str, abbreviated: str) -> None:
    assert (quantity(count), short(count)) == (written, abbreviated)
