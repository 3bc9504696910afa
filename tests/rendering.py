"""Renders the example service in this process, the same on every day and in every release."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from toolbox import REPOSITORY

from generator import answers, decision, plan, policy, prices, render, source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["EXAMPLE", "render_example"]

EXAMPLE = REPOSITORY / "examples" / "http-api.yaml"
DAY = date(2026, 1, 2)
RELEASE = "v0.0.0"


def render_example(folder: Path, changed: Mapping[str, object] | None = None) -> tuple[str, ...]:
    """Render the example with some answers changed, decided on a fixed day from a release that never was.

    Returns:
        Every file, as sorted POSIX paths.
    """
    rules = policy.load()
    given = answers.check({**answers.read(str(EXAMPLE)), **(changed or {})}, rules)
    planned = plan.make_plan(
        decision.decide(given.workload, rules, prices.load(), source.templates(source.find())),
        given.workload,
        given.project,
        template=replace(source.find(), ref=RELEASE),
        decided_on=DAY,
    )
    return render.render(planned, folder)
