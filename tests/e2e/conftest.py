"""One rendered service, built by its own Makefile, and the account that it is deployed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rendering import EXAMPLES

from e2e.deployment import Deployment, build_service, deployed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTTP API, built."""
    folder: Path = tmp_path_factory.mktemp("e2e") / "shipping-quotes"
    build_service(folder, EXAMPLES["http"])
    return folder


@pytest.fixture(scope="session")
def deployment(service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The service in an account that the tests share; who changes it puts it back."""
    with deployed(service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment
