"""Breaking a rendered CDK stack in the ways that the policy forbids turns its right test red.

One file of `mutations/cdk/` is one way to edit infra/stack.py of the HTTP API, as it is for `test_mutations`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from rendering import render_example
from stacks import give_package, run_in
from test_mutations import FOLDER, Mutation
from toolbox import tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

WAYS = sorted((FOLDER / "cdk").glob("*.toml"))
ENVIRONMENTS = ("dev", "staging", "prod")

Verdicts = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """What the repository's policy tests say about the whole app, and about each way to break it."""
    repository: Path = tmp_path_factory.mktemp("mutations") / "service"
    render_example(repository, changed={"iac": "cdk"})
    programs = repository / ".venv" / "bin"
    run_in(repository, programs, str(tool("make")), "setup")
    apps = tmp_path_factory.mktemp("apps")
    stack = (repository / "infra" / "stack.py").read_text(encoding="utf-8")
    broken = {"whole": stack, **{path.stem: Mutation.read(path).apply(stack) for path in WAYS}}
    for name, text in broken.items():
        (apps / name / "infra").mkdir(parents=True)
        give_package(apps / name)
        (apps / name / "infra" / "app.py").write_bytes((repository / "infra" / "app.py").read_bytes())
        (apps / name / "infra" / "stack.py").write_text(text, encoding="utf-8")
    judged = [str(apps / name / "infra" / "app.py") for name in broken]
    said = run_in(repository, programs, "python", str(FOLDER / "judge.py"), str(repository), *judged)
    return dict(zip(broken, json.loads(said).values(), strict=True))


def test_whole_stack_breaks_nothing(verdicts: Verdicts) -> None:
    assert verdicts["whole"] == {}


@pytest.mark.parametrize("path", WAYS, ids=lambda path: path.stem)
def test_mutation_fails_the_right_test_with_the_right_words(path: Path, verdicts: Verdicts) -> None:
    mutation = Mutation.read(path)

    failed = verdicts[path.stem]

    assert set(failed) == {f"tests/infra/{mutation.fails}[{where}]" for where in ENVIRONMENTS}
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message
