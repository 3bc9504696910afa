"""S3 between a task and the emulator, which sends all of a version where a part of it is asked for."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.emulator import Account

__all__ = ["cutting_ranges"]

RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@contextlib.contextmanager
def cutting_ranges(account: Account) -> Iterator[str]:
    """Serve the account's S3 beside it, and yield where; what is asked and answered is the account's own."""
    place = urlsplit(account.endpoint)
    handler = type("Handler", (_Handler,), {"emulator": place.netloc})
    server = ThreadingHTTPServer((place.hostname or "", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{place.hostname}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    emulator: ClassVar[str]

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with contextlib.closing(http.client.HTTPConnection(self.emulator)) as connection:
            # The host that the task signed stays in its headers.
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        asked = RANGE.fullmatch(self.headers.get("Range", ""))
        headers = {"ETag": answer.headers["ETag"], "Content-Type": answer.headers["Content-Type"]}
        if asked and status == HTTPStatus.OK:
            first, last, size = int(asked[1]), int(asked[2]), len(content)
            status, content = HTTPStatus.PARTIAL_CONTENT, content[first : last + 1]
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = _pass_on  # noqa: N815  the names that http.server asks for
    do_PUT = _pass_on  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing; the emulator says what it was asked."""
