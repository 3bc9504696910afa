"""What is deployed tells a client something, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import http.client
import os
import ssl


def test_events_come(outputs: dict[str, str]) -> None:
    # Without the name of the certificate the load balancer is asked under its own, which no certificate has.
    name = os.environ.get("SERVICE_NAME", "")
    context = ssl.create_default_context()
    if not name:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = name or outputs["LoadBalancerName"]

    stream = listen(place, context)

    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert [line for line in iter(stream.readline, b"event: waiting\n") if line.startswith(b"id: ")]


def listen(place: str, context: ssl.SSLContext) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection(place, timeout=60, context=context)
    connection.request("GET", "/events")
    return connection.getresponse()
