"""What is measured of the tool: its commands, and Copier on the same template."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

import packages
import yaml
from packages import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "assert_same_tree",
    "copy_command",
    "create_command",
    "decide_command",
    "export_template",
    "help_command",
    "publish_template",
]

ANSWERS = packages.ANSWERS["http"]


def help_command() -> list[str]:
    """Return the command that shows the help."""
    return [sys.executable, "-m", "generator", "--help"]


def decide_command() -> list[str]:
    """Return the command that decides about the example workload."""
    return [sys.executable, "-m", "generator", "decide", "--answers", str(ANSWERS)]


def create_command(target: Path) -> list[str]:
    """Return the command that creates the example service."""
    return packages.create_command(target, ANSWERS)


def export_template(target: Path) -> Path:
    """Copy the template alone into a new folder."""
    shutil.copytree(REPOSITORY / "templates", target / "templates")
    shutil.copy(REPOSITORY / "copier.yml", target)
    return target


def publish_template(target: Path, created: Path) -> Path:
    """Make the template a git repository, tagged with the release that a created repository records.

    Only from such a repository does Copier record a release, as `create` does, and can update later.
    """
    export_template(target)
    release = yaml.safe_load((created / ".copier-answers.yml").read_text(encoding="utf-8"))["_commit"]
    author = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.invalid")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "release"]):
        packages.run_quietly(["git", *author, *command], target)
    packages.run_quietly(["git", "tag", release], target)
    return target


def copy_command(template: Path, created: Path, target: Path) -> list[str]:
    """Return the Copier command that renders what `create` rendered, from the answers that it stored."""
    return [
        *(sys.executable, "-m", "copier", "copy", "--quiet", "--defaults"),
        *("--data-file", str(created / ".copier-answers.yml"), str(template), str(target)),
    ]


def assert_same_tree(created: Path, copied: Path) -> None:
    """Refuse to compare times of different work; only the line of the template's place may differ.

    Raises:
        RuntimeError: They differ elsewhere.
    """
    trees = [
        {
            path.relative_to(folder): re.sub(rb"^_src_path: .*$", b"", path.read_bytes(), flags=re.MULTILINE)
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in (created, copied)
    ]
    names = trees[0].keys() | trees[1].keys()
    different = sorted(str(name) for name in names if trees[0].get(name) != trees[1].get(name))
    if different:
        raise RuntimeError(f"create and copier copy rendered different files: {', '.join(different)}")
