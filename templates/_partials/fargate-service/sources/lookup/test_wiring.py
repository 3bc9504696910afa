"""Clients find tasks by one name, are told when to go elsewhere, and a bad start is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

from wake.effects import ADDRESSES_AT_MOST, NOBODY, TTL_SECONDS
{% if protocol == "udp" %}
from wake.handler import PROBES_OF_A_NEW_TASK
{% endif %}

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

# Some calls after the drain, and the end of the process.
MARGIN_SECONDS = 10


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


def test_the_name_leads_nowhere_until_a_task_runs(stack: Stack) -> None:
    [record], [zone] = stack.of_type("AWS::Route53::RecordSet"), stack.of_type("AWS::Route53::HostedZone")

    assert record.properties["ResourceRecords"] == [NOBODY]
    assert record.properties["HostedZoneId"] == Reference(zone.logical_id)
    assert record.properties["Name"] == zone.properties["Name"]
    assert record.properties["Type"] == "A"
    assert int(record.properties["TTL"]) == TTL_SECONDS, "resolvers would keep what it said while it slept"


def test_one_record_names_all_tasks(stack: Stack) -> None:
    [target] = stack.of_type("AWS::ApplicationAutoScaling::ScalableTarget")

    assert target.properties["MaxCapacity"] <= ADDRESSES_AT_MOST, "nobody would find the tasks beyond"


def test_clients_and_health_find_the_server(container: dict[str, Any], variables: dict[str, Any]) -> None:
    assert [(one["ContainerPort"], one["Protocol"]) for one in container["PortMappings"]] == [
        (int(variables["PORT"]), "{{ protocol }}"),
    ]
    assert variables["HEALTH_PORT"] in container["HealthCheck"]["Command"][-1]


{% if protocol == "udp" %}
def test_ecs_says_when_a_task_is_healthy(container: dict[str, Any]) -> None:
    # What wakes the service asks ECS for so long after a task has begun to run.
    asked_seconds = 2 * PROBES_OF_A_NEW_TASK

    assert container["HealthCheck"].get("Interval", 30) <= asked_seconds / 2, "nobody would find it ready soon"


{% endif %}
def test_{{ "what_is_in_hand_has_its" if protocol == "udp" else "connections_have_their" }}_time_to_end_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_messages_are_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
{% if protocol == "udp" %}
    # No datagram can be larger than that.
    assert int(variables["MESSAGE_BYTES_AT_MOST"]) == min(65_507, record["connections"]["message_kib"] * 1024)
{% else %}
    assert int(variables["MESSAGE_BYTES_AT_MOST"]) == record["connections"]["message_kib"] * 1024
{% endif %}
    assert int(variables["CONNECTIONS_AT_MOST"]) == record["connections"]["per_task"]


def test_a_deployment_that_does_not_start_is_rolled_back(service: Resource) -> None:
    breaker = service.properties.get("DeploymentConfiguration", {}).get("DeploymentCircuitBreaker", {})

    assert breaker == {"Enable": True, "Rollback": True}, "ECS would try for hours: set the circuit breaker"


def test_a_deployment_takes_no_task_away_before_a_new_one_runs(service: Resource) -> None:
    configuration = service.properties.get("DeploymentConfiguration", {})

    assert configuration.get("MinimumHealthyPercent", 100) == 100
    assert configuration.get("MaximumPercent", 200) == 200


def test_nobody_gets_a_shell_in_a_task(service: Resource) -> None:
    assert service.properties.get("EnableExecuteCommand", False) is False


def test_tasks_have_addresses_in_two_zones(service: Resource, template: dict[str, Any]) -> None:
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    zones = {
        str(template["Resources"][subnet.logical_id]["Properties"]["AvailabilityZone"]) for subnet in network["Subnets"]
    }

    assert len(zones) >= 2
    assert network["AssignPublicIp"] == "ENABLED", "clients {{ "send" if protocol == "udp" else "connect" }} to a task's own address"


def test_a_task_may_do_nothing_in_the_account(stack: Stack) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    role = stack.resources[task.properties["TaskRoleArn"].logical_id]

    assert not [one for policy in role.properties.get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]


def test_somebody_is_told_of_a_start_that_failed(stack: Stack, variables: dict[str, Any]) -> None:
    told = [
        (alarm.properties.get("MetricName"), entry["Value"])
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        for entry in alarm.properties.get("Dimensions", [])
        if entry["Name"] == "environment"
    ]

    assert told == [("FailedStarts", variables["ENVIRONMENT"])]
