"""One rendered service, built by its own Makefile, and the account that it is deployed to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES

from e2e.deployment import Deployment, build_service, deployed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
