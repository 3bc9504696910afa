"""A project of the first release, and two ways to bring it to this one: `upgrade` and `copier update`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from generator import source
from generator.upgrade.templates import BUNDLE, OWN_TAG

__all__ = ["Rivals"]

REPOSITORY = Path(__file__).parents[1]
FIRST = "v0.0.1"
FIRST_BUNDLE = REPOSITORY / "tests" / "releases" / f"{FIRST}.bundle"
AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.invalid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """Both tools with the same two releases at hand.

    Attributes:
        folder: Where everything lies.
    """

    folder: Path

    @classmethod
    def prepare(cls, folder: Path, answers: Path) -> Rivals:
        """Lay out an installation, a published template, and one project that its owner has edited.

        Args:
            folder: To be made.
            answers: Stored answers of a created service.
        """
        rivals = cls(folder=folder)
        installed = folder / "installed" / "generator"
        shutil.copytree(REPOSITORY / "generator", installed)
        (installed / "_template").mkdir()
        for part in ("CHANGELOG.md", "copier.yml"):
            shutil.copy(REPOSITORY / part, installed / "_template")
        shutil.copytree(REPOSITORY / "templates", installed / "_template" / "templates")
        shutil.copy(FIRST_BUNDLE, installed / "_template" / BUNDLE)
        # What a wheel's metadata would tell: the place of the template.
        shutil.copy(REPOSITORY / "pyproject.toml", installed.parent)
        rivals._publish()
        _run([*rivals._copier("copy"), "--vcs-ref", FIRST, "--data-file", str(answers), *rivals._names()])
        project = rivals.folder / "project"
        (project / "README.md").open("a", encoding="utf-8").write("\n## Ours\n")
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "ours"]):
            _run(["git", "-C", str(project), *AUTHOR, *command])
        return rivals

    def _publish(self) -> None:
        published = self.folder / "published"
        _run(["git", "init", "--quiet", str(published)])
        git = ["git", "-C", str(published), *AUTHOR]
        _run([*git, "fetch", "--quiet", str(FIRST_BUNDLE), "refs/tags/*:refs/tags/*"])
        _run([*git, "checkout", "--quiet", FIRST])
        shutil.rmtree(published / "templates")
        shutil.copytree(REPOSITORY / "templates", published / "templates")
        shutil.copy(REPOSITORY / "copier.yml", published)
        _run([*git, "add", "--all"])
        _run([*git, "commit", "--quiet", "--allow-empty", "--message", OWN_TAG])
        _run([*git, "tag", OWN_TAG])

    def _names(self) -> tuple[str, str]:
        return source.template_url(), str(self.folder / "project")

    def _copier(self, verb: str) -> list[str]:
        """Return a Copier command that finds the published template at its URL without a network."""
        settings = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.folder / 'published'}.insteadOf",
            "GIT_CONFIG_VALUE_0": source.template_url(),
            "COPIER_CACHE_DIR": str(self.folder / "cache"),
        }
        words = [f"{key}={value}" for key, value in settings.items()]
        return ["env", *words, sys.executable, "-m", "copier", verb, "--defaults", "--quiet"]

    def copier_update(self) -> list[str]:
        """Return the command that Renovate would run."""
        environment, words = self._copier("update")[:5], self._copier("update")[5:]
        options = ["--skip-answered", "--answers-file", ".copier-answers.yml", "--vcs-ref", OWN_TAG]
        return [*environment, "env", "-C", str(self.folder / "project"), *words, *options]

    def upgrade(self, *projects: Path) -> list[str]:
        """Return the command of the installed tool; by default for the one project."""
        names = [str(project) for project in projects or (self.folder / "project",)]
        return [
            *("env", "-C", str(self.folder), f"PYTHONPATH={self.folder / 'installed'}"),
            f"NEW_SERVICE_CACHE={self.folder / 'kept'}",
            *(sys.executable, "-m", "generator", "upgrade", *names),
        ]

    def start_over(self) -> None:
        """Put the project back to what its owner committed."""
        git = ["git", "-C", str(self.folder / "project")]
        _run([*git, "reset", "--quiet", "--hard"])
        _run([*git, "clean", "--quiet", "-fd"])

    def copies(self, count: int) -> tuple[Path, ...]:
        """Return as many copies of the project."""
        self.start_over()
        made = (self.folder / "copies" / str(number) for number in range(count))
        return tuple(shutil.copytree(self.folder / "project", copy) for copy in made)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}")
