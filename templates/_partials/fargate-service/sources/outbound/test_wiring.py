"""Every message has time to be settled, what cannot be settled is kept, and somebody hears of a silent service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

# Some calls after the drain, a closing handshake before it, and the end of the process.
MARGIN_SECONDS = 20


@pytest.fixture
def container(stack: Stack) -> dict[str, Any]:
    """The container of every task."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    return dict(container)


@pytest.fixture
def variables(container: dict[str, Any]) -> dict[str, Any]:
    """What a task is told."""
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.fixture
def service(stack: Stack) -> Resource:
    """The service."""
    [service] = stack.of_type("AWS::ECS::Service")
    return service


@pytest.fixture
def letters(stack: Stack) -> Resource:
    """Where a message goes that cannot be worked on."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return letters


def test_what_was_heard_has_its_time_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_the_task_is_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
    decided = record["subscription"]

    assert int(variables["MESSAGE_BYTES_AT_MOST"]) == decided["message_kib"] * 1024
    assert int(variables["MESSAGE_SECONDS_AT_MOST"]) == decided["message_seconds_at_most"]
    assert int(variables["HELD_AT_MOST"]) <= decided["held_at_most"], "more than its memory has room for"


def test_the_health_that_ecs_asks_for_is_where_it_asks(container: dict[str, Any], variables: dict[str, Any]) -> None:
    assert f"'127.0.0.1', {variables['HEALTH_PORT']}," in str(container["HealthCheck"]["Command"])


def test_a_task_has_no_port_for_others(container: dict[str, Any]) -> None:
    assert not container.get("PortMappings"), "nothing connects to a task"


def test_a_deployment_that_does_not_start_is_rolled_back(service: Resource) -> None:
    breaker = service.properties.get("DeploymentConfiguration", {}).get("DeploymentCircuitBreaker", {})

    assert breaker == {"Enable": True, "Rollback": True}, "ECS would try for hours: set the circuit breaker"


def test_a_deployment_takes_no_task_away_before_a_new_one_listens(service: Resource) -> None:
    configuration = service.properties.get("DeploymentConfiguration", {})

    assert configuration.get("MinimumHealthyPercent", 100) == 100
    assert configuration.get("MaximumPercent", 200) == 200


def test_nobody_gets_a_shell_in_a_task(service: Resource) -> None:
    assert service.properties.get("EnableExecuteCommand", False) is False


def test_tasks_run_in_two_zones_and_can_reach_the_feed(service: Resource, template: dict[str, Any]) -> None:
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    subnets = [template["Resources"][subnet.logical_id]["Properties"] for subnet in network["Subnets"]]

    assert len({str(subnet["AvailabilityZone"]) for subnet in subnets}) >= 2
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_what_every_task_puts_aside_is_there_once(letters: Resource) -> None:
    assert letters.properties.get("FifoQueue") is True, "each task hears the same bad message, and would put it aside"


def test_what_is_put_aside_is_encrypted_and_kept_for_two_weeks(letters: Resource) -> None:
    assert letters.properties.get("SqsManagedSseEnabled") is True
    assert letters.properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_somebody_is_told_of_what_is_put_aside(stack: Stack, letters: Resource) -> None:
    dimension = {"Name": "QueueName", "Value": Reference(letters.logical_id, "QueueName")}
    watched = [
        alarm.properties["Threshold"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if dimension in alarm.properties.get("Dimensions", [])
    ]

    assert watched == [1], "one alarm on the dead-letter queue that one message sets off"


def test_somebody_is_told_of_a_task_that_hears_nothing_and_of_none_that_runs(stack: Stack) -> None:
    [alarm] = [one for one in stack.of_type("AWS::CloudWatch::Alarm") if one.properties["MetricName"] == "Connected"]

    # The worst of all tasks; a task that is gone says nothing.
    assert (alarm.properties["Statistic"], alarm.properties["TreatMissingData"]) == ("Minimum", "breaching")
    assert alarm.properties["ComparisonOperator"] == "LessThanThreshold"
    # A pause between two connections is no reason, a longer one is.
    assert 3 <= alarm.properties["EvaluationPeriods"] <= 10


def test_results_end(stack: Stack) -> None:
    tables = stack.of_type("AWS::DynamoDB::Table")
    [results] = [one for one in tables if one.properties["KeySchema"][0]["AttributeName"] == "forecast_id"]

    assert results.properties.get("TimeToLiveSpecification", {}).get("Enabled") is True, "it would grow for ever"
