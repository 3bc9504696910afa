"""An AWS account inside this process; import it before the handler, whose client is the one that must find it.

It holds the resources of {{ stack_file }} that a run needs. Where Step Functions calls Lambda, the real handler answers.
"""

from __future__ import annotations

import importlib
import json
import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from environment import LAMBDA, VARIABLES
from moto import mock_aws
{% if aws_client == "lean" %}
from moto.server import ThreadedMotoServer
{% endif %}

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FUNCTION_ARN", "Function", "StepContext", "checkpoints", "function"]

FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:function"

os.environ.update(LAMBDA, AWS_DEFAULT_REGION="us-east-1")
mock_aws(
    config={
        "core": {"passthrough": {"urls": [r"http://127\.0\.0\.1:"]}},
        "stepfunctions": {"execute_state_machine": True},
    },
).start()
{% if aws_client == "lean" %}

# What the function itself calls finds the same account on loopback.
_server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
_server.start()
_host, _port = _server.get_host_and_port()
os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://{_host}:{_port}"
{% endif %}


@dataclass(slots=True, kw_only=True)
class StepContext:
    """The context of an invocation whose time shrinks by a page's share each time that the step asks for it."""

    remaining_ms: int = 900_000
    page_ms: int = 10_000
    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = FUNCTION_ARN
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left."""
        self.remaining_ms -= self.page_ms
        return self.remaining_ms


@dataclass(slots=True)
class Function:
    """Lambda with this service's function, as Step Functions sees it.

    Attributes:
        steps: Every event that the function was called with.
        page_ms: What a page takes of a step's time.
        fail: Called before each step; what it raises is what Lambda answers.
    """

    steps: list[dict[str, Any]] = field(default_factory=list)
    page_ms: int = 10_000
    fail: Callable[[dict[str, Any]], None] = lambda _event: None

    def invoke(self, event: dict[str, Any]) -> tuple[object, bool]:
        """Return what Lambda answers to one call, and whether that is an error."""
        self.steps.append(event)
        handler = importlib.import_module("{{ package_name }}.handlers.workflow").lambda_handler
        try:
            self.fail(event)
            return handler(event, StepContext(page_ms=self.page_ms)), False
        except Exception as error:  # noqa: BLE001  the runtime answers any exception with its name
            return {"errorType": type(error).__name__, "errorMessage": str(error)}, True


@pytest.fixture
def checkpoints() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the table of checkpoints holds, item by item; it is empty when a test begins."""
    client, name = boto3.client("dynamodb"), VARIABLES["CHECKPOINT_TABLE"]
    client.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": "run_id", "AttributeType": "S"},
            {"AttributeName": "chunk_start", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "run_id", "KeyType": "HASH"},
            {"AttributeName": "chunk_start", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield lambda: [dict(item) for item in client.scan(TableName=name)["Items"]]
    client.delete_table(TableName=name)


@pytest.fixture
def function(checkpoints: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    """The function behind an endpoint of its own, with an empty table of checkpoints."""
    assert checkpoints
    function = Function()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer, failed = function.invoke(event)
            body = json.dumps(answer).encode()
            self.send_response(200)
            if failed:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{server.server_port}")
        yield function
        server.shutdown()
        thread.join()
