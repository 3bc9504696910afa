"""Figures beside their goals, as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cold_starts import MOST_OF_POWERTOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cold_starts import ColdStart
    from processes import Ratio

__all__ = [
    "Row",
    "amount_row",
    "cold_starts_markdown",
    "markdown",
    "ratio_row",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured, and against what.
        figure: The figure that the goal bounds.
        shown: The figure as a person reads it.
        unit: The unit of figure and goal.
        at_most: The goal.
        noisy: Whether other work on the machine moves the figure.
    """

    name: str
    figure: float
    shown: str
    unit: str
    at_most: float
    noisy: bool

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.figure <= self.at_most


def ratio_row(name: str, ratio: Ratio, *, at_most: float) -> Row:
    """Make the row of a ratio, with the middle half of its rounds."""
    return Row(
        name=name,
        figure=ratio.median,
        shown=f"{ratio.median:.2f} x ({ratio.low:.2f} to {ratio.high:.2f})",
        unit="x",
        at_most=at_most,
        noisy=True,
    )


def amount_row(name: str, amount: float, unit: str, *, at_most: float, noisy: bool = False) -> Row:
    """Make the row of a size, with three digits."""
    return Row(
        name=name, figure=amount, shown=f"{amount:.3g} {unit}", unit=unit, at_most=at_most, noisy=noisy
    )


def markdown(rows: Iterable[Row]) -> str:
    """Return the table; a missed goal says so."""
    lines = ["| measured | median (middle half) | goal | |", "|---|--:|--:|---|"]
    lines += [
        f"| {row.name} | {row.shown} | ≤ {row.at_most:g} {row.unit} | {_verdict(met=row.met)} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def cold_starts_markdown(starts: Iterable[ColdStart]) -> str:
    """Return the table of cold starts; the goal is for what is rendered."""
    lines = [
        "| CPU time of init | / a bare handler's (middle half) | / the Powertools variant's | goal | |",
        "|---|--:|--:|--:|---|",
    ]
    for start in starts:
        bare, powertools = start.per_bare, start.per_powertools
        goal = f"≤ {MOST_OF_POWERTOOLS:g} x | {_verdict(met=start.met)}"
        lines.append(
            f"| {start.name} | {bare.median:.2f} x ({bare.low:.2f} to {bare.high:.2f}) "
            f"| {powertools.median:.2f} x | {goal if start.is_rendered else '|'} |"
        )
    return "\n".join(lines) + "\n"


def _verdict(*, met: bool) -> str:
    return "met" if met else "**missed**"
