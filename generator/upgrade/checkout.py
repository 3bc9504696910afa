"""The git repository that a project lives in: where it is, and whether a merge may be made in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator import git
from generator.errors import GitError, NewServiceError, ProjectError
from generator.wording import listed, shorten

__all__ = [
    "Checkout",
    "find",
    "refuse_branch",
    "refuse_cut_off_history",
    "refuse_unfinished_work",
    "refuse_what_git_does_not_know",
]

_TOLD_BEFORE_HEAD = 6
"""Lines that git prints about a work tree before it fails at a commit that is not there."""

_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A folder inside a git work tree.

    Attributes:
        folder: The project.
        top: The root of the work tree.
        prefix: The project below the root, with a slash behind; empty when it is the root.
        git_dir: Where git keeps the state of this work tree.
        objects: Where git keeps objects.
        head: The commit that is checked out.
        tree: Its tree.
        branch: The branch that is checked out; empty when none is.
        algorithm: `sha1` or `sha256`.
        is_shallow: Whether the history is cut off.
    """

    folder: Path
    top: Path
    prefix: str
    git_dir: Path
    objects: Path
    head: str
    tree: str
    branch: str
    algorithm: str
    is_shallow: bool


def find(folder: Path) -> Checkout:
    """Return what git knows of a folder.

    Raises:
        ProjectError: It is in no repository, or in one without a commit.
        GitError: Git is missing.
    """
    asked = (
        *("--path-format=absolute", "--show-toplevel", "--git-dir", "--git-path", "objects"),
        *("--show-prefix", "--show-object-format", "--is-shallow-repository"),
        *("HEAD", "HEAD^{tree}", "--symbolic-full-name", "HEAD"),
    )
    code, printed = git.answer(folder, "rev-parse", *asked, accepted=(0, 128))
    told = printed.decode("utf-8", "surrogateescape").split("\n")
    if code and len(told) <= _TOLD_BEFORE_HEAD:
        raise _no_work_tree(folder)
    if code:
        raise ProjectError(
            f"{folder}: nothing is committed yet", hint="git add --all && git commit -m 'as it is'"
        )
    top, git_dir, objects, prefix, algorithm, is_shallow, head, tree, branch = told[:9]
    return Checkout(
        folder=folder,
        top=Path(top),
        prefix=prefix,
        git_dir=Path(git_dir),
        objects=Path(objects),
        head=head,
        tree=tree,
        branch=branch.removeprefix("refs/heads/") if branch != "HEAD" else "",
        algorithm=algorithm,
        is_shallow=is_shallow == "true",
    )


def _no_work_tree(folder: Path) -> NewServiceError:
    """Say why git knows no work tree: there is none, or git does not trust it, which it says best itself."""
    try:
        git.output(folder, "rev-parse", "--show-toplevel")
    except GitError as error:
        if "not a git repository" not in error.said:
            return error
    return ProjectError(
        f"{folder} lies in no git work tree, and an upgrade is a git merge",
        hint="git init && git add --all && git commit -m 'as it is'",
    )


def refuse_what_git_does_not_know(checkout: Checkout, name: str) -> None:
    """Refuse a project that was never committed: all of it would look as if its owner had deleted it.

    Raises:
        ProjectError: The last commit does not have the named file of the project.
    """
    code, _ = git.answer(
        checkout.top, "cat-file", "-e", f"{checkout.head}:{checkout.prefix}{name}", accepted=(0, 1, 128)
    )
    if code:
        raise ProjectError(
            f"{checkout.folder}: {name} is not committed", hint="git add --all . && git commit -m 'as it is'"
        )


def refuse_unfinished_work(checkout: Checkout) -> None:
    """Refuse to merge into what could not be told apart from the merge afterwards.

    Files that git does not know may lie there; a merge that would write over one is refused on its own.

    Raises:
        ProjectError: Something is under way, or changed and not committed.
    """
    for mark, name in _UNDER_WAY.items():
        if (checkout.git_dir / mark).exists():
            raise ProjectError(
                f"{checkout.folder}: a {name} is under way",
                hint=f"finish it, or end it by `git {name} --abort`",
            )
    status = git.output(
        checkout.folder, "status", "--porcelain", "-z", "--untracked-files=no", "--no-renames", "--", "."
    )
    changed = [line[3:] for line in status.decode("utf-8", "replace").split("\0") if line]
    if changed:
        raise ProjectError(
            f"{checkout.folder}: there are changes that are not committed\n{listed(changed)}",
            hint="commit them, or put them away with `git stash`",
        )


def refuse_cut_off_history(checkout: Checkout) -> None:
    """Refuse a clone that lacks its history: what is merged there cannot be compared or pushed everywhere.

    Raises:
        ProjectError: The clone is shallow.
    """
    if checkout.is_shallow:
        raise ProjectError(
            f"{checkout.folder} is a shallow clone, without the history that a merge belongs to",
            hint="git fetch --unshallow; `--check` and `--dry-run` work without it",
        )


def refuse_branch(checkout: Checkout, name: str, *, commits: bool) -> None:
    """Refuse a branch that cannot be made, or a commit that no branch would hold.

    Raises:
        ProjectError: The name is taken or no name, or nothing is checked out that could be committed to.
    """
    if not name:
        if commits and not checkout.branch:
            raise ProjectError(
                f"{checkout.folder}: no branch is checked out, so the commit would be lost",
                hint="name one with --branch",
            )
        return
    code, _ = git.answer(checkout.folder, "check-ref-format", "--branch", name, accepted=(0, 1, 128, 129))
    if code:
        raise ProjectError(f"--branch {shorten(name)}: no name that git takes for a branch")
    code, _ = git.answer(
        checkout.folder, "show-ref", "--verify", "--quiet", f"refs/heads/{name}", accepted=(0, 1)
    )
    if code == 0:
        raise ProjectError(f"--branch {shorten(name)}: there is a branch of this name", hint="choose another")
