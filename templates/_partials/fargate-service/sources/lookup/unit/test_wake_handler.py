"""The function that wakes the service, on the parts of AWS that it calls."""

from __future__ import annotations

import base64
import gzip
import json
{% if protocol == "tcp" %}
import socket
{% endif %}
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import moto
import pytest
from botocore.stub import Stubber

from wake import handler
from wake.effects import NOBODY, Door, Record, Service, Tasks, Traffic{{ "" if protocol == "udp" else ", answers" }}
from wake.handler import SERVICE, Waker
from wake.ledger import Ledger
from wake.machine import LIMITS, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_000_000.0
NAME = "line.example.com"
RUNS = {"lastStatus": "RUNNING", "desiredStatus": "RUNNING"}


class Account:
    """An account with the service in it, a clock that is set, and tasks that answer or do not."""

    def __init__(self) -> None:
        self.ecs, self.route53 = boto3.client("ecs"), boto3.client("route53")
        self.ec2, self.cloudwatch = boto3.client("ec2"), boto3.client("cloudwatch")
        dynamodb = boto3.client("dynamodb")
        self.now, self.is_ready = NOW, False
        self._make_service()
        self.zone = self.route53.create_hosted_zone(Name=NAME, CallerReference="zone")["HostedZone"]["Id"]
        dynamodb.create_table(
            TableName="phases",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.ledger = Ledger(dynamodb, "phases")
        self.tasks = Tasks(self.ecs, self.ec2, "cluster", "service")
        self.door = Door(Record(self.route53, self.zone, NAME), self.tasks)
        self.waker = Waker(
            environment="test",
            ledger=self.ledger,
            service=Service(self.ecs, "cluster", "service"),
            door=self.door,
            traffic=Traffic(self.cloudwatch, SERVICE, "test"),
            is_ready=lambda: self.is_ready,
            clock=lambda: self.now,
        )

    def _make_service(self) -> None:
        self.ecs.create_cluster(clusterName="cluster")
        container: Any = {"name": "server", "image": "image", "memory": 512}
        self.ecs.register_task_definition(family="task", containerDefinitions=[container])
        self.ecs.create_service(cluster="cluster", serviceName="service", taskDefinition="task", desiredCount=0)

    @property
    def count(self) -> int:
        """How many tasks are wanted."""
        return self.ecs.describe_services(cluster="cluster", services=["service"])["services"][0]["desiredCount"]

    @property
    def record(self) -> list[str]:
        """What the name leads to."""
        found = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return [value["Value"] for one in found if one["Type"] == "A" for value in one["ResourceRecords"]]

    @property
    def phase(self) -> Phase:
        """What is written of the service."""
        return self.ledger.read().state.phase

    def wake_up(self) -> None:
        """Let it be awake for a while."""
        self.is_ready = True
        self.waker.hear([NAME], NAME)
        self.now += 30
        handler.lambda_handler({"detail-type": "ECS Task State Change", "detail": RUNS}, None)
        self.now += LIMITS.awake_at_least


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account of its own for each test."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("NAME", NAME)
    with moto.mock_aws():
        made = Account()
        monkeypatch.setattr(handler, "waker", lambda: made.waker)
        yield made


def looked_up(*names: str) -> dict[str, object]:
    """Return look-ups as CloudWatch Logs hands them on."""
    lines = [
        {"id": "1", "message": f"1.0 2026-11-26T08:16:02.130Z Z1 {name} A NOERROR UDP FRA6 192.0.2.7 -"}
        for name in names
    ]
    packed = gzip.compress(json.dumps({"messageType": "DATA_MESSAGE", "logEvents": lines}).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


@pytest.mark.parametrize("name", [NAME, "LiNe.eXample.com", f"{NAME}."])
def test_a_look_up_starts_one_task(name: str, account: Account) -> None:
    handler.lambda_handler(looked_up("www.line.example.com", name), None)
    handler.lambda_handler(looked_up(name, name), None)

    assert (account.count, account.phase) == (1, Phase.STARTING)


@pytest.mark.parametrize("names", [("www.line.example.com",), ("example.com", "admin.line.example.com"), ()])
def test_look_ups_of_other_names_wake_nothing(names: tuple[str, ...], account: Account) -> None:
    handler.lambda_handler(looked_up(*names), None)

    assert (account.count, account.phase) == (0, Phase.ASLEEP)


def test_what_scaling_has_raised_is_not_lowered_by_a_look_up(account: Account) -> None:
    account.ecs.update_service(cluster="cluster", service="service", desiredCount=7)

    account.waker.hear([NAME], NAME)

    assert account.count == 7


def test_an_idle_service_names_nobody_first_and_stops_later(account: Account) -> None:
    account.wake_up()

    account.waker.look()
    dozing = account.phase, account.record, account.count
    account.now += 300
    account.waker.look()

    assert dozing == (Phase.DOZING, [NOBODY], 1)
    assert (account.phase, account.record, account.count) == (Phase.ASLEEP, [NOBODY], 0)


@pytest.mark.parametrize(
    ("metric", "value", "phase"),
    [
        ("Messages", 3, Phase.AWAKE),
{% if protocol == "udp" %}
        ("Messages", 0, Phase.DOZING),
        # A stranger's datagram makes a sender, too.
        ("Connections", 3, Phase.DOZING),
{% else %}
        ("Connections", 3, Phase.AWAKE),
        ("Connections", 0, Phase.DOZING),
{% endif %}
    ],
)
def test_{{ "answers_alone" if protocol == "udp" else "connections_and_messages" }}_keep_it_awake_and_look_ups_do_not(
    metric: str, value: int, phase: Phase, account: Account
) -> None:
    account.wake_up()
    named = [{"Name": "service", "Value": SERVICE}, {"Name": "environment", "Value": "test"}]
    earlier = datetime.now(UTC) - timedelta(minutes=3)
    datum: Any = {"MetricName": metric, "Dimensions": named, "Value": value, "Timestamp": earlier}
    account.cloudwatch.put_metric_data(Namespace=SERVICE, MetricData=[datum])
    account.waker.hear([NAME], NAME)

    account.waker.look()

    assert account.phase is phase


def test_the_record_names_whoever_runs_once_it_answers(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    running = ["198.51.100.1"]
    monkeypatch.setattr(account.tasks, "addresses", lambda: list(running))
    account.wake_up()
    first = account.record
    running.append("198.51.100.2")
    handler.lambda_handler({"detail-type": "ECS Task State Change", "detail": RUNS}, None)
    second = account.record
    running.remove("198.51.100.1")
    ending = {"lastStatus": "RUNNING", "desiredStatus": "STOPPED"}
    handler.lambda_handler({"detail-type": "ECS Task State Change", "detail": ending}, None)

    assert (first, second) == (["198.51.100.1"], ["198.51.100.1", "198.51.100.2"])
    assert account.record == ["198.51.100.2"]


def test_whoever_writes_last_knows_what_changed_meanwhile(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([["198.51.100.1"], ["198.51.100.2"], ["198.51.100.2"]])
    monkeypatch.setattr(account.tasks, "addresses", lambda: next(seen))

    account.door.open()

    assert account.record == ["198.51.100.2"]


def test_addresses_are_those_of_tasks_that_run_and_eight_at_most() -> None:
    ecs, ec2 = boto3.client("ecs"), boto3.client("ec2")
    numbers = range(1, 11)
    tasks = [
        {
            "lastStatus": "RUNNING" if number > 1 else "PENDING",
            "attachments": [{"details": [{"name": "networkInterfaceId", "value": f"eni-{number}"}]}],
        }
        for number in numbers
    ]
    arns = [f"task-{number}" for number in numbers]
    interfaces = [
        {"Association": {"PublicIp": f"198.51.100.{number}"}} if number > 2 else {"NetworkInterfaceId": "without"}
        for number in numbers[1:]
    ]
    wanted = {"cluster": "cluster", "serviceName": "service", "desiredStatus": "RUNNING"}
    names = [{"Name": "network-interface-id", "Values": [f"eni-{number}" for number in numbers[1:]]}]
    with Stubber(ecs) as of_ecs, Stubber(ec2) as of_ec2:
        of_ecs.add_response("list_tasks", {"taskArns": arns}, wanted)
        of_ecs.add_response("describe_tasks", {"tasks": tasks}, {"cluster": "cluster", "tasks": arns})
        of_ec2.add_response("describe_network_interfaces", {"NetworkInterfaces": interfaces}, {"Filters": names})

        found = Tasks(ecs, ec2, "cluster", "service").addresses()

    assert found == sorted(f"198.51.100.{number}" for number in numbers[2:])
    assert len(found) == 8


def test_no_task_has_no_address(account: Account) -> None:
    assert account.tasks.addresses() == []


def test_three_tasks_that_fail_end_it_and_somebody_is_told(
    account: Account, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    account.waker.hear([NAME], NAME)
    failed = {"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "taskArn": "task"}
    for _ in range(LIMITS.failed_tasks):
        account.now += 20
        handler.lambda_handler({"detail-type": "ECS Task State Change", "detail": failed}, None)

    assert (account.phase, account.count) == (Phase.ASLEEP, 0)
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["FailedStarts"] for line in metrics if "FailedStarts" in line] == [1]
    assert "start failed" in caplog.messages
    account.waker.hear([NAME], NAME)
    assert account.count == 0, "it would loop"


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


{% if protocol == "udp" %}
@pytest.mark.parametrize(
    ("status", "health", "is_healthy"),
    [("RUNNING", "HEALTHY", True), ("RUNNING", "UNKNOWN", False), ("PENDING", "HEALTHY", False)],
)
def test_a_task_is_ready_when_ecs_finds_it_healthy(status: str, health: str, is_healthy: bool) -> None:  # noqa: FBT001
    ecs, ec2 = boto3.client("ecs"), boto3.client("ec2")
    with Stubber(ecs) as of_ecs:
        of_ecs.add_response("list_tasks", {"taskArns": ["task"]})
        of_ecs.add_response("describe_tasks", {"tasks": [{"lastStatus": status, "healthStatus": health}]})

        assert Tasks(ecs, ec2, "cluster", "service").is_one_healthy() is is_healthy


def test_no_task_is_not_ready(account: Account) -> None:
    assert not account.tasks.is_one_healthy()
{% else %}
def test_a_task_is_asked_by_the_way_that_clients_take(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account.tasks, "addresses", lambda: ["127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        well = answers(account.tasks, port)

    assert (well, answers(account.tasks, port)) == (True, False)
{% endif %}
