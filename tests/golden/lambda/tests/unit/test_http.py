"""Requests as API Gateway sends them, the good and the bad ones: each gets an answer, none a crash."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from shipping_quotes import domain
from shipping_quotes.handlers import http

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    type Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(event: dict[str, Any], context: LambdaContext) -> Send:
    """Send the sample event with some of its parts replaced; the answer's body comes back parsed."""

    def send(**parts: object) -> dict[str, Any]:
        answer = http.lambda_handler({**event, **parts}, context)
        return {**answer, "body": json.loads(str(answer["body"]))}

    return send


def test_a_quote_is_answered(send: Send) -> None:
    answer = send()

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "application/json"
    assert answer["body"] == {"zone": "domestic", "weight_grams": 1200, "price_cents": 510}


def test_a_zone_is_answered(send: Send) -> None:
    answer = send(routeKey="GET /zones/{zone}", rawPath="/zones/worldwide", pathParameters={"zone": "worldwide"})

    assert answer["statusCode"] == 200
    assert answer["body"]["heaviest_grams"] == 20_000


def test_an_unknown_zone_is_not_found(send: Send) -> None:
    answer = send(routeKey="GET /zones/{zone}", rawPath="/zones/moon", pathParameters={"zone": "moon"})

    assert (answer["statusCode"], answer["body"]["title"]) == (404, "Not Found")


def test_a_base64_body_is_read(send: Send, event: dict[str, Any]) -> None:
    answer = send(body=base64.b64encode(event["body"].encode()).decode(), isBase64Encoded=True)

    assert answer["statusCode"] == 200


@pytest.mark.parametrize(
    "body",
    [None, "", "{", "nonsense", '{"zone": NaN}', "\ud800", '{"zone": "domestic", "weight_grams": 1} and more'],
    ids=["none", "empty", "cut off", "no JSON", "NaN", "lone surrogate", "two documents"],
)
def test_a_body_that_is_not_json_is_a_bad_request(send: Send, body: str | None) -> None:
    answer = send(body=body)

    assert (answer["statusCode"], answer["body"]["title"]) == (400, "Bad Request")
    assert answer["headers"]["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ("[]", "#"),
        ("null", "#"),
        ("[" * 10_000 + "]" * 10_000, "#"),
        ("{}", "#"),
        ('{"zone": "domestic"}', "#"),
        ('{"zone": "moon", "weight_grams": 1}', "#/zone"),
        ('{"zone": "domestic", "weight_grams": "1"}', "#/weight_grams"),
        ('{"zone": "domestic", "weight_grams": 0}', "#/weight_grams"),
        ('{"zone": "domestic", "weight_grams": 1.5}', "#/weight_grams"),
        ('{"zone": "domestic", "weight_grams": 1e400}', "#/weight_grams"),
        ('{"zone": "domestic", "weight_grams": 1' + "0" * 400 + "}", "#/weight_grams"),
        ('{"zone": "domestic", "weight_grams": 20' + "0" * 4 + "}", "#/weight_grams"),
        ('{"zone": "domestic", "weight_grams": 1, "colour": "red"}', "#"),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_with_the_place(send: Send, body: str, pointer: str) -> None:
    answer = send(body=body)

    assert answer["statusCode"] == 422
    assert [error["pointer"] for error in answer["body"]["errors"]] == [pointer]


def test_a_body_that_is_not_base64_is_a_bad_request(send: Send) -> None:
    assert send(body="not base64!", isBase64Encoded=True)["statusCode"] == 400


def test_a_body_that_is_too_large_is_refused_unread(send: Send) -> None:
    assert send(body=" " * (http.settings.max_body_bytes + 1))["statusCode"] == 413


def test_another_media_type_is_refused(send: Send) -> None:
    assert send(headers={"content-type": "text/xml"})["statusCode"] == 415


@pytest.mark.parametrize("path", ["/", "/quote", "/quotes/1", "/zones", "/zones/a/b", "/../quotes"])
def test_an_unknown_path_is_not_found(send: Send, path: str) -> None:
    assert send(routeKey="$default", rawPath=path)["statusCode"] == 404


@pytest.mark.parametrize(("path", "allowed"), [("/quotes", "POST"), ("/zones/domestic", "GET")])
def test_a_wrong_method_is_told_the_right_one(send: Send, path: str, allowed: str) -> None:
    answer = send(routeKey="$default", rawPath=path)

    assert (answer["statusCode"], answer["headers"]["allow"]) == (405, allowed)


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"routeKey": 1}, {"version": "1.0", "path": "/quotes"}])
def test_what_is_no_http_event_is_refused_and_logged(
    event: dict[str, Any],
    context: LambdaContext,
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    answer = http.lambda_handler(event, context)

    assert answer["statusCode"] == 400
    assert "not an HTTP API event" in [line["message"] for line in log_lines()]


def test_an_unexpected_failure_tells_the_caller_nothing_and_the_logs_everything(
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    monkeypatch.setattr(domain, "TARIFFS", {})

    answer = send()

    assert answer["statusCode"] == 500
    assert set(answer["body"]) == {"title", "status", "correlation_id"}
    [line] = log_lines()
    assert line["level"] == "ERROR"
    assert "KeyError" in line["exception"]
    assert line["correlation_id"] == answer["body"]["correlation_id"]


def test_the_callers_correlation_id_is_in_the_answer_and_in_every_log_line(
    send: Send,
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    answer = send(headers={"x-correlation-id": "order-17"})

    assert answer["headers"]["x-correlation-id"] == "order-17"
    assert [line["correlation_id"] for line in log_lines()] == ["order-17"]


@pytest.mark.parametrize("given", ["", "two\nlines", "x" * 65, "<script>", "\u202e"])
def test_what_is_no_correlation_id_is_replaced_by_the_request_id(send: Send, event: dict[str, Any], given: str) -> None:
    answer = send(headers={"x-correlation-id": given})

    assert answer["headers"]["x-correlation-id"] == event["requestContext"]["requestId"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [('{"zone": "domestic", "weight_grams": 1}', "Answered"), ("{", "Refused")],
)
def test_every_request_is_counted_by_its_outcome(
    send: Send,
    capsys: pytest.CaptureFixture[str],
    body: str,
    outcome: str,
) -> None:
    send(body=body)

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[outcome] for line in metrics if outcome in line] == [[1.0]]
    assert {line["environment"] for line in metrics if outcome in line} == {http.settings.environment}
