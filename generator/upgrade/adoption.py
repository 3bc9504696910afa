"""Gives an existing repository the parts of a service that it lacks, overwriting nothing.

It is the upgrade's merge with an empty render as the old one: what only the template has comes; what both
have stays as it is and is left open, for a person to compare.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.answers import ANSWERS_FILE
from generator.errors import ProjectError
from generator.upgrade import applying, checkout, journal, merging, report

if TYPE_CHECKING:
    from pathlib import Path

    from generator.plan import RenderPlan
    from generator.upgrade.conflicts import Conflict, FileChange

__all__ = ["Adoption", "adopt", "as_json", "as_text", "find"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What a repository got.

    Attributes:
        folder: As it was named on the command line.
        done: Whether it was merged, rather than only shown.
        committed: Whether it was committed.
        sentence: The decision in one sentence.
        files: What came.
        conflicts: Files that both have; the owner's are as they were.
    """

    folder: str
    done: bool
    committed: bool
    sentence: str
    files: tuple[FileChange, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def exit_code(self) -> int:
        """0 when nothing is left to do, 1 when a person has files to compare."""
        return 1 if self.conflicts else 0


def find(folder: Path, *, branch: str, commits: bool, dry_run: bool) -> checkout.Checkout:
    """Return the repository to adopt, once it is sure that it can be.

    Raises:
        ProjectError: It cannot, or was made from a template already.
        GitError: Git is missing.
    """
    if not folder.is_dir():
        raise ProjectError(f"{folder} is no folder")
    journal.mend(folder, looks=dry_run)
    if (folder / ANSWERS_FILE).exists():
        raise ProjectError(
            f"{folder} was made from a template already: it has {ANSWERS_FILE}", hint="new-service upgrade"
        )
    place = checkout.find(folder)
    checkout.refuse_unfinished_work(place)
    if not dry_run:
        checkout.refuse_cut_off_history(place)
        checkout.refuse_branch(place, branch, commits=commits)
    return place


def adopt(
    place: checkout.Checkout, plan: RenderPlan, scratch: Path, *, branch: str, dry_run: bool
) -> merging.Merge:
    """Render a plan and merge it into a repository; a dry run only computes the merge."""
    from generator import render

    render.render(plan, scratch / "new")
    manner = merging.Manner(
        subject=f"chore: adopt the service template {plan.template.ref}",
        follows_renames=False,
        keeps_own_files=True,
    )
    bench = merging.bench(place, scratch, writes=not dry_run)
    merge = merging.prepare(bench, None, scratch / "new", manner)
    if not dry_run:
        applying.apply(place, merge, branch=branch)
    return merge


def as_text(adoption: Adoption) -> str:
    """Return what a repository got, for a person."""
    verb = "was merged" if adoption.done else "would be merged; nothing was changed"
    parts = [
        f"{adoption.folder}: the service template {verb}",
        adoption.sentence,
        report.files_text(adoption.files),
        report.conflicts_text(adoption.conflicts, adoption.folder),
        _next(adoption),
    ]
    return "\n\n".join(part for part in parts if part)


def _next(adoption: Adoption) -> str:
    if not adoption.done or adoption.committed:
        return ""
    if adoption.conflicts:
        return (
            "Your files are as they were. Next: compare each with the template's "
            "(`git diff --theirs -- FILE`), then\n`git add` and `git commit`; `git reset --merge` undoes all."
        )
    return "Next: `git diff --cached`, `make setup check test`, `git commit`; `git reset --merge` undoes it."


def as_json(adoption: Adoption) -> str:
    """Return what a repository got, for a program."""
    made = {
        "schema_version": SCHEMA_VERSION,
        "path": adoption.folder,
        "state": "committed" if adoption.committed else "merged" if adoption.done else "previewed",
        "decision": adoption.sentence,
        **report.merge_as_json(adoption.files, adoption.conflicts),
        "exit_code": adoption.exit_code,
    }
    return json.dumps(made, indent=2, ensure_ascii=False)
