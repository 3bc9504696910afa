"""Breaking the stack of a rendered Fargate task in the ways that the policy forbids turns its right test red.

One file of `mutations/fargate-task/<event source>/` is one way: which module of infra/ is edited and how,
which test must fail, and what it must say.
"""

from __future__ import annotations

import functools
import json
import shutil
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rendering import TASKS, render_example
from stacks import Synthesiser, replay, run_in
from toolbox import REPOSITORY, tool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "mutations"
MUTATIONS = {name: sorted((FOLDER / "fargate-task" / name).glob("*.toml")) for name in sorted(TASKS)}
ENVIRONMENTS = ("dev", "staging", "prod")
CONTEXT = ("Dockerfile", ".dockerignore", "pyproject.toml", "src", "infra")
"""What the app reads: its own modules, and what the image is made of."""

Verdicts = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One way to break a stack.

    Attributes:
        module: The module of infra/ that is edited.
        edits: Texts of it and what they become; each text occurs once.
        fails: The rendered test that must notice, below tests/infra, for each of its parameters.
        says: What its message must contain.
    """

    module: str
    edits: tuple[tuple[str, str], ...]
    fails: str
    says: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Mutation:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        edits = tuple((old, new) for old, new in table["edits"])
        return cls(module=table["module"], edits=edits, fails=table["fails"], says=tuple(table["says"]))

    def apply(self, infra: Path) -> None:
        text = (infra / self.module).read_text(encoding="utf-8")
        for old, new in self.edits:
            assert text.count(old) == 1, f"{old!r} is not in {self.module} once"
            text = text.replace(old, new)
        (infra / self.module).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Verdicts]:
    """What a repository's policy tests say about each way to break its stack, once an event source."""

    @functools.cache
    def verdicts(event_source: str) -> Verdicts:
        repository: Path = tmp_path_factory.mktemp("mutations") / "service"
        render_example(repository, event_source=event_source, examples=TASKS)
        programs = repository / ".venv" / "bin"
        run_in(repository, programs, str(tool("make")), "setup")
        apps = tmp_path_factory.mktemp("apps")
        paths = MUTATIONS[event_source]
        for name in ("whole", *(path.stem for path in paths)):
            copy(repository, apps / name)
        for path in paths:
            Mutation.read(path).apply(apps / path.stem / "infra")
        made = tmp_path_factory.mktemp("made")
        names = ("whole", *(path.stem for path in paths))
        with Synthesiser(programs / "python", tmp_path_factory.mktemp("process")) as synthesiser:
            for name in names:
                synthesiser.run(apps / name / "infra" / "app.py", made / name)
        judged = [str(replay(made / name)) for name in names]
        said = run_in(repository, programs, "python", str(FOLDER / "judge.py"), str(repository), *judged)
        return dict(zip(names, json.loads(said).values(), strict=True))

    return verdicts


def copy(repository: Path, folder: Path) -> None:
    """Copy what the app reads."""
    folder.mkdir()
    for name in CONTEXT:
        place = repository / name
        (shutil.copytree if place.is_dir() else shutil.copy)(place, folder / name)


@pytest.mark.parametrize("event_source", MUTATIONS)
def test_whole_stack_breaks_nothing(event_source: str, judge: Callable[[str], Verdicts]) -> None:
    assert judge(event_source)["whole"] == {}


@pytest.mark.parametrize(
    ("event_source", "path"),
    [
        pytest.param(event_source, path, id=f"{event_source}-{path.stem}")
        for event_source, paths in MUTATIONS.items()
        for path in paths
    ],
)
def test_mutation_fails_the_right_test_with_the_right_words(
    event_source: str, path: Path, judge: Callable[[str], Verdicts]
) -> None:
    mutation = Mutation.read(path)

    failed = judge(event_source)[path.stem]

    tests = {name.partition("[")[0].removeprefix("tests/infra/") for name in failed}
    assert tests == {mutation.fails}, failed
    assert {where for where in ENVIRONMENTS if any(where in name for name in failed)} == set(ENVIRONMENTS)
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message
