"""Rendered repositories are kept, so that a change of a template shows as a diff to be reviewed.

The HTTP API is kept whole in `golden/lambda`. Of every other event source `golden/lambda-<event source>`, of
its variants, and of the HTTP API on the CDK `golden/lambda-http-cdk`, keeps the files that are not the same
there, and in `absent.txt` the names of those that it does not have. Of another event source on the CDK only
what is found in neither of these is kept: its stack, and the words about it. Of the queue with a client of
its own what is not the same as in `golden/lambda-queue`. So it is with tasks: the job is kept whole in
`golden/fargate-task`, of the others what is not the same there; and so with services, of which the one that
works off a queue is kept whole in `golden/fargate-service`.
`make golden` writes all of them anew. The lock file is no part: it names the index that it was made with.
"""

from __future__ import annotations

import difflib
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES, TASKS, render_example
from rendering import SERVICES as FED
from toolbox import REPOSITORY

from generator import source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GOLDEN = REPOSITORY / "tests" / "golden"
ABSENT = "absent.txt"
WRITE = os.environ.get("NEW_SERVICE_GOLDEN") == "write"


OF_THE_CDK = ("AGENTS.md", "README.md", "infra/stack.py")
CDK = [name for name in EXAMPLES if "cdk" in source.infrastructures(source.root(), "lambda", name)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One repository that is kept, by the name of its folder.

    Attributes:
        event_source: The example that is rendered.
        changed: Answers that are not the example's.
        base: The service that it is kept as a difference from; none for one that is kept whole.
        its_own: The only files that are kept, whole; all when empty.
    """

    event_source: str
    examples: Mapping[str, Path] = field(default_factory=lambda: EXAMPLES)
    changed: Mapping[str, object] = field(default_factory=dict)
    base: str = ""
    its_own: tuple[str, ...] = ()


SERVICES = {
    "lambda": Service(event_source="http"),
    **{f"lambda-{name}": Service(event_source=name, base="lambda") for name in EXAMPLES if name != "http"},
    "lambda-stream-kinesis": Service(
        event_source="stream", changed={"stream_source": "kinesis"}, base="lambda"
    ),
    "lambda-workflow-durable": Service(
        event_source="workflow", changed={"orchestration": "durable-function"}, base="lambda"
    ),
    "lambda-queue-lean": Service(event_source="queue", changed={"aws_client": "lean"}, base="lambda-queue"),
    "lambda-http-cdk": Service(event_source="http", changed={"iac": "cdk"}, base="lambda"),
    **{
        f"lambda-{name}-cdk": Service(event_source=name, changed={"iac": "cdk"}, its_own=OF_THE_CDK)
        for name in CDK
        if name != "http"
    },
    "lambda-stream-kinesis-cdk": Service(
        event_source="stream", changed={"stream_source": "kinesis", "iac": "cdk"}, its_own=OF_THE_CDK
    ),
    "lambda-workflow-durable-cdk": Service(
        event_source="workflow",
        changed={"orchestration": "durable-function", "iac": "cdk"},
        its_own=OF_THE_CDK,
    ),
    "fargate-task": Service(event_source="job", examples=TASKS),
    **{
        f"fargate-task-{name}": Service(event_source=name, examples=TASKS, base="fargate-task")
        for name in TASKS
        if name != "job"
    },
    "fargate-task-s3": Service(
        event_source="job", examples=TASKS, changed={"checkpoint": "s3"}, base="fargate-task"
    ),
    "fargate-service": Service(event_source="queue", examples=FED),
    "fargate-service-connections": Service(event_source="connections", examples=FED, base="fargate-service"),
    "fargate-service-connections-asleep": Service(
        event_source="connections",
        examples=FED,
        changed={"critical": False},
        base="fargate-service-connections",
    ),
    "fargate-service-grpc": Service(event_source="grpc", examples=FED, base="fargate-service-connections"),
    "fargate-service-http": Service(event_source="http", examples=FED, base="fargate-service"),
    "fargate-service-requests": Service(event_source="requests", examples=FED, base="fargate-service-http"),
    "fargate-service-requests-asleep": Service(
        event_source="requests", examples=FED, changed={"critical": False}, base="fargate-service-requests"
    ),
    "fargate-service-tcp": Service(event_source="tcp", examples=FED, base="fargate-service-connections"),
    "fargate-service-lookup": Service(event_source="lookup", examples=FED, base="fargate-service-tcp"),
    "fargate-service-udp": Service(event_source="udp", examples=FED, base="fargate-service-tcp"),
    "fargate-service-outbound": Service(event_source="outbound", examples=FED, base="fargate-service"),
    "fargate-service-sse": Service(event_source="sse", examples=FED, base="fargate-service-connections"),
    "fargate-service-critical": Service(
        event_source="queue", examples=FED, changed={"critical": True}, base="fargate-service"
    ),
}


@pytest.fixture(scope="module", params=SERVICES)
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """One repository for each service, the HTTP API first."""
    folder: Path = tmp_path_factory.mktemp("golden") / "service"
    service = SERVICES[request.param]
    render_example(folder, service.changed, service.event_source, service.examples)
    if WRITE:
        write(request.param, folder)
    return request.param, folder


def test_every_event_source_that_has_templates_has_an_example() -> None:
    tiers = {"lambda": EXAMPLES, "fargate-task": TASKS, "fargate-service": FED}

    examples = {f"{tier}/{name}" for tier, names in tiers.items() for name in names}
    assert examples == source.templates(source.root())


def test_repository_is_as_reviewed(rendered: tuple[str, Path]) -> None:
    name, folder = rendered
    reviewed, now = kept(name), shown(name, folder)
    differences = [line for file in sorted(reviewed | now) for line in diff(file, reviewed, now)]

    if differences:
        accept = "the templates render something else than was reviewed; `make golden` accepts it"
        pytest.fail("\n".join([accept, *differences]), pytrace=False)


def test_repository_has_the_reviewed_programs(rendered: tuple[str, Path]) -> None:
    name, folder = rendered

    assert executables(shown(name, folder)) == executables(kept(name))


def write(service: str, folder: Path) -> None:
    """Keep a rendered repository: whole, or what differs from the one that is kept whole."""
    target, base = GOLDEN / service, SERVICES[service].base
    shutil.rmtree(target, ignore_errors=True)
    reviewed, now = kept(base) if base else {}, shown(service, folder)
    target.mkdir()
    for name in sorted(now):
        if name not in reviewed or now[name].read_bytes() != reviewed[name].read_bytes():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(now[name], target / name)
    if base:
        absent = "".join(f"{name}\n" for name in sorted(reviewed.keys() - now.keys()))
        (target / ABSENT).write_text(absent, encoding="utf-8")


def shown(service: str, folder: Path) -> dict[str, Path]:
    """Return the files of a rendered repository that are reviewed, by name."""
    reviewed = SERVICES[service].its_own
    return {name: path for name, path in files(folder).items() if not reviewed or name in reviewed}


def kept(service: str) -> dict[str, Path]:
    """Return the reviewed files by name."""
    own, base = files(GOLDEN / service), SERVICES[service].base
    if not base:
        return own
    absent = own.pop(ABSENT).read_text(encoding="utf-8").split("\n") if ABSENT in own else []
    return {name: path for name, path in {**kept(base), **own}.items() if name not in absent}


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
