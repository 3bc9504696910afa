"""Breaking a rendered template in each way that the policy forbids turns its right test red.

One file of `mutations/` is one way: how the template is edited, which test must fail, and what it must say.
Those that stand there at once are tried on the HTTP API, those in `mutations/<event source>/` on its example,
those in `mutations/<event source>-<variant>/` on that example with other answers, together with those of the
event source that say so (`also_on`). They are judged as production has them; in every environment by
`NEW_SERVICE_MATRIX=full`, as `make matrix` sets it.
"""

from __future__ import annotations

import ast
import functools
import json
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from environments import lend, set_up
from matrix import FULL
from rendering import EXAMPLES, render_example
from toolbox import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "mutations"


def ways_to_break(service: str) -> list[Path]:
    """Return the mutations of a service: its own, and those of another one that are meant for it too."""
    own = (FOLDER if service == "http" else FOLDER / service).glob("*.toml")
    others = FOLDER.glob("*/*.toml") if service not in EXAMPLES else ()
    return sorted([*own, *(path for path in others if service in read(path).get("also_on", []))])


def judged_of(environments: Iterable[str]) -> list[str]:
    """Return those environments in which what is broken is judged in this run."""
    return [where for where in environments if FULL or where == "prod"]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


SERVICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    **{name: (name, {}) for name in sorted(EXAMPLES)},
    "stream-kinesis": ("stream", {"stream_source": "kinesis"}),
    "workflow-durable": ("workflow", {"orchestration": "durable-function", "trigger": "schedule"}),
}
MUTATIONS = {name: ways_to_break(name) for name in SERVICES}
ENVIRONMENTS = ("default parameters", "dev", "staging", "prod")

Verdicts = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One way to break a template.

    Attributes:
        file: Which file of the repository is edited.
        fails: The rendered test that must notice, below tests/infra.
        says: What its message must contain.
        environments: In which environments it must notice; in all unless said.
        edits: Texts of the file and what they become; each text occurs once.
        resources: Resources to add to the template, as YAML.
    """

    file: str
    fails: str
    says: tuple[str, ...]
    environments: tuple[str, ...]
    edits: tuple[tuple[str, str], ...]
    resources: str

    @classmethod
    def read(cls, path: Path) -> Mutation:
        table = read(path)
        return cls(
            file=table.get("file", "template.yaml"),
            fails=table["fails"],
            says=tuple(table["says"]),
            environments=tuple(table.get("environments", ENVIRONMENTS)),
            edits=tuple((old, new) for old, new in table.get("edits", [])),
            resources=table.get("resources", ""),
        )

    def apply(self, text: str) -> str:
        for old, new in self.edits:
            assert text.count(old) == 1, f"{old!r} is not in {self.file} once"
            text = text.replace(old, new)
        return text.replace("\nOutputs:\n", f"{self.resources}\nOutputs:\n")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Verdicts]:
    """What a repository's policy tests say about each way to break its template, once an event source."""

    @functools.cache
    def verdicts(service: str) -> Verdicts:
        repository: Path = tmp_path_factory.mktemp("mutations") / "service"
        event_source, changed = SERVICES[service]
        render_example(repository, changed, event_source)
        python = lend(repository, tmp_path_factory.mktemp("lent")) / "python"
        return judged(repository, python, MUTATIONS[service], tmp_path_factory.mktemp("templates"))

    return verdicts


def judged(repository: Path, python: Path, paths: Iterable[Path], folder: Path) -> Verdicts:
    """Run the repository's policy tests on its template, whole and broken."""
    templates = {"whole": described(repository, folder / "whole")}
    for path in paths:
        mutation = Mutation.read(path)
        templates[path.stem] = described(repository, folder / path.stem)
        broken = folder / path.stem / mutation.file
        broken.write_text(mutation.apply(broken.read_text(encoding="utf-8")), encoding="utf-8")
    chosen = ",".join(judged_of(ENVIRONMENTS))
    program = [python, FOLDER / "judge.py", repository, chosen, *templates.values()]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    found: Verdicts = json.loads(done.stdout)
    return dict(zip(templates, found.values(), strict=True))


def described(repository: Path, folder: Path) -> Path:
    """Copy what describes a repository's infrastructure into a folder, and return the template there."""
    folder.mkdir()
    for file in (repository / "template.yaml", *repository.glob("*.asl.json")):
        shutil.copy(file, folder)
    return folder / "template.yaml"


@pytest.mark.parametrize("service", MUTATIONS)
def test_whole_template_breaks_nothing(service: str, judge: Callable[[str], Verdicts]) -> None:
    assert judge(service)["whole"] == {}


@pytest.mark.parametrize("service", MUTATIONS)
def test_every_service_has_its_own_ways_to_break(service: str) -> None:
    assert len(MUTATIONS[service]) > 2


@pytest.mark.parametrize(
    ("service", "path"),
    [
        pytest.param(service, path, id=f"{service}:{path.stem}")
        for service, paths in MUTATIONS.items()
        for path in paths
    ],
)
def test_mutation_fails_the_right_test_with_the_right_words(
    service: str, path: Path, judge: Callable[[str], Verdicts]
) -> None:
    mutation = Mutation.read(path)

    failed = judge(service)[path.stem]

    expected = judged_of(mutation.environments)
    assert expected
    assert set(failed) == {f"tests/infra/{mutation.fails}[{where}]" for where in expected}
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message


def test_a_start_that_has_become_dear_is_noticed(tmp_path: Path) -> None:
    repository = tmp_path / "service"
    render_example(repository)
    programs = set_up(repository)
    (handler,) = repository.glob("src/*/handlers/http.py")
    with handler.open("a", encoding="utf-8") as file:
        file.write("\nTOTALS = [sum(range(30_000_000))]\n")

    test = "tests/unit/test_cold_start.py::test_a_start_costs_at_most_a_few_bare_starts"
    done = subprocess.run(
        [programs / "pytest", "-q", test], cwd=repository, check=False, capture_output=True, text=True
    )

    assert done.returncode == 1, done.stderr
    assert "AssertionError: 5 pairs: " in done.stdout


@pytest.mark.parametrize("service", MUTATIONS)
def test_every_rendered_infra_test_is_shown_to_fail(service: str, tmp_path: Path) -> None:
    """What only this service has, by its own mutations, of either tool; what all have, by those of any."""
    event_source, changed = SERVICES[service]
    render_example(tmp_path / "service", changed, event_source)
    everywhere = {Mutation.read(path).fails for paths in MUTATIONS.values() for path in paths}
    by_the_cdk = (FOLDER / "cdk" / service).glob("*.toml")
    here = {Mutation.read(path).fails for path in (*MUTATIONS[service], *by_the_cdk)}

    never = {
        test
        for test in infra_tests(tmp_path / "service")
        if test not in (here if test.startswith(f"test_{event_source}_") else everywhere)
    }

    assert never == set()


def infra_tests(repository: Path) -> Iterator[str]:
    """Yield every policy test of a rendered repository as a mutation names it."""
    for path in (repository / "tests" / "infra").glob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{path.name}::{node.name}"
