"""What is deployed {{ 'wakes for a caller who tries again and answers' if decision.scale_to_zero.min_capacity == 0 else 'answers a caller' }}, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
{% if decision.scale_to_zero.min_capacity == 0 %}
import time

# CloudWatch sees in some minutes that callers are refused, and a task starts; it may have been woken just before.
PATIENCE_SECONDS = 1_200
{% endif %}


def test_a_request_is_answered(outputs: dict[str, str]) -> None:
    # Without the name of the certificate the load balancer is asked under its own, which no certificate has.
    name = os.environ.get("SERVICE_NAME", "")
    context = ssl.create_default_context()
    if not name:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = name or outputs["LoadBalancerName"]

{% if decision.scale_to_zero.min_capacity == 0 %}
    began = time.monotonic()
    while (answered := ask(place, context)).status == 503 and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(5)
{% else %}
    answered = ask(place, context)
{% endif %}

    assert answered.status == 200
    assert json.loads(answered.read()) == {"zone": "domestic", "weight_grams": 1_200, "price_cents": 510}


def ask(place: str, context: ssl.SSLContext) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection(place, timeout=60, context=context)
    body = json.dumps({"zone": "domestic", "weight_grams": 1_200})
    connection.request("POST", "/quotes", body, {"Content-Type": "application/json"})
    return connection.getresponse()
