"""Callers come in by TLS, are waited for as long as they may take, and what does not start is rolled back."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Route

from list_desk.app import Desk, make_app

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

BALANCING = "AWS::ElasticLoadBalancingV2::"
# Some calls after the drain, and the end of the process.
MARGIN_SECONDS = 10
# The most that load balancers offer.
LONGEST_IDLE_SECONDS, LONGEST_DEREGISTRATION_SECONDS = 4_000, 3_600


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
    """The tasks that requests are passed on to."""
    [targets] = stack.of_type(f"{BALANCING}TargetGroup")
    return targets


def test_the_listener_speaks_a_tls_that_is_still_safe(stack: Stack) -> None:
    [listener] = stack.of_type(f"{BALANCING}Listener")

    assert listener.properties["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2"), "older ones are broken"
    assert listener.properties["Certificates"]


def test_what_the_application_answers_reaches_the_tasks_and_health_is_not_public(
    stack: Stack, targets: Resource
) -> None:
    [listener], [rule] = stack.of_type(f"{BALANCING}Listener"), stack.of_type(f"{BALANCING}ListenerRule")
    [condition], [action] = rule.properties["Conditions"], rule.properties["Actions"]
    patterns = condition["PathPatternConfig"]["Values"]
    paths = {route.path for route in make_app(Desk()).routes if isinstance(route, Route)}

    passed_on = {path for path in paths if any(fnmatch(path, pattern) for pattern in patterns)}

    assert paths - passed_on == {"/alive", "/ready"}, "infra/front.py names the paths that are passed on"
    assert (action["Type"], action["TargetGroupArn"].logical_id) == ("forward", targets.logical_id)
    assert [one["Type"] for one in listener.properties["DefaultActions"]] == ["fixed-response"]


def test_the_load_balancer_finds_the_server(
    service: Resource, targets: Resource, container: dict[str, Any], variables: dict[str, Any]
) -> None:
    [place] = service.properties["LoadBalancers"]
    port = int(variables["PORT"])

    assert place["TargetGroupArn"].logical_id == targets.logical_id
    assert (place["ContainerName"], place["ContainerPort"]) == (container["Name"], port)
    assert [mapping["ContainerPort"] for mapping in container["PortMappings"]] == [port]
    assert (targets.properties["HealthCheckPath"], targets.properties["TargetType"]) == ("/ready", "ip")


@pytest.fixture
def idle_seconds(stack: Stack) -> int:
    """How long the load balancer waits while nothing is said."""
    [balancer] = stack.of_type(f"{BALANCING}LoadBalancer")
    attributes = {one["Key"]: one["Value"] for one in balancer.properties["LoadBalancerAttributes"]}
    return int(attributes.get("idle_timeout.timeout_seconds", 60))


def test_the_longest_request_is_waited_for(
    idle_seconds: int, variables: dict[str, Any], answers: dict[str, Any]
) -> None:
    gives_up = int(variables["SECONDS_AT_MOST"])

    assert gives_up >= (answers["longest_run_s"] or 0), "the task gives up what was stated to be ordinary"
    assert gives_up < idle_seconds <= LONGEST_IDLE_SECONDS, "the caller would never learn why"


def test_a_task_that_ends_is_waited_for(targets: Resource, variables: dict[str, Any]) -> None:
    attributes = {one["Key"]: one["Value"] for one in targets.properties["TargetGroupAttributes"]}
    waited = int(attributes.get("deregistration_delay.timeout_seconds", 300))
    gives_up = int(variables["SECONDS_AT_MOST"])

    assert gives_up <= waited <= LONGEST_DEREGISTRATION_SECONDS, "a deployment cuts requests off"


def test_the_load_balancer_closes_connections_and_no_task_does(idle_seconds: int, variables: dict[str, Any]) -> None:
    assert int(variables["KEEP_ALIVE_SECONDS"]) > idle_seconds, "a request would meet a connection that is just closed"


def test_what_is_left_has_its_time_to_end_before_the_container_is_killed(
    container: dict[str, Any], variables: dict[str, Any]
) -> None:
    needed = int(variables["DRAIN_SECONDS"]) + MARGIN_SECONDS

    assert container.get("StopTimeout", 30) >= needed, f"give the container {needed} s to stop, or drain less"


def test_bodies_and_requests_are_limited_as_the_record_says(variables: dict[str, Any], record: dict[str, Any]) -> None:
    assert int(variables["MAX_BODY_BYTES"]) == record["serving"]["body_bytes"]
    assert int(variables["AT_ONCE"]) == record["serving"]["at_once"]


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


def test_somebody_is_told_of_errors_of_this_deployment(stack: Stack, variables: dict[str, Any]) -> None:
    own = {"service": "list-desk", "environment": variables["ENVIRONMENT"]}
    watched = [
        {entry["Name"]: entry["Value"] for entry in alarm.properties["Dimensions"]}
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "Errors"
    ]

    assert watched == [own]
