"""Cost over traffic on logarithmic scales: drawn in a terminal by plotext, and as coordinates for an SVG."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from generator.amounts import dollars, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.cost import Cost, TierCost

__all__ = ["COLOURS", "HEIGHT", "WIDTH", "marks", "polyline", "terminal"]

# The plot area of the SVG, and the powers of ten at its edges: the partial that draws the axes has the same.
WIDTH, HEIGHT = 640, 360
TRAFFIC_DECADES = (4, 9)
USD_DECADES = (-2, 4)
COLOURS = {"lambda": "#d86613", "fargate-task": "#2e7d32", "fargate-service": "#1f5fbf", "ec2": "#6b4ba1"}

_LETTERS = {"lambda": "L", "fargate-task": "T", "fargate-service": "S", "ec2": "E"}
_NARROWEST, _LOWEST = 40, 10
_FRAME_ROWS = 4
_INDENT = 2
_LEAST_USD = 0.01
_VISIBLE = 0.2
_LETTER_COLOURS = {"lambda": "orange+", "fargate-task": "green", "fargate-service": "blue+", "ec2": "magenta"}


def terminal(cost: Cost, width: int, height: int, *, colour: bool) -> str:
    """Return the chart as text, or an empty string where there is no room or nothing to draw.

    Each tier is drawn with its letter, so the lines can be told apart without colour.

    Args:
        cost: The estimate.
        width: Columns of the terminal.
        height: Rows that the chart may take, its legend included.
        colour: Whether ANSI colours are wanted.
    """
    if width < _NARROWEST or height < _LOWEST or not cost.by_tier:
        return ""
    legend = _legend(cost, width)
    rows = max(_LOWEST, height - len(legend))
    return "\n".join((*_plot(cost, width, rows, colour=colour), *legend))


def _plot(cost: Cost, width: int, rows: int, *, colour: bool) -> list[str]:
    import plotext  # type: ignore[import-untyped]

    def painted(sign: str, paint: str) -> object:
        return plotext.colorize(sign, paint) if colour else sign

    figure = plotext.figure
    figure.clear()
    figure.plot_size(width, rows)
    figure.theme("simple" if colour else "colorless")
    lowest, highest = _usd_decades(cost)
    left, right = log10(cost.curve[0].requests_per_month), log10(cost.curve[-1].requests_per_month)
    for _, requests, sign in _marks(cost):
        if left <= (place := log10(requests)) <= right:
            figure.draw(
                figure.signal([place, place], [lowest, highest], marker=painted(sign, "gray")).lines()
            )
    for tier in cost.by_tier:
        letter = painted(_LETTERS[tier.tier], _LETTER_COLOURS[tier.tier])
        drawn = [
            (log10(point.requests_per_month), log10(point.usd_by_tier[tier.tier]))
            for point in cost.curve
            if point.usd_by_tier[tier.tier] >= 10**lowest
        ]
        figure.draw(figure.signal([x for x, _ in drawn], [y for _, y in drawn], marker=letter).lines())
    for tier, label_at in _idle_labels(cost, lowest, highest, rows):
        figure.draw(figure.text(left, label_at, f"{dollars(tier.idle_usd_per_month)} idle", alignment="left"))
    _ticks(
        figure.ruler("x"), left, right, [short(10**decade) for decade in range(ceil(left), floor(right) + 1)]
    )
    _ticks(
        figure.ruler("y"), lowest, highest, [f"${short(10**decade)}" for decade in range(lowest, highest + 1)]
    )
    figure.label("requests a month", "x")
    figure.label("USD a month", "y")
    lines: str = figure.build().string(colorless=not colour)
    figure.clear()
    return [line.rstrip() for line in lines.rstrip("\n").split("\n")]


def _ticks(ruler: Any, lowest: float, highest: float, labels: Sequence[str]) -> None:  # noqa: ANN401  untyped plotext
    ruler.lim(lowest, highest)
    ruler.ticks([ceil(lowest) + step for step in range(len(labels))], labels)


def _usd_decades(cost: Cost) -> tuple[int, int]:
    """Return the powers of ten below and above every cost of a cent or more."""
    every = (point.usd_by_tier[tier.tier] for point in cost.curve for tier in cost.by_tier)
    amounts = [usd for usd in every if usd >= _LEAST_USD] or [1.0]
    lowest = floor(log10(min(amounts)))
    return lowest, max(lowest + 1, ceil(log10(max(amounts))))


def _marks(cost: Cost) -> Iterator[tuple[str, float, str]]:
    """Yield what is marked on the axis of traffic: words, requests a month, sign of the line."""
    if cost.requests_per_month >= 1:
        yield "asked", cost.requests_per_month, "┊"
    if cost.crossover.requests_per_month:
        yield "crossover", cost.crossover.requests_per_month, "║"


def _idle_labels(cost: Cost, lowest: int, highest: int, rows: int) -> Iterator[tuple[TierCost, float]]:
    """Yield the tiers whose idle cost has room at the left edge, with the height of the label."""
    taken: list[float] = []
    line = (highest - lowest) / max(1, rows - _FRAME_ROWS)
    for tier in sorted(cost.by_tier, key=lambda tier: -tier.idle_usd_per_month):
        if tier.idle_usd_per_month >= 10**lowest:
            height = min(log10(tier.idle_usd_per_month) + line, highest)
            if all(abs(height - other) >= 1.5 * line for other in taken):
                taken.append(height)
                yield tier, height


def _legend(cost: Cost, width: int) -> list[str]:
    """Return what the letters and the upright lines mean, as few lines as the width allows."""
    entries = [
        f"{_LETTERS[tier.tier]} {tier.tier}, {dollars(tier.idle_usd_per_month)} idle" for tier in cost.by_tier
    ]
    entries += [f"{sign} {words} {short(requests)}" for words, requests, sign in _marks(cost)]
    lines = [""]
    for entry in entries:
        if lines[-1] and len(lines[-1]) + len(entry) + _INDENT + 1 > width:
            lines.append("")
        lines[-1] += ("   " if lines[-1] else " ") + entry
    return lines


def polyline(cost: Cost, tier: str) -> str:
    """Return a tier's cost curve as the `points` of an SVG polyline in the plot area, cut at its edges."""
    placed = [
        _place(point.requests_per_month, point.usd_by_tier[tier])
        for point in cost.curve
        if point.usd_by_tier[tier] > 0
    ]
    kept: list[tuple[float, float]] = placed[:1] if placed and 0 <= placed[0][1] <= HEIGHT else []
    for (x0, y0), (x1, y1) in pairwise(placed):
        crossed = [edge for edge in (0.0, float(HEIGHT)) if (y0 - edge) * (y1 - edge) < 0]
        kept += [(x0 + (x1 - x0) * (edge - y0) / (y1 - y0), edge) for edge in crossed]
        kept += [(x1, y1)] if 0 <= y1 <= HEIGHT else []
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in _corners(kept))


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points without those that lie on the straight line between their neighbours."""
    kept = list(points[:1])
    for (x, y), (x2, y2) in pairwise(points[1:]):
        x1, y1 = kept[-1]
        if abs(y1 + (y2 - y1) * (x - x1) / ((x2 - x1) or 1) - y) > _VISIBLE:
            kept.append((x, y))
    return kept + list(points[1:][-1:])


def _place(requests: float, usd: float) -> tuple[float, float]:
    (left, right), (low, high) = TRAFFIC_DECADES, USD_DECADES
    x = (log10(requests) - left) / (right - left) * WIDTH
    return x, HEIGHT - (log10(usd) - low) / (high - low) * HEIGHT


def marks(cost: Cost) -> Iterator[tuple[str, float]]:
    """Yield what is marked on the axis of traffic of the SVG: its words, and x in the plot area."""
    for words, requests, _ in _marks(cost):
        x, _ = _place(requests, 1)
        if 0 <= x <= WIDTH:
            yield f"{words} {short(requests)}", round(x, 1)
