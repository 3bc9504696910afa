"""What is deployed wakes when it is asked, within the time that its callers are told.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest

# Pull and start of a task, a check of its health, and what it takes until API Gateway knows; then as much again, and
# some minutes for a VPC link that is new.
PATIENCE_SECONDS = 300


def test_a_service_that_is_asked_answers_in_time_and_says_when_to_come_back(outputs: dict[str, str]) -> None:
    began = time.monotonic()
    while (answered := ask(outputs["ApiUrl"])).status == 503:
        assert time.monotonic() - began < PATIENCE_SECONDS, f"it did not wake in {PATIENCE_SECONDS} s"
        # Asleep, it says so itself; while it drains or is too busy, a task does.
        time.sleep(min(10, int(answered.headers["Retry-After"] or 1)))

    assert answered.status == 200
    assert json.loads(answered.read()) == {"zone": "domestic", "weight_grams": 1_200, "price_cents": 510}


def ask(url: str) -> http.client.HTTPResponse:
    host = urlsplit(url).hostname
    if host is None:
        pytest.fail(f"{url} has no host")
    connection = http.client.HTTPSConnection(host, timeout=30)
    body = json.dumps({"zone": "domestic", "weight_grams": 1_200})
    connection.request("POST", "/quotes", body, {"Content-Type": "application/json"})
    return connection.getresponse()
