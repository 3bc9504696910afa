"""Breaking a rendered CDK stack in the ways that the policy forbids turns its right test red.

One file of `mutations/cdk/<event source>/` is one way to edit infra/stack.py of its example, as it is for
`test_mutations`, and one of `mutations/cdk/<event source>-<variant>/` of that example with other answers.
What the stacks share is broken once, in that of the HTTP API or of the job. In which environments they are
judged is said there too.
"""

from __future__ import annotations

import functools
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from environments import lend
from rendering import render_example
from stacks import deploy_only_to, give_package, replay, run_in
from test_mutations import FOLDER, SERVICES, Mutation, judged_of

from generator import source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stacks import Synthesiser

pytestmark = pytest.mark.slow

ON_THE_CDK = [
    service
    for service, (event_source, _) in SERVICES.items()
    if "cdk" in source.infrastructures(source.root(), "lambda", event_source)
]
WAYS = {service: sorted((FOLDER / "cdk" / service).glob("*.toml")) for service in ON_THE_CDK}
ENVIRONMENTS = ("dev", "staging", "prod")

Verdicts = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def judge(synthesiser: Synthesiser, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Verdicts]:
    """What a repository's policy tests say about the whole app, and about each way to break it."""

    @functools.cache
    def verdicts(service: str) -> Verdicts:
        repository: Path = tmp_path_factory.mktemp("mutations") / "service"
        event_source, changed = SERVICES[service]
        render_example(repository, event_source=event_source, changed={**changed, "iac": "cdk"})
        programs = lend(repository, tmp_path_factory.mktemp("lent"))
        apps = tmp_path_factory.mktemp("apps")
        stack = (repository / "infra" / "stack.py").read_text(encoding="utf-8")
        broken = {path.stem: Mutation.read(path).apply(stack) for path in WAYS[service]}
        made = tmp_path_factory.mktemp("made")
        for name, text in {"whole": stack, **broken}.items():
            copy_app(repository, apps / name, text)
            synthesiser.run(apps / name / "infra" / "app.py", made / name)
        judged = {name: str(replay(made / name)) for name in ("whole", *broken)}
        program = [str(FOLDER / "judge.py"), str(repository), ",".join(judged_of(ENVIRONMENTS))]
        said = run_in(repository, programs, "python", *program, *judged.values())
        return dict(zip(judged, json.loads(said).values(), strict=True))

    return verdicts


def copy_app(repository: Path, folder: Path, stack: str) -> None:
    """Write an app with another stack, and what a stack reads beside itself."""
    shutil.copytree(repository / "infra", folder / "infra")
    (folder / "infra" / "stack.py").write_text(stack, encoding="utf-8")
    for path in repository.glob("*.json"):
        shutil.copy(path, folder)
    give_package(folder)
    deploy_only_to(judged_of(ENVIRONMENTS), folder / "infra" / "app.py")


@pytest.mark.parametrize("service", ON_THE_CDK)
def test_whole_stack_breaks_nothing(service: str, judge: Callable[[str], Verdicts]) -> None:
    assert judge(service)["whole"] == {}


@pytest.mark.parametrize("service", ON_THE_CDK)
def test_every_service_has_its_own_ways_to_break(service: str) -> None:
    assert len(WAYS[service]) > 2


@pytest.mark.parametrize(
    ("service", "path"),
    [
        pytest.param(service, path, id=f"{service}:{path.stem}")
        for service, paths in WAYS.items()
        for path in paths
    ],
)
def test_mutation_fails_the_right_test_with_the_right_words(
    service: str, path: Path, judge: Callable[[str], Verdicts]
) -> None:
    mutation = Mutation.read(path)

    failed = judge(service)[path.stem]

    assert set(failed) == {f"tests/infra/{mutation.fails}[{where}]" for where in judged_of(ENVIRONMENTS)}
    for message in failed.values():
        assert [words for words in mutation.says if words not in message] == [], message
