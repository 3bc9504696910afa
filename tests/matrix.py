"""Combinations of the template's options."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from generator import source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["FULL", "Combination", "every_combination", "every_pair"]

FULL = os.environ.get("NEW_SERVICE_MATRIX") == "full"
"""Whether everything is tried, as `make matrix` does, instead of a sample that fits a person's patience."""

Combination = tuple[tuple[str, str], ...]


def every_combination(options: Mapping[str, Sequence[str]]) -> list[Combination]:
    """Return the product of all options, without what a source has no templates for."""
    values = itertools.product(*options.values())
    combinations = (tuple(zip(options, chosen, strict=True)) for chosen in values)
    return [combination for combination in combinations if _is_possible(**dict(combination))]


def every_pair(options: Mapping[str, Sequence[str]]) -> list[Combination]:
    """Return few combinations in which every two values of two options meet at least once, if they ever do.

    Defects that need three options together are rare, and the product grows with every option. The choice is
    greedy and always the same.
    """
    candidates = every_combination(options)
    missing = {pair for candidate in candidates for pair in itertools.combinations(candidate, 2)}
    chosen = []
    while missing:
        best = max(candidates, key=lambda candidate: len(missing & _pairs(candidate)))
        missing -= _pairs(best)
        chosen.append(best)
    return chosen


def _is_possible(event_source: str = "", iac: str = "sam", aws_client: str = "boto3", **_: str) -> bool:
    offered = source.offered(source.root(), "lambda", event_source)
    return iac in offered["iac"] and aws_client in offered["aws_client"]


def _pairs(combination: Combination) -> set[tuple[tuple[str, str], ...]]:
    return set(itertools.combinations(combination, 2))
