"""Rendered repositories are kept, so that a change of a template shows as a diff to be reviewed.

The HTTP API is kept whole in `golden/lambda`. Of every other event source `golden/lambda-<event source>`,
and of the HTTP API on the CDK `golden/lambda-http-cdk`, keeps the files that are not the same there, and in
`absent.txt` the names of those that it does not have. So it is with tasks: the job in `golden/fargate-task`,
the others beside it.
`make golden` writes all of them anew. The lock file is no part: it names the index that it was made with.
"""

from __future__ import annotations

import difflib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES, TASKS, render_example
from toolbox import REPOSITORY

from generator import source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GOLDEN = REPOSITORY / "tests" / "golden"
ABSENT = "absent.txt"
WRITE = os.environ.get("NEW_SERVICE_GOLDEN") == "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One repository that is kept.

    Attributes:
        whole: The folder of the one that is kept whole; its own when it is that one.
    """

    event_source: str
    examples: Mapping[str, Path]
    whole: str
    changed: Mapping[str, str]


SERVICES = {
    "lambda": Service(event_source="http", examples=EXAMPLES, whole="lambda", changed={}),
    **{
        f"lambda-{name}": Service(event_source=name, examples=EXAMPLES, whole="lambda", changed={})
        for name in EXAMPLES
        if name != "http"
    },
    "lambda-http-cdk": Service(
        event_source="http", examples=EXAMPLES, whole="lambda", changed={"iac": "cdk"}
    ),
    "fargate-task": Service(event_source="job", examples=TASKS, whole="fargate-task", changed={}),
    **{
        f"fargate-task-{name}": Service(event_source=name, examples=TASKS, whole="fargate-task", changed={})
        for name in TASKS
        if name != "job"
    },
    "fargate-task-s3": Service(
        event_source="job", examples=TASKS, whole="fargate-task", changed={"checkpoint": "s3"}
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
    examples = {f"lambda/{name}" for name in EXAMPLES} | {f"fargate-task/{name}" for name in TASKS}

    assert examples == source.templates(source.root())


def test_repository_is_as_reviewed(rendered: tuple[str, Path]) -> None:
    name, folder = rendered
    reviewed, now = kept(name), files(folder)
    differences = [line for file in sorted(reviewed | now) for line in diff(file, reviewed, now)]

    if differences:
        accept = "the templates render something else than was reviewed; `make golden` accepts it"
        pytest.fail("\n".join([accept, *differences]), pytrace=False)


def test_repository_has_the_reviewed_programs(rendered: tuple[str, Path]) -> None:
    name, folder = rendered

    assert executables(files(folder)) == executables(kept(name))


def write(service: str, folder: Path) -> None:
    """Keep a rendered repository: whole, or what differs from the one that is kept whole."""
    target, whole_folder = place(service), whole(service)
    shutil.rmtree(target, ignore_errors=True)
    if target == whole_folder:
        shutil.copytree(folder, target)
        return
    reviewed, now = files(whole_folder), files(folder)
    target.mkdir()
    for name in sorted(now):
        if name not in reviewed or now[name].read_bytes() != reviewed[name].read_bytes():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(now[name], target / name)
    absent = "".join(f"{name}\n" for name in sorted(reviewed.keys() - now.keys()))
    (target / ABSENT).write_text(absent, encoding="utf-8")


def place(service: str) -> Path:
    return GOLDEN / service


def whole(service: str) -> Path:
    return GOLDEN / SERVICES[service].whole


def kept(service: str) -> dict[str, Path]:
    """Return the reviewed files by name."""
    if place(service) == whole(service):
        return files(whole(service))
    own = files(place(service))
    absent = own.pop(ABSENT).read_text(encoding="utf-8").split("\n") if ABSENT in own else []
    return {name: path for name, path in {**files(whole(service)), **own}.items() if name not in absent}


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
