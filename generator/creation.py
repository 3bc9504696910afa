"""Makes a planned repository: files, lock, first commit; and says what was made and what comes next."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import repository, terminal

if TYPE_CHECKING:
    from generator.audit.outcome import Outcome
    from generator.plan import RenderPlan

__all__ = ["Creation", "create", "preview"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """What was made.

    Attributes:
        folder: Absolute path of the repository.
        files: Every rendered file, as sorted POSIX paths; the lock is among them when it could be made.
        audit: What the audit says of it.
        committed: Whether everything is in a first commit.
        notes: What could not be done and why, in whole sentences without full stop.
        next_steps: Commands in the order in which a person needs them.
    """

    folder: Path
    files: tuple[str, ...]
    audit: Outcome
    committed: bool = False
    notes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()


def create(plan: RenderPlan, folder: Path, *, with_git: bool) -> Creation:
    """Create the repository of a plan.

    Args:
        plan: What to render.
        folder: Path that `target.check` returned.
        with_git: Whether to lock the dependencies and commit everything.

    Raises:
        RenderError: The template cannot be rendered; nothing was made.
        TargetError: The folder cannot be created; nothing was made.
    """
    files = _render(plan, folder)
    steps = _settle(folder, str(plan.answers["project_name"])) if with_git else ()
    if steps and steps[0].done:
        files = tuple(sorted({*files, "uv.lock"}))
    later = tuple(step.command for step in steps if step.command)
    return Creation(
        folder=folder,
        files=files,
        audit=_audit(folder),
        committed=bool(steps) and steps[-1].done,
        notes=tuple(step.note for step in steps if step.note),
        next_steps=(f"cd {shlex.quote(str(folder))}", *later, "make setup check test build", "make deploy"),
    )


def _settle(folder: Path, name: str) -> tuple[repository.Outcome, ...]:
    """Lock the dependencies, then commit everything; what is interrupted here leaves complete files."""
    try:
        with terminal.progress("locking the dependencies"):
            locked = repository.lock(folder)
        return locked, repository.start(folder, f"feat: start {name} with new-service")
    except (KeyboardInterrupt, SystemExit):
        terminal.say(f"\nall files are in {folder}, but not committed")
        raise


def _audit(folder: Path) -> Outcome:
    from generator.audit import judging

    with terminal.progress("auditing the repository"):
        return judging.outcome_of(folder)


def preview(plan: RenderPlan) -> tuple[str, ...]:
    """Return the files that a plan would make; they are rendered into a temporary folder and removed."""
    with tempfile.TemporaryDirectory(prefix="new-service-") as folder:
        return _render(plan, Path(folder).resolve() / "preview")


def _render(plan: RenderPlan, folder: Path) -> tuple[str, ...]:
    with terminal.progress("rendering the repository"):
        from generator import render

        return render.render(plan, folder)
