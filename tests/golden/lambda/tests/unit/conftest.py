"""A sample event, the context that Lambda gives with it, and the built package."""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Build = Callable[..., Path]
    type LogLines = Callable[[], list[dict[str, Any]]]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def event() -> dict[str, Any]:
    """The sample event, as Lambda passes it on."""
    return dict(json.loads((ROOT / "tests/events/http.json").read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What Lambda says about one invocation, as far as the service reads it."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"


@pytest.fixture
def context() -> LambdaContext:
    """The context of an invocation."""
    return cast("LambdaContext", Invocation())


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """What the service logged, line by line."""
    stream = io.StringIO()
    module = importlib.import_module("shipping_quotes.handlers.http")
    handler = module.logger.registered_handler
    before = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.setStream(before)


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Run scripts/build.py with some options and return the zip it made."""

    def build(*options: str) -> Path:
        output = tmp_path_factory.mktemp("build") / "function.zip"
        command = [sys.executable, str(ROOT / "scripts/build.py"), "--output", str(output), *options]
        subprocess.run(command, check=True, capture_output=True)
        return output

    return build


@pytest.fixture(scope="session")
def package(build: Build) -> Path:
    """The package that is deployed."""
    return build()


@pytest.fixture(scope="session")
def host_task(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same package for this machine's processor, unpacked as Lambda unpacks it."""
    task = tmp_path_factory.mktemp("host") / "task"
    with zipfile.ZipFile(build("--architecture", "host")) as archive:
        archive.extractall(task)
    return task


@pytest.fixture(scope="session")
def runtime_libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The libraries that every Lambda runtime for Python brings."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"):
        module = importlib.util.find_spec(name)
        assert module is not None
        assert module.origin is not None
        file = Path(module.origin)
        place = file.parent if file.name == "__init__.py" else file
        (folder / place.name).symlink_to(place)
    return folder
