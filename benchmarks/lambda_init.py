"""The CPU time that a Lambda function's init takes, seen from the Runtime API.

The real runtime client, `awslambdaric`, is started on a task folder and speaks to a stand-in of the Runtime
API on loopback. Init ends where it asks for the first event; the process is then ended. Linux only.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TaskRoot", "init_cpu_seconds"]

TIMEOUT_SECONDS = 60
READY = b"GET /2018-06-01/runtime/invocation/next "


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRoot:
    """An unpacked function.

    Attributes:
        folder: What Lambda unpacks to its task root.
        handler: `module.function`, as in the template.
        environment: What the template sets for the function.
    """

    folder: Path
    handler: str
    environment: Mapping[str, str]


def init_cpu_seconds(python: Path, task: TaskRoot) -> float:
    """Start the function in a new process and return the CPU time of its threads until it is ready.

    Args:
        python: An interpreter of the function's version that has `awslambdaric`.
        task: The function.

    Raises:
        RuntimeError: The function reported an error at init, or ended.
    """
    with socket.create_server(("127.0.0.1", 0)) as api, tempfile.TemporaryFile() as log:
        api.settimeout(TIMEOUT_SECONDS)
        process = subprocess.Popen(
            [python, "-m", "awslambdaric", task.handler],
            cwd=task.folder,
            env=_lambda_environment(task, api.getsockname()[1]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            connection, _ = api.accept()
            with connection:
                request = _request_head(connection)
                spent = _cpu_seconds(process.pid)
        finally:
            process.kill()
            process.wait()
        if not request.startswith(READY):
            log.seek(0)
            raise RuntimeError(f"{task.handler} failed at init:\n{log.read().decode(errors='replace')}")
    return spent


def _lambda_environment(task: TaskRoot, port: int) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_REGION": "eu-west-1",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_SESSION_TOKEN": "benchmark",
        "LAMBDA_TASK_ROOT": str(task.folder),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/bin:/bin",
        # Lambda's task root is read-only: what is not compiled in the package is compiled at every start.
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(task.folder),
        "TZ": ":UTC",
        **task.environment,
    }


def _request_head(connection: socket.socket) -> bytes:
    connection.settimeout(TIMEOUT_SECONDS)
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            break
        received += chunk
    return received


def _cpu_seconds(pid: int) -> float:
    """Return the nanosecond-exact CPU time of all threads; `times` would round to hundredths of a second."""
    spent = 0
    for schedstat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(FileNotFoundError):
            spent += int(schedstat.read_text(encoding="ascii").split()[0])
    return spent / 1e9
