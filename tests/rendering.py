"""Renders the example services in this process, the same on every day and in every release."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from toolbox import REPOSITORY

from generator import answers, decision, plan, policy, prices, render, source
from generator.audit import justifications

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["EXAMPLES", "SERVICES", "TASKS", "excuse_from_today", "render_example"]

EXAMPLES: Mapping[str, Path] = {
    "http": REPOSITORY / "examples" / "http-api.yaml",
    **{path.stem: path for path in sorted((REPOSITORY / "tests" / "cases" / "triggers").glob("*.yaml"))},
}
"""One answers file for each event source of Lambda that has templates."""

TASKS: Mapping[str, Path] = {
    path.stem: path for path in sorted((REPOSITORY / "tests" / "cases" / "tasks").glob("*.yaml"))
}
"""The same for what starts a Fargate task."""

SERVICES: Mapping[str, Path] = {
    path.stem: path for path in sorted((REPOSITORY / "tests" / "cases" / "services").glob("*.yaml"))
}
"""The same for what feeds a Fargate service."""

DAY = date(2026, 1, 2)
RELEASE = "v0.0.0"


def render_example(
    folder: Path,
    changed: Mapping[str, object] | None = None,
    event_source: str = "http",
    examples: Mapping[str, Path] = EXAMPLES,
) -> tuple[str, ...]:
    """Render the example of an event source with some answers changed.

    It is decided on a fixed day, from a release that never was.

    Returns:
        Every file, as sorted POSIX paths.
    """
    rules = policy.load()
    given = answers.check({**answers.read(str(examples[event_source])), **(changed or {})}, rules)
    planned = plan.make_plan(
        decision.decide(
            given.workload,
            rules,
            prices.load(),
            source.templates(source.root()),
            **given.project.billed(),
        ),
        given.workload,
        given.project,
        template=replace(source.find(), ref=RELEASE),
        decided_on=DAY,
    )
    return render.render(planned, folder)


def excuse_from_today(repository: Path) -> None:
    """Let an excuse begin today, which would else have ended a year after the examples' fixed day."""
    excuses = repository / justifications.FILE
    if excuses.exists():
        today = datetime.now(tz=UTC).date()
        term = f"created = {today}\nexpires = {today + timedelta(days=365)}"
        text = excuses.read_text(encoding="utf-8")
        excuses.write_text(re.sub(r"created = .*\nexpires = .*", term, text), encoding="utf-8")
