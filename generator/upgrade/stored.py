"""The answers file of a project: what it was made from, by which release, of which template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import answers, releases, source
from generator.answers import ANSWERS_FILE
from generator.errors import AnswersFileError, ProjectError
from generator.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Stored", "read"]

_CREATE = "`new-service adopt` gives the parts of a service to a repository that was not made by it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a project was made from.

    Attributes:
        url: Where its template is published.
        tag: The release that it was last rendered from.
        answers: Every answer, with the decision; without what Copier keeps for itself.
    """

    url: str
    tag: str
    answers: Mapping[str, object]

    @property
    def version(self) -> tuple[int, ...]:
        """Return the release as numbers, to compare."""
        return releases.key(self.tag) or ()

    @property
    def decision(self) -> Mapping[str, object]:
        """Return the decision record."""
        decision = self.answers["decision"]
        return decision if isinstance(decision, dict) else {}


def read(folder: Path, *, allowed_url: str = "") -> Stored:
    """Read and check the answers file of a project.

    Args:
        folder: The project.
        allowed_url: A place of templates that the person vouches for, besides the published one.

    Raises:
        ProjectError: There is none, or another template wrote it, or it names no release.
        AnswersFileError: It is no answers file.
    """
    path = folder / ANSWERS_FILE
    if not path.is_file():
        raise ProjectError(f"{folder} was not made by new-service: it has no {ANSWERS_FILE}", hint=_CREATE)
    try:
        loaded = answers.read_stored(str(path))
    except AnswersFileError as error:
        hint = f"git log -p -- {ANSWERS_FILE} shows what it was"
        raise AnswersFileError(error.message, hint=hint) from error
    url, tag = loaded.get("_src_path"), loaded.get("_commit")
    if not isinstance(url, str) or url not in {source.template_url(), allowed_url or source.template_url()}:
        raise ProjectError(
            f"{path} is from another template: {shorten(url or 'it names none', 200)}",
            hint=(
                "`copier update` asks that template; "
                "`--template-url` says that a place with this very URL holds releases of new-service"
            ),
        )
    if not isinstance(tag, str) or releases.key(tag) is None:
        raise ProjectError(
            f"{path}: _commit names no release: {shorten(tag)}",
            hint="releases are called as v0.1.0; `git log -p` shows which one it was",
        )
    decided = isinstance(loaded.get("decision"), dict) and loaded["decision"]
    if not decided or not isinstance(loaded.get("tier"), str):
        raise ProjectError(
            f"{path} holds no decision of new-service", hint="git log -p shows when it was lost"
        )
    kept = {key: value for key, value in loaded.items() if key[:1] != "_"}
    return Stored(url=url, tag=tag, answers=kept)
