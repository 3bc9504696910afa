"""Rendered services, built by their own Makefiles, and the accounts that they are deployed to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from matrix import FULL
from rendering import EXAMPLES

from e2e.containers import Engine, build_image, serving
from e2e.deployment import Deployment, build_service, deployed
from e2e.tasks import build_tasks, deployed_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from e2e.tasks import TaskDeployment


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The HTTP API, built once with SAM and once on the CDK."""

    @functools.cache
    def build(iac: str) -> Path:
        folder: Path = tmp_path_factory.mktemp("e2e") / "shipping-quotes"
        build_service(folder, EXAMPLES["http"], iac)
        return folder

    return build


@pytest.fixture(scope="session", params=["sam"])
def service(request: pytest.FixtureRequest, built: Callable[[str], Path]) -> Path:
    """The HTTP API, built; with SAM unless a test asks for the CDK too."""
    return built(request.param)


@pytest.fixture(scope="session")
def deployment(service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The service in an account that the tests share; who changes it puts it back."""
    with deployed(service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment


@pytest.fixture(scope="session")
def forecasts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Fargate task that a person starts, built; its image is the one of every test with containers."""
    folder: Path = tmp_path_factory.mktemp("tasks") / "tariff-forecast"
    # What `make check` runs, the matrix runs on every combination.
    build_tasks(folder, "job", *(["check"] if FULL else []), "test", "build")
    return folder


@pytest.fixture(scope="session")
def image(forecasts: Path) -> Iterator[str]:
    """The image of the Fargate task."""
    with build_image(forecasts) as name:
        yield name


@pytest.fixture(scope="session")
def engine(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """What runs containers."""
    with serving(image, tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture(scope="session")
def tasks(
    forecasts: Path, image: str, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TaskDeployment]:
    """The Fargate task in an account that the tests share; who changes it puts it back."""
    log = tmp_path_factory.mktemp("emulator") / "log.txt"
    with deployed_tasks(forecasts, log, engine=engine, image=image) as deployment:
        yield deployment
