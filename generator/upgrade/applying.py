"""Takes a computed merge into the owner's work tree and index, whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from generator import git
from generator.errors import GitError, ProjectError
from generator.upgrade import journal
from generator.wording import listed

if TYPE_CHECKING:
    from generator.upgrade.checkout import Checkout
    from generator.upgrade.merging import Merge

__all__ = ["apply", "commit"]


def apply(checkout: Checkout, merge: Merge, *, branch: str = "") -> None:
    """Merge in work tree and index, leaving conflicts there as git leaves them.

    Args:
        checkout: The owner's repository.
        merge: What comes out.
        branch: To be made for it; empty for the one that is checked out.

    Raises:
        ProjectError: A file that git does not know lies where the merge would write.
    """
    in_the_way = [
        change.path
        for change in merge.files
        if change.status == "A" and os.path.lexists(checkout.folder / change.path)
    ]
    if in_the_way:
        raise ProjectError(
            f"{checkout.folder}: files that git does not know lie where new ones would come\n"
            f"{listed(in_the_way)}",
            hint="add and commit them, or move them away",
        )
    lock = checkout.git_dir / "index.lock"
    if lock.exists():
        raise ProjectError(
            f"{checkout.folder}: another git is at work in this repository, or was killed there",
            hint=f"wait until it has ended; where none is running, remove {lock}",
        )
    step = journal.Step(
        tree=checkout.tree,
        merged=merge.tree,
        entries=merge.entries,
        subject=merge.manner.subject,
        branch=branch,
    )
    try:
        journal.run(checkout, step)
    except GitError as error:
        raise ProjectError(
            f"{checkout.folder}: git could not merge, and all is as it was\n{error.said.rstrip()}",
            hint="mend what git says, and upgrade again",
        ) from error


def commit(checkout: Checkout, merge: Merge) -> None:
    """Commit what was merged, with the owner's identity and hooks."""
    git.output(checkout.folder, "commit", "--quiet", "--message", merge.manner.subject, "--", ".")
