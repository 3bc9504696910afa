"""Fixtures that tests of several modules share."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
import sharing
from environments import set_up
from hypothesis import settings
from projects import Project, Workshop, templates_in
from rendering import render_example
from stacks import Synthesiser

from generator import answers, decision, plan, policy, prices, render, source
from generator.bytecode import FOLDER_VARIABLE
from generator.upgrade.templates import OWN_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan import RenderPlan

DECIDED_ON = date(2026, 1, 2)

# A machine that does something else besides is slow, and nothing is wrong.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Give what tests start a place for itself, so that processes side by side do not meet.

    mypy finds there what an earlier one found out about libraries, which it tells by their content, wherever
    they lie; NEW_SERVICE_MYPY_CACHE is a folder that outlives this checkout. A pytest of a rendered
    repository would clear away the folders of another one.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    kept = os.environ.get("NEW_SERVICE_MYPY_CACHE")
    known = Path(kept) if kept else config.cache.mkdir("mypy")
    os.environ["MYPY_CACHE_DIR"] = str(known / (worker or "alone"))
    # Nothing of the user's is read or written.
    os.environ[FOLDER_VARIABLE] = str(config.cache.mkdir("kept"))
    if worker:
        folder = os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.mkdtemp(prefix=f"new-service-{worker}-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Let `--dist loadgroup` keep in one process what shares something dear, as `sharing` has it."""
    return sharing.Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that it does not begin when the other processes are almost done."""
    turns = sharing.turns(item.nodeid for item in items)

    def place(item: pytest.Item) -> tuple[int, bool, int]:
        is_long = any(map(item.get_closest_marker, ("slow", "e2e")))
        return sharing.rank(item.nodeid), not is_long, turns[sharing.group(item.nodeid)]

    items.sort(key=place)


class Render(Protocol):
    """Renders the answers of a service and returns its folder."""

    def __call__(self, changed: dict[str, object] | None = None) -> Path: ...


@pytest.fixture
def http_answers() -> dict[str, object]:
    """Return the answers of an ordinary HTTP API, complete and free of assumptions that matter."""
    return {
        "trigger": "http",
        "state": "none",
        "longest_run_s": 5,
        "requests_per_month": 3_000_000,
        "avg_run_ms": 80,
        "project_name": "orders-api",
        "description": "Takes orders.",
        "owner": "@acme/orders",
    }


@pytest.fixture(scope="session")
def _rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Remember what was rendered: rendering is the slowest thing that most tests do."""
    return {"": tmp_path_factory.mktemp("rendered")}


@pytest.fixture
def render_service(_rendered: dict[str, Path], http_answers: dict[str, object]) -> Render:
    """Render the ordinary HTTP API with some answers changed, once for each set of answers.

    Tests share the folder, so they only read it. Every error of the template is raised.
    """

    def render_once(changed: dict[str, object] | None = None) -> Path:
        wanted = http_answers | (changed or {})
        key = json.dumps(wanted, sort_keys=True, default=str)
        if key not in _rendered:
            folder = _rendered[""] / str(len(_rendered)) / "orders-api"
            folder.parent.mkdir()
            render.render(plan_of(wanted), folder)
            _rendered[key] = folder
        return _rendered[key]

    return render_once


def plan_of(raw: dict[str, object]) -> RenderPlan:
    """Return the plan for raw answers, decided on a fixed day."""
    rules = policy.load()
    checked = answers.check(raw, rules)
    templates = source.templates(source.root())
    decided = decision.decide(
        checked.workload,
        rules,
        prices.load(),
        templates,
        **checked.project.billed(),
    )
    return plan.make_plan(
        decided, checked.workload, checked.project, template=source.find(), decided_on=DECIDED_ON
    )


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A place where the templates of each release are unpacked once."""
    scratch = tmp_path_factory.mktemp("releases")
    return Workshop(folder=scratch, templates=templates_in(scratch))


@pytest.fixture(scope="session")
def kept(unpacked: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project of the first release, to be copied: rendering is the slowest part."""
    return Workshop(folder=tmp_path_factory.mktemp("kept"), templates=unpacked.templates).project().folder


@pytest.fixture
def workshop(unpacked: Workshop, tmp_path: Path) -> Workshop:
    return Workshop(folder=tmp_path, templates=unpacked.templates)


@pytest.fixture
def project(kept: Path, workshop: Workshop) -> Project:
    """A project that the first release made, with everything committed."""
    folder = shutil.copytree(kept, workshop.folder / "shop")
    return Project(folder=folder, top=folder)


@pytest.fixture(scope="session")
def kept_of_this_release(unpacked: Workshop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project of this release, to be copied; the program in a checkout has no release before."""
    folder = tmp_path_factory.mktemp("kept-of-this-release")
    return Workshop(folder=folder, templates=unpacked.templates).project(tag=OWN_TAG).folder


@pytest.fixture(scope="session")
def synthesiser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synthesiser]:
    """Give one process for all apps of the CDK: what it needs is the same in every rendered repository."""
    repository: Path = tmp_path_factory.mktemp("synthesiser") / "service"
    render_example(repository, {"iac": "cdk"})
    with Synthesiser(set_up(repository) / "python", repository.parent) as process:
        yield process
