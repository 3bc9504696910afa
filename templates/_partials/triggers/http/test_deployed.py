"""What is deployed answers as it should.

`make deploy` runs this against the stack that it deployed. By hand: STACK_NAME=... uv run pytest tests/integration
{% if jwt %}
TOKEN is a token of the issuer that {{ environments_file }} names; without one only the refusal is tested.
{% endif %}
"""

from __future__ import annotations

import json
{% if jwt %}
import os
{% endif %}
import time
import urllib.error
import urllib.request
from typing import Any
{% if authorisation == "iam" %}
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
{% endif %}
{% if jwt %}

import pytest

TOKEN = os.environ.get("TOKEN", "")
needs_token = pytest.mark.skipif(not TOKEN, reason="TOKEN is not set")
{% endif %}


{% if jwt %}
@needs_token
{% endif %}
def test_a_warm_request_is_answered_within_a_second(outputs: dict[str, str]) -> None:
    quote = {"zone": "domestic", "weight_grams": 1200}
    _send(outputs, "POST", "/quotes", quote)

    began = time.perf_counter()
    status, body = _send(outputs, "POST", "/quotes", quote)
    took = time.perf_counter() - began

    assert (status, body["price_cents"]) == (200, 510)
    assert took < 1


{% if jwt %}
@needs_token
{% endif %}
def test_a_refusal_is_a_problem_response(outputs: dict[str, str]) -> None:
    assert _send(outputs, "POST", "/quotes", {"zone": "moon"})[0] == 422
    assert _send(outputs, "DELETE", "/quotes")[0] == 405
    assert _send(outputs, "GET", "/nothing/here")[0] == 404


{% if authorisation != "none" %}
def test_who_does_not_say_who_it_is_gets_no_answer(outputs: dict[str, str]) -> None:
    request = urllib.request.Request(outputs["ApiUrl"], method="GET")

    assert _answer(request)[0] == {{ "401" if jwt else "403" }}


{% endif %}
def _send(outputs: dict[str, str], method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(
        outputs["ApiUrl"].rstrip("/") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"{% if jwt %}, "authorization": f"Bearer {TOKEN}"{% endif %}},
    )
{% if authorisation == "iam" %}
    _sign(request)
{% endif %}
{% if authorisation != "none" %}
    return _answer(request)


{% if authorisation == "iam" %}
def _sign(request: urllib.request.Request) -> None:
    credentials = Session().get_credentials()
    assert credentials, "there are no credentials to sign with"
    region = urlsplit(request.full_url).netloc.split(".")[2]
    signed = AWSRequest(request.get_method(), request.full_url, dict(request.header_items()), request.data)
    SigV4Auth(credentials, "{{ "lambda" if function_url else "execute-api" }}", region).add_auth(signed)
    for name, value in signed.headers.items():
        request.add_header(name, value)


{% endif %}
def _answer(request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
{% endif %}
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)
