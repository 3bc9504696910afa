"""`make load` against the emulator: bounded, drawn, and the environments of the spike end when idle.

A gap of the emulator: it keeps the first worker of a function, idle or not, and after the stack is deleted.
Lambda does not. That one worker is allowed here; it ends with the emulator.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from toolbox import tool

from e2e.deployment import Deployment, deployed, without_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

AT_MOST = 120
IDLE_SECONDS = 2
# The emulator looks for idle workers every thirty seconds.
PATIENCE_SECONDS = 50
KEPT_WARM = 1


@pytest.fixture
def deployment(service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """The service in an account of its own, which ends idle environments soon."""
    monkeypatch.setenv("LAMBDA_WARM_TTL_SECONDS", str(IDLE_SECONDS))
    with deployed(service, tmp_path / "log.txt") as deployment:
        yield deployment


def test_a_spike_is_bounded_and_drawn_and_ends_what_it_started(
    deployment: Deployment, tmp_path: Path
) -> None:
    picture = tmp_path / "load.svg"

    done = load(deployment, f"--peak 1 --at-most {AT_MOST} --picture {picture}")

    assert done.returncode == 0, done.stdout
    [summary] = [line for line in done.stdout.splitlines() if " requests, " in line]
    assert 60 < int(summary.split()[0]) <= AT_MOST
    assert " 0 not answered with 200" in summary
    lines = ET.parse(picture).getroot().findall(".//{http://www.w3.org/2000/svg}polyline")  # noqa: S314 - ours
    assert [len(line.attrib["points"].split()) > 10 for line in lines] == [True, True, True]
    assert len(workers(deployment)) > KEPT_WARM, "the spike started no second environment"
    assert at_most(KEPT_WARM, deployment), "environments are left after idle"


def load(deployment: Deployment, flags: str) -> subprocess.CompletedProcess[str]:
    """Run the command of the README, on the emulator's address of the only API."""
    (api,) = deployment.account.client("apigatewayv2").get_apis()["Items"]
    address = f"{deployment.account.endpoint}/_aws/execute-api/{api['ApiId']}/$$default"
    ignored = {"VIRTUAL_ENV", "PYTHONPATH"}
    environment = {name: value for name, value in without_aws(os.environ).items() if name not in ignored}
    return subprocess.run(
        [tool("make"), "load", f"URL='{address}'", f"LOAD_FLAGS={flags}"],
        cwd=deployment.service,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def at_most(count: int, deployment: Deployment) -> bool:
    """Wait until no more than so many workers are left."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(workers(deployment)) > count and time.monotonic() < deadline:
        time.sleep(0.5)
    return len(workers(deployment)) <= count


def workers(deployment: Deployment) -> set[int]:
    """Return the processes of the emulator's group besides the emulator itself."""
    mark = f"GATEWAY_PORT={urlsplit(deployment.account.endpoint).port}".encode()
    groups = {process: group for process in processes() if (group := group_of(process))}
    (emulator,) = {
        group for process, group in groups.items() if process == group and mark in variables(process)
    }
    return {process for process, group in groups.items() if group == emulator} - {emulator}


def processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def group_of(process: int) -> int:
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return 0


def variables(process: int) -> list[bytes]:
    try:
        return Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
