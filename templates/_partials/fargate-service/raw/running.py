"""A task as clients see it: a server in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PATIENCE_SECONDS", "Server", "free_port", "running", "start", "until"]

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A task: its process and where it listens."""

    process: subprocess.Popen[str]
    port: int
    health_port: int

    @property
    def address(self) -> tuple[str, int]:
        """Where it is."""
        return "127.0.0.1", self.port

    def health(self, question: str) -> int | None:
        """Return what {{ "the load balancer" if has_load_balancer else "ECS" }} would be told; nothing while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.health_port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", question)
            return connection.getresponse().status
        return None

    def stop(self) -> None:
        """Tell it to stop, as ECS does."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """Wait for the end, and return the exit code and everything that was said."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        lines = [json.loads(line) for line in said.splitlines()]
        assert not [line for line in lines if line.get("level") == "ERROR"], "something went wrong inside"
        return self.process.returncode, lines

    def memory_kib(self) -> int:
        """Return what it takes of memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1])


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(**changed: str) -> subprocess.Popen[str]:
    """Start a task with some variables changed."""
    told = {**os.environ, **VARIABLES, "PYTHONPATH": os.pathsep.join(sys.path), **changed}
    command = [sys.executable, "-m", "{{ package_name }}"]
    return subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not come to that"
        time.sleep(0.02)


@contextlib.contextmanager
def running(**changed: str) -> Iterator[Server]:
    """Have a task that is ready."""
    port, health_port = free_port(), free_port()
    with start(PORT=str(port), HEALTH_PORT=str(health_port), **changed) as process:
        try:
            server = Server(process, port, health_port)
            until(lambda: process.poll() is not None or server.health("/ready") == 200)
            assert process.poll() is None, "the server ended"
            yield server
        finally:
            process.kill()
