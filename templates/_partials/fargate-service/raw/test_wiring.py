"""{{ "Datagrams" if protocol == "udp" else "Connections" }} reach tasks that are ready, clients have time to go elsewhere, and a bad start is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

BALANCING = "AWS::ElasticLoadBalancingV2::"
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


@pytest.fixture
def targets(stack: Stack) -> Resource:
    """The tasks that {{ "datagrams" if protocol == "udp" else "connections" }} are passed on to."""
    [targets] = stack.of_type(f"{BALANCING}TargetGroup")
    return targets


@pytest.fixture
def attributes(targets: Resource) -> dict[str, str]:
    """How the load balancer treats them."""
    return {one["Key"]: one["Value"] for one in targets.properties["TargetGroupAttributes"]}


def test_the_load_balancer_finds_the_server(
    stack: Stack, service: Resource, targets: Resource, container: dict[str, Any], variables: dict[str, Any]
) -> None:
    [listener], [place] = stack.of_type(f"{BALANCING}Listener"), service.properties["LoadBalancers"]
    [action] = listener.properties["DefaultActions"]
    port = int(variables["PORT"])

    assert (action["Type"], action["TargetGroupArn"].logical_id) == ("forward", targets.logical_id)
    assert place["TargetGroupArn"].logical_id == targets.logical_id
    assert (place["ContainerName"], place["ContainerPort"]) == (container["Name"], port)
    assert [(one["ContainerPort"], one["Protocol"]) for one in container["PortMappings"]] == [(port, "{{ event_source }}")]
    assert {one.properties["Protocol"] for one in (listener, targets)} == {"{{ event_source | upper }}"}


def test_a_task_is_asked_whether_it_is_ready(targets: Resource, variables: dict[str, Any]) -> None:
    asked = [targets.properties[f"HealthCheck{name}"] for name in ("Protocol", "Port", "Path")]

    assert asked == ["HTTP", variables["HEALTH_PORT"], "/ready"], "an open port says nothing of a task that ends"


{% if event_source == "tcp" %}
def test_silence_is_ended_by_the_task_and_not_by_the_load_balancer(stack: Stack, variables: dict[str, Any]) -> None:
    [listener] = stack.of_type(f"{BALANCING}Listener")
    attributes = {one["Key"]: one["Value"] for one in listener.properties.get("ListenerAttributes", [])}

    # It drops what is silent without a word to either side.
    assert int(attributes.get("tcp.idle_timeout.seconds", 350)) > int(variables["SILENCE_SECONDS"])


def test_who_is_connected_stays_until_the_task_says_good_bye(attributes: dict[str, str]) -> None:
    assert attributes.get("deregistration_delay.connection_termination.enabled", "false") == "false"
{% else %}
def test_whoever_was_sent_to_a_task_that_ends_is_sent_to_another(attributes: dict[str, str]) -> None:
    assert attributes.get("deregistration_delay.connection_termination.enabled") == "true"


def test_a_sender_is_remembered_as_long_as_the_load_balancer_remembers_it(variables: dict[str, Any]) -> None:
    assert int(variables["SILENCE_SECONDS"]) >= 120
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


def test_tasks_and_load_balancer_are_in_two_zones(stack: Stack, service: Resource, template: dict[str, Any]) -> None:
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    zones = [
        {str(template["Resources"][subnet.logical_id]["Properties"]["AvailabilityZone"]) for subnet in subnets}
        for subnets in (network["Subnets"], balancer.properties["Subnets"])
    ]

    assert min(map(len, zones)) >= 2
    assert network["AssignPublicIp"] == "ENABLED", "without a NAT gateway a task needs an address of its own"


def test_the_load_balancer_is_of_the_kind_that_has_a_price_here(stack: Stack) -> None:
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")

    assert balancer.properties["Type"] == "network"


def test_a_task_may_do_nothing_in_the_account(stack: Stack) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    role = stack.resources[task.properties["TaskRoleArn"].logical_id]

    assert not [one for policy in role.properties.get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]


def test_somebody_is_told_of_tasks_that_do_not_answer(stack: Stack) -> None:
    told = [
        (alarm.properties.get("Namespace"), alarm.properties.get("MetricName"))
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
    ]

    assert told.count(("AWS/NetworkELB", "UnHealthyHostCount")) == 1
