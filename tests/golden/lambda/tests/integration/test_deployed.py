"""What is deployed answers as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any


def test_a_warm_request_is_answered_within_a_second(outputs: dict[str, str]) -> None:
    quote = {"zone": "domestic", "weight_grams": 1200}
    _send(outputs, "POST", "/quotes", quote)

    began = time.perf_counter()
    status, body = _send(outputs, "POST", "/quotes", quote)
    took = time.perf_counter() - began

    assert (status, body["price_cents"]) == (200, 510)
    assert took < 1


def test_a_refusal_is_a_problem_response(outputs: dict[str, str]) -> None:
    assert _send(outputs, "POST", "/quotes", {"zone": "moon"})[0] == 422
    assert _send(outputs, "DELETE", "/quotes")[0] == 405
    assert _send(outputs, "GET", "/nothing/here")[0] == 404


def _send(outputs: dict[str, str], method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        outputs["ApiUrl"].rstrip("/") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)
