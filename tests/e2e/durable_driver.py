"""Runs executions of a rendered durable function in real processes, with the service's own Python.

usage: durable_driver.py SERVICE ORDER...

The built package starts under Lambda's runtime client, once for each invocation. It saves its checkpoints
over HTTP with the real boto3, in the local runner that AWS publishes for durable executions. Prints one JSON
document for each order, how it ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = Path(sys.argv[1])
sys.path.insert(0, str(SERVICE / "tests"))

from environment import LAMBDA, VARIABLES  # noqa: E402  the rendered repository's own
from unit.runtime_api import ExecutionEnvironment  # noqa: E402

REGION = "us-east-1"
HANDLER = "tariff_forecasts.handlers.workflow.lambda_handler"
FUNCTION = "function"
RUNNER = Path(sys.executable).with_name("dex-local-runner")
PAGE_PARCELS = "1000"
PATIENCE_SECONDS = 240


class Functions:
    """Lambda's Invoke API for one function; each call is a process of its own."""

    def __init__(self, task: Path) -> None:
        self.task = task
        self.endpoint_of_executions = ""
        self.invocations = 0

    def invoke(self, event: dict[str, Any]) -> tuple[object, bool]:
        """Return what one invocation answered, and whether it failed."""
        self.invocations += 1
        variables = VARIABLES | {
            "PAGE_PARCELS": PAGE_PARCELS,
            "AWS_ENDPOINT_URL_LAMBDA": self.endpoint_of_executions,
        }
        try:
            with ExecutionEnvironment(self.task, HANDLER, variables) as environment:
                return environment.invoke(event), False
        except RuntimeError as error:
            return {"errorType": "Unhandled", "errorMessage": str(error)}, True


@contextlib.contextmanager
def served(functions: Functions) -> Iterator[str]:
    """Serve the Invoke API; the value is its address."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer, failed = functions.invoke(event)
            body = json.dumps(answer).encode()
            self.send_response(200)
            if failed:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextlib.contextmanager
def runner(lambda_endpoint: str) -> Iterator[str]:
    """Run AWS's local runner of durable executions; the value is its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    durable = {FUNCTION: {"DurableConfig": {"ExecutionTimeout": 600}}}
    command = [str(RUNNER), "start-server", "--skip-time", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--lambda-endpoint", lambda_endpoint, "--local-runner-endpoint", address]
    command += ["--local-runner-region", REGION, "--function-configs", json.dumps(durable)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env={**os.environ, **LAMBDA}, stdout=quiet, stderr=quiet)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def ended(address: str, order: object) -> dict[str, Any]:
    """Start an execution and wait for its end."""
    command = [str(RUNNER), "invoke", "--function-name", FUNCTION, "--input", json.dumps(order)]
    environment = {**os.environ, **LAMBDA, "AWS_DEX_LOCAL_RUNNER_ENDPOINT": address}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    arn = json.loads(done.stdout[done.stdout.index("{") :])["ExecutionArn"]
    client = boto3.client("lambda", endpoint_url=address, region_name=REGION)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = client.get_durable_execution(DurableExecutionArn=arn)
        if found["Status"] != "RUNNING":
            return dict(found)
        time.sleep(0.2)
    raise TimeoutError(arn)


def main() -> None:
    """Run every order after the other."""
    os.environ.update(LAMBDA)
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task"
        with zipfile.ZipFile(SERVICE / "dist" / "function.zip") as package:
            package.extractall(task)
        functions = Functions(task)
        with served(functions) as lambda_endpoint, runner(lambda_endpoint) as address:
            functions.endpoint_of_executions = address
            for text in sys.argv[2:]:
                functions.invocations = 0
                found = ended(address, json.loads(text))
                shown = {"status": found["Status"], "invocations": functions.invocations}
                shown |= {"result": json.loads(found.get("Result") or "null"), "error": found.get("Error")}
                sys.stdout.write(f"{json.dumps(shown)}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
