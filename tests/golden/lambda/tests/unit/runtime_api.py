"""A stand-in for the Lambda execution environment: it starts the real runtime interface client on a package.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

from environment import LAMBDA

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ExecutionEnvironment"]

_PATIENCE_SECONDS = 30
_EVENT = (
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json\r\n"
    "Lambda-Runtime-Aws-Request-Id: 52fdfc07-2182-454f-963f-5f0f9a621d72\r\n"
    "Lambda-Runtime-Deadline-Ms: 4102444800000\r\n"
    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:function\r\n"
    "Content-Length: {length}\r\n\r\n"
)


class ExecutionEnvironment:
    """One fresh runtime process on an unpacked package, ready for its first event when the `with` block begins."""

    def __init__(self, task: Path, handler: str, variables: Mapping[str, str] | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_PATIENCE_SECONDS)
        host, port = self._listener.getsockname()
        environment = {
            **LAMBDA,
            "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}",
            "LAMBDA_TASK_ROOT": str(task),
            "PYTHONPATH": str(task),
            **(variables or {}),
        }
        command = [sys.executable, "-m", "awslambdaric", handler]
        self._process = subprocess.Popen(
            command,
            cwd=task,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._waiting: socket.socket | None = None
        self.cpu_seconds = 0.0

    def __enter__(self) -> Self:
        target, body, self._waiting = self._request()
        if not target.endswith("/invocation/next"):
            self.__exit__()
            message = f"the package does not start: {body.decode()}"
            raise RuntimeError(message)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the process; `cpu_seconds` then holds all that it used."""
        self._process.send_signal(signal.SIGKILL)
        used = os.wait4(self._process.pid, 0)[2]
        self._process.returncode = -signal.SIGKILL
        self.cpu_seconds = used.ru_utime + used.ru_stime
        self._listener.close()
        if self._waiting is not None:
            self._waiting.close()

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Send one event and return what the handler answered."""
        waiting, self._waiting = self._waiting, None
        assert waiting is not None, "one event per environment is all this stand-in serves"
        payload = json.dumps(event).encode()
        with waiting:
            waiting.sendall(_EVENT.format(length=len(payload)).encode() + payload)
            target, body, answered = self._request(waiting)
            answered.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        if not target.endswith("/response"):
            message = f"the handler failed: {body.decode()}"
            raise RuntimeError(message)
        return dict(json.loads(body))

    def _request(self, kept_open: socket.socket | None = None) -> tuple[str, bytes, socket.socket]:
        """Read one request of the runtime: its target, its body, and where to answer it."""
        connection = kept_open or self._listener.accept()[0]
        connection.settimeout(_PATIENCE_SECONDS)
        with connection.makefile("rb") as stream:
            target = stream.readline().decode().split()[1]
            headers = dict(line.decode().strip().lower().split(": ", 1) for line in iter(stream.readline, b"\r\n"))
            return target, stream.read(int(headers.get("content-length", "0"))), connection
