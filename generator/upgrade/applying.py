"""Takes a computed merge into the owner's work tree and index, whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from generator import git
from generator.errors import GitError, ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from generator.upgrade.checkout import Checkout
    from generator.upgrade.merging import Merge

__all__ = ["apply", "commit", "start_branch"]

SHOWN_FILES = 10

# One process of git runs all of it, and ends it whatever becomes of this program. It looks at the files
# first: to git one that was only touched is not what it knew.
_APPLY = """!f() {
    git update-index -q --refresh
    git read-tree -m -u "$1" "$2" && git update-index -z --index-info <"$3" && cp "$4" "$5"
}; f"""


def apply(checkout: Checkout, merge: Merge, scratch: Path) -> None:
    """Merge in work tree and index, leaving conflicts there as git leaves them.

    Raises:
        ProjectError: A file that git does not know lies where the merge would write.
    """
    in_the_way = [
        change.path
        for change in merge.files
        if change.status == "A" and os.path.lexists(checkout.folder / change.path)
    ]
    if in_the_way:
        names = "\n".join(f"  {name}" for name in in_the_way[:SHOWN_FILES])
        raise ProjectError(
            f"{checkout.folder}: files that git does not know lie where new ones would come\n{names}",
            hint="add and commit them, or move them away",
        )
    entries, message = scratch / "entries", scratch / "message"
    entries.write_bytes(merge.entries)
    message.write_text(f"{merge.manner.subject}\n", encoding="utf-8")
    words = (checkout.tree, merge.tree, str(entries), str(message), str(checkout.git_dir / "MERGE_MSG"))
    try:
        git.run_to_the_end(checkout.top, "-c", f"alias.merge-render={_APPLY}", "merge-render", *words)
    except GitError as error:
        raise ProjectError(f"{checkout.folder}: git could not merge\n{error.said.rstrip()}") from error


def start_branch(checkout: Checkout, name: str) -> None:
    """Put what was merged, and not committed yet, on a new branch."""
    git.output(checkout.top, "update-ref", f"refs/heads/{name}", checkout.head, "")
    git.output(checkout.top, "symbolic-ref", "HEAD", f"refs/heads/{name}")


def commit(checkout: Checkout, merge: Merge) -> None:
    """Commit what was merged, with the owner's identity and hooks."""
    git.output(checkout.folder, "commit", "--quiet", "--message", merge.manner.subject, "--", ".")
