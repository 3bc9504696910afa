"""Breaking the stack of a rendered Fargate task or service in forbidden ways turns its right test red.

One file of `mutations/<tier>/<event source>/` is one way: which module of infra/ is edited and how,
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
from environments import lend, set_up
from matrix import FULL
from rendering import SERVICES, TASKS, render_example
from stacks import deploy_only_to, replay, run_in
from test_mutations import judged_of
from toolbox import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from stacks import Synthesiser

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "mutations"
SHAPES: dict[str, tuple[Mapping[str, Path], str, dict[str, object]]] = {
    **{f"fargate-task/{name}": (TASKS, name, {}) for name in sorted(TASKS)},
    **{f"fargate-service/{name}": (SERVICES, name, {}) for name in sorted(SERVICES)},
    **{
        f"fargate-service/{name}-critical": (SERVICES, name, {"critical": True})
        for name in sorted(SERVICES)
        if (FOLDER / f"fargate-service/{name}-critical").is_dir()
    },
    "fargate-service/lookup-udp": (SERVICES, "lookup", {"protocol": "udp", "message_kb": 1}),
    **{
        f"fargate-service/{name}-asleep": (SERVICES, name, {"critical": False})
        for name in sorted(SERVICES)
        if (FOLDER / f"fargate-service/{name}-asleep").is_dir()
    },
}
"""What is rendered: an example and the answers that are changed, by its folder of mutations."""
MUTATIONS = {shape: sorted((FOLDER / shape).glob("*.toml")) for shape in SHAPES}
# What a service does is mostly the same whether it sleeps or not; tasks are tried in containers.
TRIED = [
    shape
    for shape in SHAPES
    if FULL
    or shape
    in {*(f"fargate-service/{event_source}" for event_source in SERVICES), "fargate-service/lookup-udp"}
]
TRIED_OF = {
    # The server of what a look-up wakes is that of `tcp` or `udp`, and tried there.
    "fargate-service/lookup": "wake",
    # What keeps a service of datagrams awake, and when it is ready; the rest of its wake is that of `tcp`.
    "fargate-service/lookup-udp": "keep_it_awake or ready",
}
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
def repository_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A repository, once a shape."""

    @functools.cache
    def made(shape: str) -> Path:
        repository: Path = tmp_path_factory.mktemp("mutations") / "service"
        examples, event_source, changed = SHAPES[shape]
        render_example(repository, changed, event_source, examples)
        return repository

    return made


@pytest.fixture(scope="module")
def judge(
    repository_of: Callable[[str], Path],
    synthesiser: Synthesiser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Verdicts]:
    """What a repository's policy tests say about each way to break its stack, once a shape."""

    @functools.cache
    def verdicts(shape: str) -> Verdicts:
        repository = repository_of(shape)
        programs = lend(repository, tmp_path_factory.mktemp("lent"))
        apps = tmp_path_factory.mktemp("apps")
        paths = MUTATIONS[shape]
        for name in ("whole", *(path.stem for path in paths)):
            copy(repository, apps / name)
        for path in paths:
            Mutation.read(path).apply(apps / path.stem / "infra")
        made = tmp_path_factory.mktemp("made")
        names = ("whole", *(path.stem for path in paths))
        for name in names:
            synthesiser.run(apps / name / "infra" / "app.py", made / name)
        judged = [str(replay(made / name)) for name in names]
        program = [str(FOLDER / "judge.py"), str(repository), ",".join(judged_of(ENVIRONMENTS))]
        said = run_in(repository, programs, "python", *program, *judged)
        return dict(zip(names, json.loads(said).values(), strict=True))

    return verdicts


def copy(repository: Path, folder: Path) -> None:
    """Copy what the app reads."""
    folder.mkdir()
    for name in CONTEXT:
        place = repository / name
        (shutil.copytree if place.is_dir() else shutil.copy)(place, folder / name)
    deploy_only_to(judged_of(ENVIRONMENTS), folder / "infra" / "app.py")


@pytest.mark.parametrize("shape", TRIED)
def test_unit_tests_that_are_rendered_pass(shape: str, repository_of: Callable[[str], Path]) -> None:
    repository = repository_of(shape)
    programs = set_up(repository)

    chosen = () if FULL or shape not in TRIED_OF else ("-k", TRIED_OF[shape])
    run_in(repository, programs, "pytest", "-q", "tests/unit", *chosen)


@pytest.mark.parametrize("shape", MUTATIONS)
def test_whole_stack_breaks_nothing(shape: str, judge: Callable[[str], Verdicts]) -> None:
    assert judge(shape)["whole"] == {}


@pytest.mark.parametrize(
    ("shape", "path"),
    [
        pytest.param(shape, path, id=f"{shape}:{path.stem}")
        for shape, paths in MUTATIONS.items()
        for path in paths
    ],
)
def test_mutation_fails_the_right_test_with_the_right_words(
    shape: str, path: Path, judge: Callable[[str], Verdicts]
) -> None:
    mutation = Mutation.read(path)

    failed = judge(shape)[path.stem]

    tests = {name.partition("[")[0].removeprefix("tests/infra/") for name in failed}
    assert tests == {mutation.fails}, failed
    assert {where for where in ENVIRONMENTS if any(where in name for name in failed)} == set(
        judged_of(ENVIRONMENTS)
    )
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message
