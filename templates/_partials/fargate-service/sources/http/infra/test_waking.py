"""A way leads from the front door to the service that sleeps, and nothing on it may do more than it has to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled

from wake.handler import IDLE_SECONDS
from wake.machine import LIMITS

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

MONTH_SECONDS = 2_628_000


@pytest.fixture
def function(stack: Stack) -> Resource:
    """What wakes the service."""
    [function] = stack.of_type("AWS::Lambda::Function")
    return function


@pytest.fixture
def door(stack: Stack) -> Resource:
    """The route that requests come in by."""
    doors = [one for one in stack.of_type("AWS::ApiGatewayV2::Route") if one.properties["RouteKey"] == "$default"]
    assert len(doors) == 1, "requests come in by $default, and the function moves that route alone"
    return doors[0]


@pytest.fixture
def rules(stack: Stack) -> list[Resource]:
    """What tells the function."""
    return stack.of_type("AWS::Events::Rule")


def targeted(stack: Stack, route: Resource) -> Resource:
    """Return the integration that a route leads to."""
    name = spelled(route.properties["Target"]).removeprefix("integrations/").strip("${}")
    return stack.resources[name]


def statements(stack: Stack, function: Resource) -> dict[str, Any]:
    """Return what the function's role allows: resources by action."""
    role = function.properties["Role"].logical_id
    inline = [policy["PolicyDocument"] for policy in stack.resources[role].properties["Policies"]]
    attached = [
        policy.properties["PolicyDocument"]
        for policy in stack.of_type("AWS::IAM::Policy")
        if Reference(role) in policy.properties["Roles"]
    ]
    return {
        action: statement["Resource"]
        for document in [*inline, *attached]
        for statement in document["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }


def test_a_request_that_finds_the_service_asleep_comes_to_what_wakes_it(
    stack: Stack, door: Resource, function: Resource
) -> None:
    integration = targeted(stack, door)

    assert integration.properties["IntegrationType"] == "AWS_PROXY", "nobody would wake a service that sleeps"
    assert integration.properties["IntegrationUri"] == Reference(function.logical_id, "Arn")


def test_the_api_may_call_what_wakes_it(stack: Stack, function: Resource) -> None:
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")
    of_api = [
        spelled(permission.properties["SourceArn"])
        for permission in stack.of_type("AWS::Lambda::Permission")
        if permission.properties["Principal"] == "apigateway.amazonaws.com"
        and permission.properties["FunctionName"] == Reference(function.logical_id, "Arn")
    ]

    assert [arn.rpartition(":")[2] for arn in of_api] == ["${" + api.logical_id + "}/*/$default"]


def test_whether_it_answers_is_asked_by_the_way_that_requests_take(stack: Stack) -> None:
    [ready] = [one for one in stack.of_type("AWS::ApiGatewayV2::Route") if one.properties["RouteKey"] == "GET /ready"]

    assert targeted(stack, ready).properties["IntegrationType"] == "HTTP_PROXY"


def test_the_function_finds_one_integration_of_each_kind(stack: Stack) -> None:
    kinds = sorted(one.properties["IntegrationType"] for one in stack.of_type("AWS::ApiGatewayV2::Integration"))

    assert kinds == ["AWS_PROXY", "HTTP_PROXY"], "src/wake/effects.py tells them apart by their kind"


def test_the_function_knows_this_service_and_this_api(stack: Stack, function: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [cluster] = stack.of_type("AWS::ECS::Cluster")
    [api] = stack.of_type("AWS::ApiGatewayV2::Api")
    [table] = stack.of_type("AWS::DynamoDB::Table")
    told = function.properties["Environment"]["Variables"]

    assert told["ECS_SERVICE"] == Reference(service.logical_id, "Name")
    assert told["CLUSTER"] == Reference(cluster.logical_id)
    assert told["API_ID"] == Reference(api.logical_id)
    assert told["TABLE"] == Reference(table.logical_id)
    assert spelled(told["API_URL"]).startswith("https://${" + api.logical_id + "}.execute-api.")


def test_it_may_start_and_stop_this_one_service(stack: Stack, function: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    allowed = statements(stack, function)

    of_ecs = {action: resource for action, resource in allowed.items() if action.startswith("ecs:")}
    assert of_ecs == {
        "ecs:DescribeServices": Reference(service.logical_id, "ServiceArn"),
        "ecs:UpdateService": Reference(service.logical_id, "ServiceArn"),
    }, "it may start and stop this one service, and nothing else of ECS"


def test_it_may_move_this_one_door(stack: Stack, function: Resource, door: Resource) -> None:
    moved = spelled(statements(stack, function)["apigateway:PATCH"])

    assert moved.endswith("/routes/${" + door.logical_id + ".RouteId}"), "it may move this one route"


def test_it_may_do_nothing_else(stack: Stack, function: Resource) -> None:
    assert set(statements(stack, function)) == {
        "apigateway:GET",
        "apigateway:PATCH",
        "cloudwatch:GetMetricData",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "ecs:DescribeServices",
        "ecs:UpdateService",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


def test_it_is_told_of_the_tasks_of_this_service(stack: Stack, rules: list[Resource], function: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [cluster] = stack.of_type("AWS::ECS::Cluster")
    [pattern] = [rule.properties["EventPattern"] for rule in rules if "EventPattern" in rule.properties]

    assert pattern["source"] == ["aws.ecs"]
    assert [spelled(group) for group in pattern["detail"]["group"]] == ["service:${" + service.logical_id + ".Name}"]
    assert spelled(pattern["detail"]["clusterArn"][0]).endswith(":cluster/${" + cluster.logical_id + "}")
    assert set(pattern["detail"]["lastStatus"]) == {"RUNNING", "STOPPED"}, "it would not notice tasks that fail"
    for rule in rules:
        assert [one["Arn"] for one in rule.properties["Targets"]] == [Reference(function.logical_id, "Arn")]
        assert rule.properties.get("State", "ENABLED") == "ENABLED"


def test_somebody_looks_often_enough_and_costs_no_more_than_the_record_says(
    rules: list[Resource], function: Resource, record: dict[str, Any]
) -> None:
    looks = [rule for rule in rules if "ScheduleExpression" in rule.properties]
    assert len(looks) == 1, "nobody would put it to sleep"
    number, _, unit = looks[0].properties["ScheduleExpression"].removeprefix("rate(").removesuffix(")").partition(" ")
    seconds = int(number) * {"minute": 60, "minutes": 60, "hour": 3_600, "hours": 3_600}[unit]
    [allowed] = [entry for entry in record["idle_allowed"] if entry["type"] == "AWS::Lambda::Function"]

    # Half a second with this memory, on arm64, and the request.
    gb_seconds = function.properties["MemorySize"] / 1024 / 2
    usd = MONTH_SECONDS / seconds * (gb_seconds * 0.0000133334 + 0.0000002)
    assert seconds <= IDLE_SECONDS / 2
    assert round(usd, 2) <= round(allowed["usd_per_month_each"], 2), f"looking costs ${usd:.2f} a month"


def test_whoever_stops_it_is_dead_before_another_one_goes_on(function: Resource) -> None:
    # Two that stop it at the same time could end what a request has just started.
    assert function.properties["Timeout"] < LIMITS.stop_at_most
    assert function.properties["Timeout"] < LIMITS.doze_at_least
    assert function.properties["Timeout"] >= 25, "a task that begins to run is asked for 20 s"
