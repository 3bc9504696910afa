"""Projects in git repositories, made by the first release or this one, and upgrades in this process."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from rendering import EXAMPLES
from toolbox import REPOSITORY

from generator import answers, decision, plan, policy, prices, render, source
from generator.upgrade import one
from generator.upgrade.deciding import Wish
from generator.upgrade.one import Order
from generator.upgrade.templates import OWN_TAG, Templates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.upgrade.report import Report

__all__ = ["DAY", "FIRST", "FIRST_BUNDLE", "Project", "Workshop", "git", "templates_in"]

FIRST = "v0.0.1"
FIRST_BUNDLE = REPOSITORY / "tests" / "releases" / f"{FIRST}.bundle"
DAY = date(2026, 1, 2)
LATER = date(2026, 2, 3)

_AUTHOR = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in {"NAME": "Owner", "EMAIL": "owner@example.invalid"}.items()
}


def git(folder: Path, *words: str) -> str:
    """Run git as the owner of a project, untouched by the configuration of this machine."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**os.environ, **alone, **_AUTHOR},
        capture_output=True,
        check=False,
        encoding="utf-8",
        errors="surrogateescape",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def templates_in(scratch: Path) -> Templates:
    """Return the templates of the first release and of this one."""
    return Templates(scratch=scratch, bundle=FIRST_BUNDLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project in a repository that its owner works on.

    Attributes:
        folder: The project.
        top: The repository's root.
    """

    folder: Path
    top: Path

    def commit(self, message: str = "work") -> None:
        git(self.top, "add", "--all")
        git(self.top, "commit", "--quiet", "--allow-empty", "--message", message)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")

    def append(self, name: str, text: str) -> None:
        self.write(name, self.read(name) + text)

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode("utf-8")

    def status(self) -> dict[str, str]:
        """Return git's two letters for each path."""
        lines = git(self.top, "status", "--porcelain", "-z", "--no-renames").split("\0")
        return {line[3:]: line[:2] for line in lines if line}

    def files(self) -> dict[str, tuple[bytes, bool]]:
        """Return content and exec bit of every file, without git's own."""
        return {
            path.relative_to(self.folder).as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
            for path in self.folder.rglob("*")
            if path.is_file() and ".git" not in path.relative_to(self.folder).parts
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """Makes projects and upgrades them.

    Attributes:
        folder: Where.
        templates: Of the first release and this one.
    """

    folder: Path
    templates: Templates

    def render(self, folder: Path, tag: str = OWN_TAG, event_source: str = "http", **changed: object) -> None:
        """Render an example as a release did."""
        planned = planned_example(event_source, changed)
        template = self.templates.at(tag, source.template_url())
        asked = render.questions(template)
        known = {key: value for key, value in planned.answers.items() if key in asked}
        render.render(replace(planned, template=template, answers=known), folder)

    def project(
        self, name: str = "shop", tag: str = FIRST, event_source: str = "http", **changed: object
    ) -> Project:
        """Make a project in a repository of its own, with everything committed."""
        folder = self.folder / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.render(folder, tag, event_source, **changed)
        git(folder, "init", "--quiet", "-b", "main")
        project = Project(folder=folder, top=folder)
        project.commit("as rendered")
        return project

    def upgrade(self, project: Project, *data: str, moves: bool = False, **order: object) -> Report:
        """Upgrade a project in this process."""
        wanted = replace(Order(wish=Wish(assignments=data, moves=moves)), **order)  # type: ignore[arg-type]
        return one.upgrade(str(project.folder), wanted, policy.load(), self.templates, today=LATER)


def planned_example(event_source: str, changed: Mapping[str, object]) -> plan.RenderPlan:
    rules = policy.load()
    given = answers.check({**answers.read(str(EXAMPLES[event_source])), **changed}, rules)
    decided = decision.decide(
        given.workload,
        rules,
        prices.load(),
        source.templates(source.root()),
        **given.project.billed(),
    )
    return plan.make_plan(decided, given.workload, given.project, template=source.find(), decided_on=DAY)
