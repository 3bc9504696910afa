"""A way leads from the look-up of the name to the service that sleeps, and nothing on it may do more than it has to."""

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
def zone(stack: Stack) -> Resource:
    """Where clients look the service up."""
    [zone] = stack.of_type("AWS::Route53::HostedZone")
    return zone


@pytest.fixture
def rules(stack: Stack) -> list[Resource]:
    """What tells the function."""
    return stack.of_type("AWS::Events::Rule")


@pytest.fixture
def statements(stack: Stack, function: Resource) -> dict[str, dict[str, Any]]:
    """What the function's role allows: statements by action."""
    policies = stack.resources[function.properties["Role"].logical_id].properties["Policies"]
    return {
        action: statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }


def test_a_look_up_comes_to_what_wakes_it(stack: Stack, zone: Resource, function: Resource) -> None:
    [look_ups] = stack.of_type("AWS::Logs::SubscriptionFilter")
    queries = zone.properties["QueryLoggingConfig"]["CloudWatchLogsLogGroupArn"]

    assert look_ups.properties["LogGroupName"] == Reference(queries.logical_id), "nobody would hear of look-ups"
    assert look_ups.properties["DestinationArn"] == Reference(function.logical_id, "Arn")
    assert 'type = "A"' in look_ups.properties["FilterPattern"]


def test_route_53_may_write_down_look_ups_and_the_log_may_call_the_function(
    stack: Stack, zone: Resource, function: Resource
) -> None:
    queries = zone.properties["QueryLoggingConfig"]["CloudWatchLogsLogGroupArn"].logical_id
    [policy] = stack.of_type("AWS::Logs::ResourcePolicy")
    document = spelled(policy.properties["PolicyDocument"])
    of_logs = [
        permission.properties["SourceArn"].logical_id
        for permission in stack.of_type("AWS::Lambda::Permission")
        if permission.properties["Principal"] == "logs.amazonaws.com"
        and permission.properties["FunctionName"] == Reference(function.logical_id, "Arn")
    ]

    assert "route53.amazonaws.com" in document
    assert "${" + queries + ".Arn}" in document, "it may write into this log group, and into no other"
    assert of_logs == [queries]


def test_the_function_knows_this_service_and_this_name(stack: Stack, zone: Resource, function: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [cluster] = stack.of_type("AWS::ECS::Cluster")
    [table] = stack.of_type("AWS::DynamoDB::Table")
{% if protocol == "tcp" %}
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
{% endif %}
    told = function.properties["Environment"]["Variables"]

    assert told["ECS_SERVICE"] == Reference(service.logical_id, "Name")
    assert told["CLUSTER"] == Reference(cluster.logical_id)
    assert told["TABLE"] == Reference(table.logical_id)
    assert told["ZONE"] == Reference(zone.logical_id)
    assert told["NAME"] == zone.properties["Name"]
{% if protocol == "tcp" %}
    assert told["PORT"] == str(container["PortMappings"][0]["ContainerPort"])
{% endif %}


def test_it_may_start_and_stop_this_one_service(stack: Stack, statements: dict[str, dict[str, Any]]) -> None:
    [service] = stack.of_type("AWS::ECS::Service")

    for action in ("ecs:DescribeServices", "ecs:UpdateService"):
        assert statements[action]["Resource"] == Reference(service.logical_id, "ServiceArn"), "this one service"


def test_it_sees_the_tasks_of_this_one_cluster(stack: Stack, statements: dict[str, dict[str, Any]]) -> None:
    [cluster] = stack.of_type("AWS::ECS::Cluster")
    name = cluster.properties["ClusterName"]

    assert spelled(statements["ecs:DescribeTasks"]["Resource"]).endswith(f":task/{name}/*"), "of this one cluster"
    listed = statements["ecs:ListTasks"].get("Condition", {}).get("ArnEquals", {})
    assert spelled(listed.get("ecs:cluster", "")).endswith(f":cluster/{name}"), "it may list this one cluster"


def test_it_may_write_the_addresses_of_this_one_name(zone: Resource, statements: dict[str, dict[str, Any]]) -> None:
    written = statements["route53:ChangeResourceRecordSets"]

    assert spelled(written["Resource"]).endswith(":hostedzone/${" + zone.logical_id + "}"), "this one zone"
    assert written["Condition"]["ForAllValues:StringEquals"] == {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [zone.properties["Name"]],
        "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
    }


def test_it_may_do_nothing_else(statements: dict[str, dict[str, Any]]) -> None:
    assert set(statements) == {
        "cloudwatch:GetMetricData",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "ec2:DescribeNetworkInterfaces",
        "ecs:DescribeServices",
        "ecs:DescribeTasks",
        "ecs:ListTasks",
        "ecs:UpdateService",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "route53:ChangeResourceRecordSets",
    }


def test_it_is_told_of_the_tasks_of_this_service(stack: Stack, rules: list[Resource], function: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [cluster] = stack.of_type("AWS::ECS::Cluster")
    [pattern] = [rule.properties["EventPattern"] for rule in rules if "EventPattern" in rule.properties]

    assert pattern["source"] == ["aws.ecs"]
    assert [spelled(group) for group in pattern["detail"]["group"]] == ["service:${" + service.logical_id + ".Name}"]
    assert spelled(pattern["detail"]["clusterArn"][0]).endswith(":cluster/${" + cluster.logical_id + "}")
    assert {"RUNNING", "STOPPED"} <= set(pattern["detail"]["lastStatus"]), "the record would name who is gone"
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
    # Two that stop it at the same time could end what a look-up has just started.
    assert function.properties["Timeout"] < LIMITS.stop_at_most
    assert function.properties["Timeout"] < LIMITS.doze_at_least
    assert function.properties["Timeout"] >= 25, "a task that begins to run is asked for 20 s"
