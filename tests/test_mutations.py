"""Breaking a rendered template in each way that the policy forbids turns its right test red.

One file of `mutations/` is one way: how the template is edited, which test must fail, and what it must say.
Those that stand there at once are tried on the HTTP API, those in `mutations/<event source>/` on its example,
and those in `mutations/<event source>-<variant>/` on that example with other answers.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES, render_example
from toolbox import REPOSITORY, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "mutations"
SERVICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    **{name: (name, {}) for name in sorted(EXAMPLES)},
    "workflow-durable": ("workflow", {"orchestration": "durable-function", "trigger": "schedule"}),
}
MUTATIONS = {name: sorted((FOLDER if name == "http" else FOLDER / name).glob("*.toml")) for name in SERVICES}
ENVIRONMENTS = ["default parameters", "dev", "staging", "prod"]

Verdicts = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One way to break a template.

    Attributes:
        fails: The rendered test that must notice, below tests/infra.
        says: What its message must contain.
        environments: In which environments it must notice; in all unless said.
        edits: Texts of the template and what they become; each text occurs once.
        resources: Resources to add, as YAML.
    """

    fails: str
    says: tuple[str, ...]
    environments: tuple[str, ...]
    edits: tuple[tuple[str, str], ...]
    resources: str

    @classmethod
    def read(cls, path: Path) -> Mutation:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            fails=table["fails"],
            says=tuple(table["says"]),
            environments=tuple(table.get("environments", ENVIRONMENTS)),
            edits=tuple((old, new) for old, new in table.get("edits", [])),
            resources=table.get("resources", ""),
        )

    def apply(self, template: str) -> str:
        for old, new in self.edits:
            assert template.count(old) == 1, f"{old!r} is not in the template once"
            template = template.replace(old, new)
        return template.replace("\nOutputs:\n", f"{self.resources}\nOutputs:\n")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Verdicts]:
    """What a repository's policy tests say about each way to break its template, once an event source."""

    @functools.cache
    def verdicts(service: str) -> Verdicts:
        repository: Path = tmp_path_factory.mktemp("mutations") / "service"
        event_source, changed = SERVICES[service]
        render_example(repository, event_source=event_source, changed=changed)
        subprocess.run([tool("make"), "setup"], cwd=repository, check=True, capture_output=True)
        templates = tmp_path_factory.mktemp("templates")
        written = (repository / "template.yaml").read_text(encoding="utf-8")
        for path in MUTATIONS[service]:
            (templates / f"{path.stem}.yaml").write_text(Mutation.read(path).apply(written), encoding="utf-8")
        shutil.copy(repository / "template.yaml", templates / "whole.yaml")
        return judged(repository, [*(path.stem for path in MUTATIONS[service]), "whole"], templates)

    return verdicts


def judged(repository: Path, names: list[str], templates: Path) -> Verdicts:
    """Run the repository's policy tests, in its own environment, on every template."""
    paths = [templates / f"{name}.yaml" for name in names]
    program = [repository / ".venv/bin/python", FOLDER / "judge.py", repository, *paths]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    found: Verdicts = json.loads(done.stdout)
    return dict(zip(names, found.values(), strict=True))


@pytest.mark.parametrize("event_source", MUTATIONS)
def test_whole_template_breaks_nothing(event_source: str, judge: Callable[[str], Verdicts]) -> None:
    assert judge(event_source)["whole"] == {}


@pytest.mark.parametrize("event_source", MUTATIONS)
def test_every_event_source_has_its_own_ways_to_break(event_source: str) -> None:
    assert len(MUTATIONS[event_source]) > 2


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

    assert set(failed) == {f"tests/infra/{mutation.fails}[{where}]" for where in mutation.environments}
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message
