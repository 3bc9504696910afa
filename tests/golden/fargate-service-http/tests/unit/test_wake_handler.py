"""The function that wakes the service, on the parts of AWS that it calls."""

from __future__ import annotations

import dataclasses
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import moto
import pytest

from wake import handler
from wake.effects import Door, Service, Traffic, answers
from wake.handler import SERVICE, Waker
from wake.ledger import Ledger
from wake.machine import LIMITS, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_000_000.0


class Account:
    """An account with the service in it, a clock that is set, and tasks that answer or do not."""

    def __init__(self) -> None:
        self.ecs, self.api = boto3.client("ecs"), boto3.client("apigatewayv2")
        self.cloudwatch, dynamodb = boto3.client("cloudwatch"), boto3.client("dynamodb")
        self.now, self.is_ready, self.probes = NOW, False, 0
        self._make_service()
        self._make_api()
        dynamodb.create_table(
            TableName="phases",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.ledger = Ledger(dynamodb, "phases")
        self.waker = Waker(
            environment="test",
            ledger=self.ledger,
            service=Service(self.ecs, "cluster", "service"),
            door=Door(self.api, self.api_id),
            traffic=Traffic(self.cloudwatch, SERVICE, "test", self.api_id),
            is_ready=self._probe,
            clock=lambda: self.now,
        )

    def _make_service(self) -> None:
        self.ecs.create_cluster(clusterName="cluster")
        container: Any = {"name": "server", "image": "image", "memory": 512}
        self.ecs.register_task_definition(family="task", containerDefinitions=[container])
        self.ecs.create_service(cluster="cluster", serviceName="service", taskDefinition="task", desiredCount=0)

    def _make_api(self) -> None:
        self.api_id = self.api.create_api(Name="api", ProtocolType="HTTP")["ApiId"]
        made = [
            self.api.create_integration(ApiId=self.api_id, IntegrationType=kind) for kind in ("AWS_PROXY", "HTTP_PROXY")
        ]
        self.shut, self.opened = (f"integrations/{one['IntegrationId']}" for one in made)
        self.api.create_route(ApiId=self.api_id, RouteKey="$default", Target=self.shut)
        self.api.create_route(ApiId=self.api_id, RouteKey="GET /ready", Target=self.opened)

    def _probe(self) -> bool:
        self.probes += 1
        return self.is_ready

    @property
    def count(self) -> int:
        """How many tasks are wanted."""
        return self.ecs.describe_services(cluster="cluster", services=["service"])["services"][0]["desiredCount"]

    @property
    def door(self) -> str:
        """Where the door leads."""
        return self.routes["$default"]

    @property
    def routes(self) -> dict[str, str]:
        """Where every route leads."""
        return {route["RouteKey"]: route["Target"] for route in self.api.get_routes(ApiId=self.api_id)["Items"]}

    @property
    def phase(self) -> Phase:
        """What is written of the service."""
        return self.ledger.read().state.phase

    def measure(self, namespace: str, name: str, value: float, **dimensions: str) -> None:
        """Have CloudWatch know of a value."""
        named = [{"Name": key, "Value": text} for key, text in dimensions.items()]
        earlier = datetime.now(UTC) - timedelta(minutes=3)
        datum: Any = {"MetricName": name, "Dimensions": named, "Value": value, "Timestamp": earlier}
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def wake_up(self) -> None:
        """Let it be awake for a while."""
        self.is_ready = True
        self.waker.refuse()
        self.now += 30
        self.waker.refuse()
        self.now += LIMITS.awake_at_least


def headers(answer: dict[str, object]) -> dict[str, str]:
    assert isinstance(answer["headers"], dict)
    return answer["headers"]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account of its own for each test."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with moto.mock_aws():
        yield Account()


def test_the_first_request_starts_one_task_and_is_asked_to_come_back(account: Account) -> None:
    answer = account.waker.refuse()

    assert (answer["statusCode"], answer["headers"]) == (
        503,
        {"cache-control": "no-store", "content-type": "application/problem+json", "retry-after": "45"},
    )
    assert json.loads(str(answer["body"]))["status"] == 503
    assert (account.count, account.phase, account.door) == (1, Phase.STARTING, account.shut)


def test_the_door_is_opened_when_the_task_answers_and_not_before(account: Account) -> None:
    account.waker.refuse()
    account.now += 20
    early = account.waker.refuse()
    shut_still = account.door
    account.is_ready = True
    account.now += 20
    account.waker.refuse()

    assert (headers(early)["retry-after"], shut_still) == ("25", account.shut)
    assert (account.phase, account.door) == (Phase.AWAKE, account.opened)
    assert account.routes["GET /ready"] == account.opened


def test_what_scaling_has_raised_is_not_lowered_by_a_request(account: Account) -> None:
    account.ecs.update_service(cluster="cluster", service="service", desiredCount=7)

    account.waker.refuse()

    assert account.count == 7


def test_callers_at_the_same_moment_write_one_after_another(account: Account) -> None:
    read = account.ledger.read()

    took = [account.ledger.replace(read, dataclasses.replace(read.state, since=since)) for since in (1, 2)]

    assert took == [True, False]
    assert account.ledger.read().state.since == 1


def test_an_idle_service_shuts_the_door_first_and_stops_later(account: Account) -> None:
    account.wake_up()

    account.waker.look()
    dozing = account.phase, account.door, account.count
    account.now += 300
    account.waker.look()

    assert dozing == (Phase.DOZING, account.shut, 1)
    assert (account.phase, account.door, account.count) == (Phase.ASLEEP, account.shut, 0)


@pytest.mark.parametrize(
    ("namespace", "name", "value"),
    [
        pytest.param(SERVICE, "InFlight", 1, id="a connection at work"),
        pytest.param("AWS/ApiGateway", "Count", 1, id="calls, where tasks say nothing"),
    ],
)
def test_a_busy_service_stays_awake(namespace: str, name: str, value: float, account: Account) -> None:
    own = namespace == SERVICE
    account.wake_up()
    dimensions = {"service": SERVICE, "environment": "test"} if own else {"ApiId": account.api_id}
    account.measure(namespace, name, value, **dimensions)

    account.waker.look()

    assert (account.phase, account.door, account.count) == (Phase.AWAKE, account.opened, 1)


def test_calls_that_ask_about_the_task_alone_keep_nothing_awake(account: Account) -> None:
    account.wake_up()
    account.measure(SERVICE, "InFlight", 0, service=SERVICE, environment="test")
    account.measure("AWS/ApiGateway", "Count", 9, ApiId=account.api_id)

    account.waker.look()

    assert account.phase is Phase.DOZING


def test_three_tasks_that_fail_end_it_and_somebody_is_told(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler, "waker", lambda: account.waker)
    account.waker.refuse()
    failed = {"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "taskArn": "task"}
    for _ in range(LIMITS.failed_tasks):
        account.now += 20
        handler.lambda_handler({"detail-type": "ECS Task State Change", "detail": failed}, None)

    assert (account.phase, account.count) == (Phase.ASLEEP, 0)
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["FailedStarts"] for line in metrics if "FailedStarts" in line] == [1]
    assert "start failed" in caplog.messages
    at_rest = account.waker.refuse()
    assert (account.count, headers(at_rest)["retry-after"]) == (0, "300")


@pytest.mark.parametrize(
    ("detail", "counts"),
    [
        ({"lastStatus": "STOPPED", "stopCode": "TaskFailedToStart"}, 1),
        ({"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited"}, 1),
        (
            {
                "lastStatus": "STOPPED",
                "stopCode": "ServiceSchedulerInitiated",
                "stoppedReason": "Task failed container health checks",
            },
            1,
        ),
        (
            {
                "lastStatus": "STOPPED",
                "stopCode": "ServiceSchedulerInitiated",
                "stoppedReason": "Scaling activity initiated by deployment",
            },
            0,
        ),
        ({"lastStatus": "STOPPED", "stopCode": "UserInitiated"}, 0),
        ({"lastStatus": "RUNNING", "desiredStatus": "STOPPED"}, 0),
    ],
)
def test_only_a_task_that_nobody_stopped_has_failed(
    detail: dict[str, str], counts: int, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "waker", lambda: account.waker)
    account.waker.refuse()

    handler.lambda_handler({"detail-type": "ECS Task State Change", "detail": detail}, None)

    assert account.ledger.read().state.failed_tasks == counts


def test_a_task_that_begins_to_run_is_asked_until_it_answers(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "waker", lambda: account.waker)
    account.waker.refuse()
    answered = iter([False, False, True])
    monkeypatch.setattr(account.waker, "_is_ready", lambda: next(answered))

    handler.lambda_handler(
        {"detail-type": "ECS Task State Change", "detail": {"lastStatus": "RUNNING", "desiredStatus": "RUNNING"}}, None
    )

    assert (account.phase, account.door) == (Phase.AWAKE, account.opened)


def test_a_request_and_the_time_to_look_are_told_apart(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "waker", lambda: account.waker)

    looked = handler.lambda_handler({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}, None)
    before = account.phase
    refused = handler.lambda_handler({"version": "2.0", "requestContext": {"http": {"method": "GET"}}}, None)

    assert (looked, before) == (None, Phase.ASLEEP)
    assert refused is not None
    assert (refused["statusCode"], account.phase) == (503, Phase.STARTING)


def test_a_caller_gets_an_answer_even_if_the_service_cannot_be_started(
    account: Account, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account.waker, "_service", Service(account.ecs, "gone", "service"))

    answer = account.waker.refuse()

    assert answer["statusCode"] == 503
    assert "not woken" in caplog.messages


def test_sleeping_and_waking_are_seen_in_logs_and_metrics(
    account: Account, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    account.wake_up()
    for _ in range(2):
        account.waker.look()
        account.now += 300

    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [name for line in metrics for name in ("Wakes", "Sleeps") if name in line] == ["Wakes", "Sleeps"]
    assert [record.getMessage().partition(",")[0] for record in caplog.records if record.name == "wake"] == [
        "starting",
        "awake",
        "dozing",
        "stopping",
        "asleep",
    ]


class Ready(BaseHTTPRequestHandler):
    """Answers with the status that the server was told."""

    def do_GET(self) -> None:
        status = self.server.status if self.path == "/ready" else 500  # type: ignore[attr-defined]  # set by the test
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False), (404, False)])
def test_the_service_is_asked_whether_it_is_ready(status: int, well: bool) -> None:  # noqa: FBT001  a table
    with ThreadingHTTPServer(("127.0.0.1", 0), Ready) as server:
        server.status = status  # type: ignore[attr-defined]  # read by the handler
        threading.Thread(target=server.serve_forever, daemon=True).start()

        assert answers(f"http://127.0.0.1:{server.server_address[1]}") is well

        server.shutdown()


def test_a_service_that_is_not_there_does_not_answer() -> None:
    assert answers("http://127.0.0.1:1") is False
