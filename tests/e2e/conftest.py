"""One rendered service, built by its own Makefile, and the account that it is deployed to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from toolbox import REPOSITORY, module, tool

from e2e.deployment import Deployment, deployed, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create the example service with the real command, for the machine that tests, and build it.

    The default package is for arm64, whose compiled modules an x86_64 machine cannot load. `architecture` is
    one of the tool's answers, so what is deployed here differs from the default in that answer alone.
    """
    for needed in ("make", "ministack", "sam", "uv"):
        tool(needed)
    module("boto3")
    folder = tmp_path_factory.mktemp("e2e") / "shipping-quotes"
    answers = str(REPOSITORY / "examples" / "http-api.yaml")
    create = [sys.executable, "-m", "generator", "create", str(folder), "--answers", answers]
    run([*create, "--data", "architecture=x86_64"], REPOSITORY, os.environ)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    run(["make", "setup", "check", "test", "build"], folder, environment)
    return folder


@pytest.fixture(scope="session")
def deployment(service: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The service in an account that the tests share; who changes it puts it back."""
    with deployed(service, tmp_path_factory.mktemp("emulator") / "log.txt") as deployment:
        yield deployment
