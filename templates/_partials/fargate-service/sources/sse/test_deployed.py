"""What is deployed {{ 'wakes for a client that tries again and tells it something' if decision.scale_to_zero.min_capacity == 0 else 'tells a client something' }}, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import http.client
import os
import ssl
{% if decision.scale_to_zero.min_capacity == 0 %}
import time

# CloudWatch sees in some minutes that clients are refused, and a task starts; it may have been woken just before.
PATIENCE_SECONDS = 1_200
{% endif %}


def test_events_come(outputs: dict[str, str]) -> None:
    # Without the name of the certificate the load balancer is asked under its own, which no certificate has.
    name = os.environ.get("SERVICE_NAME", "")
    context = ssl.create_default_context()
    if not name:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = name or outputs["LoadBalancerName"]

{% if decision.scale_to_zero.min_capacity == 0 %}
    began = time.monotonic()
    while (stream := listen(place, context)).status == 503 and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(5)
{% else %}
    stream = listen(place, context)
{% endif %}

    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert [line for line in iter(stream.readline, b"event: waiting\n") if line.startswith(b"id: ")]


def listen(place: str, context: ssl.SSLContext) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection(place, timeout=60, context=context)
    connection.request("GET", "/events")
    return connection.getresponse()
