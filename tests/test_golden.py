"""Rendered repositories are kept, so that a change of a template shows as a diff to be reviewed.

The HTTP API is kept whole in `golden/lambda`. Of every other event source `golden/lambda-<event source>`, of
its variants, and of the HTTP API on the CDK `golden/lambda-http-cdk`, keeps the files that are not the same
there, and in `absent.txt` the names of those that it does not have. Of another event source or variant on
the CDK only what is found in neither of these is kept: its stack, and the words about it. Of the queue with
a client of its own what is not the same as in `golden/lambda-queue`.
`make golden` writes all of them anew. The lock file is no part: it names the index that it was made with.
"""

from __future__ import annotations

import difflib
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES, render_example
from toolbox import REPOSITORY

from generator import source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GOLDEN = REPOSITORY / "tests" / "golden"
WHOLE = GOLDEN / "lambda"
ABSENT = "absent.txt"
WRITE = os.environ.get("NEW_SERVICE_GOLDEN") == "write"


CDK = [name for name in EXAMPLES if "cdk" in source.infrastructures(source.root(), name)]
SERVICES: Mapping[str, tuple[str, dict[str, str]]] = {
    **{name: (name, {}) for name in EXAMPLES},
    "stream-kinesis": ("stream", {"stream_source": "kinesis"}),
    "workflow-durable": ("workflow", {"orchestration": "durable-function"}),
    "queue-lean": ("queue", {"aws_client": "lean"}),
    **{f"{name}-cdk": (name, {"iac": "cdk"}) for name in CDK},
    "stream-kinesis-cdk": ("stream", {"stream_source": "kinesis", "iac": "cdk"}),
    "workflow-durable-cdk": ("workflow", {"orchestration": "durable-function", "iac": "cdk"}),
}
ITS_OWN = {
    name: ("AGENTS.md", "README.md", "infra/stack.py")
    for name, (_, answers) in SERVICES.items()
    if answers.get("iac") == "cdk" and name != "http-cdk"
}


@pytest.fixture(scope="module", params=SERVICES)
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """One repository for each service, the HTTP API first."""
    folder: Path = tmp_path_factory.mktemp("golden") / "service"
    event_source, changed = SERVICES[request.param]
    render_example(folder, event_source=event_source, changed=changed)
    if WRITE:
        write(request.param, folder)
    return request.param, folder


def test_every_event_source_that_has_templates_has_an_example() -> None:
    assert {f"lambda/{event_source}" for event_source in EXAMPLES} == source.templates(source.root())


def test_repository_is_as_reviewed(rendered: tuple[str, Path]) -> None:
    service, folder = rendered
    reviewed, now = kept(service), shown(service, folder)
    differences = [line for name in sorted(reviewed | now) for line in diff(name, reviewed, now)]

    if differences:
        accept = "the templates render something else than was reviewed; `make golden` accepts it"
        pytest.fail("\n".join([accept, *differences]), pytrace=False)


def test_repository_has_the_reviewed_programs(rendered: tuple[str, Path]) -> None:
    service, folder = rendered

    assert executables(shown(service, folder)) == executables(kept(service))


def write(service: str, folder: Path) -> None:
    """Keep a rendered repository: whole, or what differs from the one that is kept whole."""
    target = place(service)
    shutil.rmtree(target, ignore_errors=True)
    if target == WHOLE:
        shutil.copytree(folder, target)
        return
    whole, now = ({} if service in ITS_OWN else kept(base(service))), shown(service, folder)
    target.mkdir()
    for name in sorted(now):
        if name not in whole or now[name].read_bytes() != whole[name].read_bytes():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(now[name], target / name)
    if whole:
        absent = "".join(f"{name}\n" for name in sorted(whole.keys() - now.keys()))
        (target / ABSENT).write_text(absent, encoding="utf-8")


def place(service: str) -> Path:
    return WHOLE if service == "http" else GOLDEN / f"lambda-{service}"


def shown(service: str, folder: Path) -> dict[str, Path]:
    """Return the files of a rendered repository that are reviewed, by name."""
    return {name: path for name, path in files(folder).items() if name in ITS_OWN.get(service, (name,))}


def base(service: str) -> str:
    """Return the service that another one is kept as a difference from."""
    return "queue" if service == "queue-lean" else "http"


def kept(service: str) -> dict[str, Path]:
    """Return the reviewed files by name."""
    own = files(place(service))
    if service == "http" or service in ITS_OWN:
        return own
    absent = own.pop(ABSENT).read_text(encoding="utf-8").split("\n") if ABSENT in own else []
    return {name: path for name, path in {**kept(base(service)), **own}.items() if name not in absent}


def files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def executables(found: Mapping[str, Path]) -> set[str]:
    return {name for name, path in found.items() if os.access(path, os.X_OK)}


def diff(name: str, reviewed: Mapping[str, Path], now: Mapping[str, Path]) -> list[str]:
    """Return how a file differs from the reviewed one, as a unified diff; a missing file is an empty one."""
    before, after = lines(reviewed.get(name)), lines(now.get(name))
    return list(difflib.unified_diff(before, after, f"reviewed/{name}", f"rendered/{name}", lineterm=""))


def lines(path: Path | None) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n") if path else []
