"""Breaking a rendered template in each way that the policy forbids turns its right test red.

One file of `mutations/` is one way: how the template is edited, which test must fail, and what it must say.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rendering import render_example
from toolbox import REPOSITORY, tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

FOLDER = REPOSITORY / "tests" / "mutations"
MUTATIONS = sorted(path.stem for path in FOLDER.glob("*.toml"))
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
    def read(cls, name: str) -> Mutation:
        table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
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
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered repository after its own `make setup`."""
    folder: Path = tmp_path_factory.mktemp("mutations") / "shipping-quotes"
    render_example(folder)
    subprocess.run([tool("make"), "setup"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def verdicts(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """What the repository's policy tests say about each broken template, and about the whole one."""
    templates = tmp_path_factory.mktemp("templates")
    written = (repository / "template.yaml").read_text(encoding="utf-8")
    for name in MUTATIONS:
        (templates / f"{name}.yaml").write_text(Mutation.read(name).apply(written), encoding="utf-8")
    shutil.copy(repository / "template.yaml", templates / "whole.yaml")
    names = [*MUTATIONS, "whole"]
    done = subprocess.run(
        [
            repository / ".venv/bin/python",
            FOLDER / "judge.py",
            repository,
            *(templates / f"{name}.yaml" for name in names),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    judged: Verdicts = json.loads(done.stdout)
    return dict(zip(names, judged.values(), strict=True))


def test_whole_template_breaks_nothing(verdicts: Verdicts) -> None:
    assert verdicts["whole"] == {}


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_fails_the_right_test_with_the_right_words(name: str, verdicts: Verdicts) -> None:
    mutation = Mutation.read(name)

    failed = verdicts[name]

    assert set(failed) == {f"tests/infra/{mutation.fails}[{where}]" for where in mutation.environments}
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message
