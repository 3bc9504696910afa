{% block intro %}
"""Clients come in by TLS, who is connected has time to go elsewhere, and what does not start is rolled back."""
{% endblock %}

from __future__ import annotations

{% block modules %}{% endblock %}
from typing import TYPE_CHECKING, Any

import pytest
{% block libraries %}{% endblock %}

{% block imports %}
from {{ package_name }} import app
{% endblock %}

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

BALANCING = "AWS::ElasticLoadBalancingV2::"
# Some calls after the drain, and the end of the process.
MARGIN_SECONDS = 10
{% block constants %}{% endblock %}


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
def targets(stack: Stack) -> Resource:
    """The tasks that {% block what %}connections{% endblock %} are passed on to."""
    [targets] = stack.of_type(f"{BALANCING}TargetGroup")
    return targets


def test_the_listener_speaks_a_tls_that_is_still_safe(stack: Stack) -> None:
    [listener] = stack.of_type(f"{BALANCING}Listener")

    assert listener.properties["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2"), "older ones are broken"
    assert listener.properties["Certificates"]


{% block reach %}
def test_connections_reach_the_tasks_and_health_is_not_public(stack: Stack, targets: Resource) -> None:
    [listener], [rule] = stack.of_type(f"{BALANCING}Listener"), stack.of_type(f"{BALANCING}ListenerRule")
    [condition], [action] = rule.properties["Conditions"], rule.properties["Actions"]

    assert condition["PathPatternConfig"]["Values"] == ["/connect"]
    assert (action["Type"], action["TargetGroupArn"].logical_id) == ("forward", targets.logical_id)
    assert [one["Type"] for one in listener.properties["DefaultActions"]] == ["fixed-response"]
{% endblock %}


def test_the_load_balancer_finds_the_server(
    service: Resource, targets: Resource, container: dict[str, Any], variables: dict[str, Any]
) -> None:
    [place] = service.properties["LoadBalancers"]
    port = int(variables["PORT"])

    assert place["TargetGroupArn"].logical_id == targets.logical_id
    assert (place["ContainerName"], place["ContainerPort"]) == (container["Name"], port)
    assert [mapping["ContainerPort"] for mapping in container["PortMappings"]] == [port]
    assert (targets.properties["HealthCheckPath"], targets.properties["TargetType"]) == ("/ready", "ip")


{% block waits %}
def test_a_ping_comes_before_the_load_balancer_gives_up(stack: Stack) -> None:
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer.properties["LoadBalancerAttributes"]}

    assert int(attributes.get("idle_timeout.timeout_seconds", 60)) >= 2 * app.PING_SECONDS


def test_connections_have_their_time_to_end_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_messages_are_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
    assert int(variables["MESSAGE_BYTES_AT_MOST"]) == record["connections"]["message_kib"] * 1024
    assert int(variables["CONNECTIONS_AT_MOST"]) == record["connections"]["per_task"]
{% endblock %}


def test_a_deployment_that_does_not_start_is_rolled_back(service: Resource) -> None:
    breaker = service.properties.get("DeploymentConfiguration", {}).get("DeploymentCircuitBreaker", {})

    assert breaker == {"Enable": True, "Rollback": True}, "ECS would try for hours: set the circuit breaker"


def test_a_deployment_takes_no_task_away_before_a_new_one_runs(service: Resource) -> None:
    configuration = service.properties.get("DeploymentConfiguration", {})

    assert configuration.get("MinimumHealthyPercent", 100) == 100
    assert configuration.get("MaximumPercent", 200) == 200


def test_nobody_gets_a_shell_in_a_task(service: Resource) -> None:
    assert service.properties.get("EnableExecuteCommand", False) is False


def test_tasks_and_load_balancer_are_in_two_zones(stack: Stack, service: Resource, template: dict[str, Any]) -> None:
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    zones = [
        {str(template["Resources"][subnet.logical_id]["Properties"]["AvailabilityZone"]) for subnet in subnets}
        for subnets in (network["Subnets"], balancer.properties["Subnets"])
    ]

    assert min(map(len, zones)) >= 2
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_a_task_may_do_nothing_in_the_account(stack: Stack) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    role = stack.resources[task.properties["TaskRoleArn"].logical_id]

    assert not [one for policy in role.properties.get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]


def test_somebody_is_told_of_tasks_that_do_not_answer(stack: Stack) -> None:
    told = [alarm.properties.get("MetricName") for alarm in stack.of_type("AWS::CloudWatch::Alarm")]

    assert told.count("UnHealthyHostCount") == 1
{% block told %}{% endblock %}
