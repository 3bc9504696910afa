"""Requests come in by the API, its VPC link and Cloud Map, and end in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

LONGEST_STOP_SECONDS = 120
GATEWAY_WAITS_SECONDS = 30


@pytest.fixture
def container(stack: Stack) -> dict[str, Any]:
    """The container of the task."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    return dict(container)


@pytest.fixture
def variables(container: dict[str, Any]) -> dict[str, Any]:
    """What it is told."""
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.fixture
def service(stack: Stack) -> Resource:
    """The service."""
    [service] = stack.of_type("AWS::ECS::Service")
    return service


@pytest.fixture
def to_tasks(stack: Stack) -> Resource:
    """The integration that passes requests on to tasks."""
    [integration] = [
        one
        for one in stack.of_type("AWS::ApiGatewayV2::Integration")
        if one.properties["IntegrationType"] == "HTTP_PROXY"
    ]
    return integration


def test_api_gateway_finds_tasks_where_ecs_writes_them_down(
    stack: Stack, service: Resource, to_tasks: Resource, container: dict[str, Any]
) -> None:
    registries = service.properties.get("ServiceRegistries", [])
    [registry] = stack.of_type("AWS::ServiceDiscovery::Service")
    [link] = stack.of_type("AWS::ApiGatewayV2::VpcLink")
    address = Reference(registry.logical_id, "Arn")

    assert [one["RegistryArn"] for one in registries] == [address], "ECS writes down no task, so nobody finds one"
    [port] = container["PortMappings"]
    assert (registries[0]["ContainerName"], registries[0]["ContainerPort"]) == (container["Name"], 8080)
    assert port["ContainerPort"] == 8080
    assert to_tasks.properties["IntegrationUri"] == address
    assert to_tasks.properties["ConnectionType"] == "VPC_LINK"
    assert to_tasks.properties["ConnectionId"] == Reference(link.logical_id)


def test_the_port_of_a_task_is_written_down_too(stack: Stack) -> None:
    [registry] = stack.of_type("AWS::ServiceDiscovery::Service")
    records = registry.properties["DnsConfig"]["DnsRecords"]

    # API Gateway needs the port, and ECS writes it down for SRV records only.
    assert [record["Type"] for record in records] == ["SRV"]
    assert all(int(record["TTL"]) <= 60 for record in records)
    assert "HealthCheckCustomConfig" in registry.properties, "ECS could not say that a task is not healthy"


def test_the_link_is_where_the_tasks_are(stack: Stack, service: Resource) -> None:
    [link] = stack.of_type("AWS::ApiGatewayV2::VpcLink")

    assert link.properties["SubnetIds"] == service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]


def test_nobody_waits_longer_than_api_gateway(to_tasks: Resource, variables: dict[str, Any]) -> None:
    assert to_tasks.properties["TimeoutInMillis"] == GATEWAY_WAITS_SECONDS * 1000
    assert int(variables["SECONDS_AT_MOST"]) < GATEWAY_WAITS_SECONDS, "the caller would never learn why"


def test_the_stop_is_longer_than_the_drain(container: dict[str, Any], variables: dict[str, Any]) -> None:
    drain = int(variables["LINGER_SECONDS"]) + int(variables["SECONDS_AT_MOST"])

    assert drain < container["StopTimeout"] <= LONGEST_STOP_SECONDS, f"a task is killed while it drains ({drain} s)"


def test_a_task_lingers_until_api_gateway_knows(stack: Stack, variables: dict[str, Any]) -> None:
    [registry] = stack.of_type("AWS::ServiceDiscovery::Service")
    longest = max(int(record["TTL"]) for record in registry.properties["DnsConfig"]["DnsRecords"])

    assert int(variables["LINGER_SECONDS"]) >= 2 * longest


def test_a_task_that_does_not_live_is_replaced(container: dict[str, Any]) -> None:
    check = container.get("HealthCheck", {})

    assert "/alive" in " ".join(check.get("Command", [])), "a task that hangs would be there for ever"


def test_new_tasks_start_beside_the_old_and_what_fails_is_rolled_back(service: Resource) -> None:
    deployment = service.properties["DeploymentConfiguration"]

    assert deployment["MinimumHealthyPercent"] == 100, "a deployment would end tasks before new ones run"
    assert deployment["MaximumPercent"] >= 200
    assert deployment.get("DeploymentCircuitBreaker") == {"Enable": True, "Rollback": True}


def test_nobody_gets_a_shell_in_a_task(service: Resource) -> None:
    assert service.properties["EnableExecuteCommand"] is False


def test_tasks_are_in_more_than_one_zone(service: Resource) -> None:
    subnets = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]["Subnets"]

    assert len(subnets) >= 2


def test_the_stage_takes_ten_times_the_peak(stack: Stack, record: dict[str, Any]) -> None:
    [stage] = stack.of_type("AWS::ApiGatewayV2::Stage")
    settings = stage.properties["DefaultRouteSettings"]

    assert stage.properties["AutoDeploy"] is True, "the door would not move"
    assert settings["ThrottlingRateLimit"] >= 10 * record["peak_per_second"]
    assert settings["ThrottlingBurstLimit"] >= 10 * record["peak_per_second"]


def test_errors_of_tasks_and_failed_starts_tell_somebody(stack: Stack, variables: dict[str, Any]) -> None:
    watched = {
        alarm.properties["MetricName"]: {entry["Name"]: entry["Value"] for entry in alarm.properties["Dimensions"]}
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if "MetricName" in alarm.properties
    }

    own = {"service": "quote-desk", "environment": variables["ENVIRONMENT"]}
    assert watched == {"Errors": own, "FailedStarts": own}


def test_the_address_is_told(stack: Stack) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")

    assert spelled(stack.outputs["ApiUrl"]).startswith("https://${" + api.logical_id + "}.execute-api.")
