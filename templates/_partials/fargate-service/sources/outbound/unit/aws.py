"""Stands in for DynamoDB and SQS where the task is a process of its own: everything is free to claim."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Aws"]


class Aws(ThreadingHTTPServer):
    """Answers calls, and remembers them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.daemon_threads = True
        self.asked: list[tuple[str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def actions(self) -> list[str]:
        """Return what was asked for, in order."""
        return [action for action, _ in self.asked]

    @contextlib.contextmanager
    def running(self) -> Iterator[Aws]:
        """Answer."""
        thread = threading.Thread(target=self.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class _Answers(BaseHTTPRequestHandler):
    """Takes calls in the JSON that both services speak."""

    server: Aws

    def do_POST(self) -> None:
        action = self.headers["X-Amz-Target"].partition(".")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((action, body))
        text = json.dumps({"Attributes": {"tries": {"N": "1"}}} if action == "UpdateItem" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read what the task says."""
