"""What is deployed wakes for a client that tries again and answers it, through the load balancer and over TLS.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import os
import ssl
import time

from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from forecast_desk import domain

# CloudWatch sees in some minutes that clients are refused, and a task starts; it may have been woken just before.
PATIENCE_SECONDS = 1_200


def test_a_message_is_answered(outputs: dict[str, str]) -> None:
    # Without the name of the certificate the load balancer is asked under its own, which no certificate has.
    name = os.environ.get("SERVICE_NAME", "")
    context = ssl.create_default_context()
    if not name:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = outputs["LoadBalancerName"]

    with connected(f"wss://{name or place}/connect", place, context) as client:
        client.send(json.dumps({"version": 1, "message_id": "deployed", "seed": 7, "parcels": 250}))
        answer = json.loads(client.recv(60))

    assert answer == {"message_id": "deployed", "revenue_cents": domain.tally(7, range(250)).revenue_cents}


def connected(url: str, place: str, context: ssl.SSLContext) -> ClientConnection:
    """Connect, as often as it takes while the load balancer refuses because no task is there."""
    began = time.monotonic()
    while True:
        try:
            return connect(url, host=place, ssl=context, open_timeout=60)
        except InvalidStatus as refused:
            if refused.response.status_code != 503 or time.monotonic() - began > PATIENCE_SECONDS:
                raise
            time.sleep(5)
