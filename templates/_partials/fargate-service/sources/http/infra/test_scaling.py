"""While it is awake the requests at work decide how many tasks there are: enough for ten times the peak, never none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled
from infra.metric_math import value_of

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

SPIKE = 10
TARGETS, POLICIES = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"


@pytest.fixture(scope="session")
def target(stack: Stack) -> Resource:
    """What is scaled."""
    [target] = stack.of_type(TARGETS)
    return target


@pytest.fixture(scope="session")
def variables(stack: Stack) -> dict[str, Any]:
    """What the task is told."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.fixture(scope="session")
def rules(stack: Stack) -> list[tuple[Resource, Resource]]:
    """The alarms that set the count, each with its policy."""
    policies = {policy.logical_id: policy for policy in stack.of_type(POLICIES)}
    return [
        (alarm, policies[action.logical_id])
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        for action in alarm.properties.get("AlarmActions", [])
        if isinstance(action, Reference) and action.logical_id in policies
    ]


def count(rules: list[tuple[Resource, Resource]], target: Resource, tasks: int, in_flight: float) -> int:
    """Return how many tasks there are some minutes later, with so many requests at work in all."""
    changes = [_change(alarm, policy, tasks, in_flight) for alarm, policy in rules]
    limits = target.properties["MinCapacity"], target.properties["MaxCapacity"]
    return int(max(limits[0], min(limits[1], tasks + sum(changes))))


def _change(alarm: Resource, policy: Resource, tasks: int, in_flight: float) -> int:
    value = _value(alarm, {"tasks": tasks or None, "in_flight": in_flight / tasks if tasks else None})
    above = None if value is None else value - alarm.properties["Threshold"]
    less = alarm.properties["ComparisonOperator"] == "LessThanOrEqualToThreshold"
    if above is None or (above > 0 if less else above < 0):
        return 0
    steps = policy.properties["StepScalingPolicyConfiguration"]
    [percent] = [step["ScalingAdjustment"] for step in steps["StepAdjustments"] if _holds(step, above)]
    change = math.trunc(tasks * percent / 100)
    least = steps["MinAdjustmentMagnitude"] if tasks else 0
    return change if abs(change) >= least else int(math.copysign(least, percent))


def _value(alarm: Resource, metrics: dict[str, float | None]) -> float | None:
    [expression] = [metric["Expression"] for metric in alarm.properties["Metrics"] if "Expression" in metric]
    return value_of(expression, metrics)


def _holds(step: dict[str, float], above: float) -> bool:
    lower, upper = step.get("MetricIntervalLowerBound", -math.inf), step.get("MetricIntervalUpperBound", math.inf)
    # Below the threshold the upper bound belongs to the step, above it the lower one.
    return lower < above <= upper if upper <= 0 else lower <= above < upper


def test_this_service_is_scaled_by_every_policy(stack: Stack, target: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [cluster] = stack.of_type("AWS::ECS::Cluster")

    scaled = "service/${" + cluster.logical_id + "}/${" + service.logical_id + ".Name}"
    assert spelled(target.properties["ResourceId"]) == scaled
    assert target.properties["ScalableDimension"] == "ecs:service:DesiredCount"
    assert {policy.properties["ScalingTargetId"] for policy in stack.of_type(POLICIES)} == {
        Reference(target.logical_id)
    }


def test_nothing_but_waking_and_scaling_says_how_many_tasks_there_are(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")

    assert "DesiredCount" not in service.properties, "each deployment would wake it, or stop what scaling has started"


def test_ten_times_the_peak_fits_under_the_maximum(
    target: Resource, variables: dict[str, Any], record: dict[str, Any], answers: dict[str, Any]
) -> None:
    spike = SPIKE * record["peak_concurrency"]
    # What the work calls may take less than a spike: an answer that docs/adr/{{ record_file }} names.
    needed = math.ceil(min(spike, answers["downstream_concurrency"] or spike) / int(variables["AT_ONCE"]))

    assert target.properties["MaxCapacity"] >= needed, f"{needed} tasks answer ten times the peak: allow as many"


def test_requests_wait_in_a_task_until_there_are_more(variables: dict[str, Any]) -> None:
    # A spike comes at once, and another task takes a minute.
    assert int(variables["TAKEN_AT_MOST"]) >= SPIKE * int(variables["AT_ONCE"]), "most of a spike would be refused"


@pytest.mark.parametrize("times", [1, 3, 10, 100])
def test_a_spike_is_met_within_minutes_and_not_beyond_what_it_takes(
    times: int, rules: list[tuple[Resource, Resource]], target: Resource, variables: dict[str, Any]
) -> None:
    at_once = int(variables["AT_ONCE"])
    tasks, rounds = 1, 0
    while (more := count(rules, target, tasks, times * at_once)) > tasks:
        tasks, rounds = more, rounds + 1

    assert tasks >= min(times, target.properties["MaxCapacity"])
    assert tasks <= 4 * times
    assert rounds <= 3


@pytest.mark.parametrize("tasks", [2, 3, 8, 60])
def test_tasks_with_little_to_do_end_but_for_the_last(
    tasks: int, rules: list[tuple[Resource, Resource]], target: Resource
) -> None:
    now, rounds = min(tasks, target.properties["MaxCapacity"]), 0
    while (fewer := count(rules, target, now, in_flight=0)) < now:
        now, rounds = fewer, rounds + 1

    assert now == 1, "the last one ends when the service is put to sleep, and in no other way"
    assert rounds <= 30


def test_nothing_wakes_by_scaling_what_sleeps(rules: list[tuple[Resource, Resource]]) -> None:
    assert [_change(alarm, policy, tasks=0, in_flight=0) for alarm, policy in rules] == [0, 0]


@pytest.mark.parametrize("tasks", range(2, 12))
def test_what_is_left_is_not_busy_at_once(
    tasks: int, rules: list[tuple[Resource, Resource]], target: Resource, variables: dict[str, Any]
) -> None:
    at_once = int(variables["AT_ONCE"])
    for at_work in range(tasks * at_once + 1):
        left = count(rules, target, tasks, at_work)
        if left < min(tasks, target.properties["MaxCapacity"]):
            assert count(rules, target, left, at_work) <= left, f"{tasks} tasks with {at_work} requests go up and down"


@pytest.mark.parametrize("late", [{"tasks"}, {"in_flight"}, {"tasks", "in_flight"}], ids="-".join)
@pytest.mark.parametrize(("tasks", "in_flight"), [(1, 0.0), (8, 0.0), (8, 0.5), (8, 7.5)])
def test_what_comes_late_is_waited_for(
    late: set[str], tasks: int, in_flight: float, rules: list[tuple[Resource, Resource]]
) -> None:
    metrics: dict[str, float | None] = {"tasks": tasks, "in_flight": in_flight}
    seen = {name: None if name in late else value for name, value in metrics.items()}

    for alarm, _ in rules:
        # No value: then the alarm takes the minute before, of which all is there.
        assert _value(alarm, seen) in {None, _value(alarm, metrics)}, f"{alarm.logical_id} takes what is late for 0"


def test_little_to_do_is_waited_for_and_much_is_not(rules: list[tuple[Resource, Resource]]) -> None:
    patience = {policy.properties["PolicyName"]: alarm.properties["EvaluationPeriods"] for alarm, policy in rules}
    pauses = {
        policy.properties["PolicyName"]: policy.properties["StepScalingPolicyConfiguration"]["Cooldown"]
        for _, policy in rules
    }

    assert patience["More"] == 1
    assert patience["Fewer"] >= 10
    # CloudWatch needs some minutes to see that a task is gone; until then it would end the last one too.
    assert pauses["Fewer"] >= 300


def test_alarms_look_at_what_the_tasks_of_this_deployment_say(
    stack: Stack, rules: list[tuple[Resource, Resource]], variables: dict[str, Any]
) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    metrics = [
        metric["MetricStat"] for alarm, _ in rules for metric in alarm.properties["Metrics"] if "MetricStat" in metric
    ]

    named = {
        (metric["Metric"]["MetricName"], entry["Name"], entry["Value"])
        for metric in metrics
        for entry in metric["Metric"]["Dimensions"]
    }
    assert ("InFlight", "environment", variables["ENVIRONMENT"]) in named
    assert ("CPUUtilization", "ServiceName", Reference(service.logical_id, "Name")) in named
    assert {metric["Period"] for metric in metrics} == {60}
