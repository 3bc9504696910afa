"""What is deployed answers a caller, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import http.client
import json
import os
import ssl


def test_a_request_is_answered(outputs: dict[str, str]) -> None:
    # Without the name of the certificate the load balancer is asked under its own, which no certificate has.
    name = os.environ.get("SERVICE_NAME", "")
    context = ssl.create_default_context()
    if not name:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = name or outputs["LoadBalancerName"]

    answered = ask(place, context)

    assert answered.status == 200
    assert json.loads(answered.read()) == {"zone": "domestic", "weight_grams": 1_200, "price_cents": 510}


def ask(place: str, context: ssl.SSLContext) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection(place, timeout=60, context=context)
    body = json.dumps({"zone": "domestic", "weight_grams": 1_200})
    connection.request("POST", "/quotes", body, {"Content-Type": "application/json"})
    return connection.getresponse()
