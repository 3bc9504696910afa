"""An AWS account on this machine for one test run: ministack, with IAM enforced.

It runs Lambda handlers as children of its own interpreter, whatever the runtime of the function says, so it
must be installed in a Python of the version that the template names.
"""

from __future__ import annotations

import contextlib
import functools
import http
import http.client
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.containers import Engine

__all__ = ["Account", "emulator", "free_port"]

# The region that the example service is deployed to first (samconfig.toml).
REGION = "us-east-1"
LOOPBACK = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The emulated account, as clients see it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point any AWS client at the emulator; the access key is the account's number."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client with the rights of the account's owner."""
        keys = (self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])
        return _client(service, self.endpoint, *keys)


@functools.cache
def _client(service: str, endpoint: str, access_key_id: str, secret_access_key: str) -> Any:
    """Make a client once: to read what a service offers takes longer than most of what is asked of it."""
    # Not among the tool's dependencies; the tests that need it are skipped without it.
    import boto3

    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
    )


@contextlib.contextmanager
def emulator(
    ministack: Path, log: Path, *, enforces_iam: bool = True, engine: Engine | None = None
) -> Iterator[Account]:
    """Run the emulator, and end it together with the handlers and containers that it started.

    Handlers outlive the emulator when it alone is ended; a process group of its own reaches them too.

    Args:
        ministack: The emulator's program.
        log: Where it writes what it does.
        enforces_iam: Whether it refuses what no policy allows.
        engine: What runs the containers of ECS. With it the emulator listens where they reach it.
    """
    port = free_port()
    address = engine.host if engine else LOOPBACK
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "AUTH": str(enforces_iam).lower(),
        "BIND_HOST": address,
        # Without an engine of ours nobody answers, whatever else runs on the machine.
        "DOCKER_HOST": engine.docker_host if engine else "unix:///dev/null",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
    }
    if engine:
        # What containers are told to call; without it the names of APIs end with localhost.
        environment["MINISTACK_HOST"] = address
    with log.open("wb") as output:
        process = subprocess.Popen(
            [ministack], env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_until_healthy(address, port, process, log)
            yield Account(endpoint=f"http://{address}:{port}")
        finally:
            _end_group(process)
            if engine:
                engine.remove_containers(f"ministack.instance={socket.gethostname()}:{port}")


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(address: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            contextlib.closing(http.client.HTTPConnection(address, port)) as health,
        ):
            health.request("GET", "/_ministack/health")
            if health.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the emulator did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
