"""The queue decides how many tasks there are: none without messages, enough for ten times the peak, never too few."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled
from infra.metric_math import value_of

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

SPIKE = 10
TARGETS, POLICIES = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alarm that sets the count, with its policies."""

    alarm: Resource
    policies: tuple[Resource, ...]

    def value(self, metrics: dict[str, int | None]) -> float | None:
        """Return what the alarm looks at in one minute; nothing while it cannot know."""
        [expression] = [metric["Expression"] for metric in self.alarm.properties["Metrics"] if "Expression" in metric]
        return value_of(expression, metrics)

    def changes(self, tasks: int, visible: int, in_hand: int) -> list[int]:
        """Return by how many tasks each policy would change the count, in one minute; nothing while it is quiet."""
        # CloudWatch has no metric of tasks that are not there.
        value = self.value({"tasks": tasks or None, "visible": visible, "in_hand": in_hand})
        above = None if value is None else value - self.alarm.properties["Threshold"]
        return [] if above is None or above < 0 else [_change(policy, tasks, above) for policy in self.policies]


def _change(policy: Resource, tasks: int, above: float) -> int:
    steps = policy.properties["StepScalingPolicyConfiguration"]
    [change] = [
        step["ScalingAdjustment"]
        for step in steps["StepAdjustments"]
        if step["MetricIntervalLowerBound"] <= above < step.get("MetricIntervalUpperBound", math.inf)
    ]
    shares = steps["AdjustmentType"] == "PercentChangeInCapacity"
    return math.trunc(tasks * change / 100) if shares else int(change)


@pytest.fixture(scope="session")
def target(stack: Stack) -> Resource:
    """What is scaled."""
    [target] = stack.of_type(TARGETS)
    return target


@pytest.fixture(scope="session")
def rules(stack: Stack) -> list[Rule]:
    """The alarms that set the count."""
    policies = {policy.logical_id: policy for policy in stack.of_type(POLICIES)}
    found = []
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        called = [action.logical_id for action in alarm.properties.get("AlarmActions", []) if _is_made_here(action)]
        if set(called) & policies.keys():
            found.append(Rule(alarm, tuple(policies[name] for name in called)))
    return found


def _is_made_here(action: object) -> bool:
    return isinstance(action, Reference)


def count(rules: list[Rule], target: Resource, tasks: int, visible: int, in_hand: int) -> int:
    """Return how many tasks there are a minute later; the policy that wants most decides."""
    changes = [change for rule in rules for change in rule.changes(tasks, visible, in_hand)]
    limits = target.properties["MinCapacity"], target.properties["MaxCapacity"]
    return int(max(limits[0], min(limits[1], tasks + max(changes, default=0))))


def test_this_service_is_scaled_by_every_policy(stack: Stack, target: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [cluster] = stack.of_type("AWS::ECS::Cluster")

    assert target.properties["ServiceNamespace"] == "ecs"
    assert target.properties["ScalableDimension"] == "ecs:service:DesiredCount"
    scaled = "service/${" + cluster.logical_id + "}/${" + service.logical_id + ".Name}"
    assert spelled(target.properties["ResourceId"]) == scaled
    targets = [policy.properties["ScalingTargetId"] for policy in stack.of_type(POLICIES)]
    assert set(targets) == {Reference(target.logical_id)}


def test_nothing_but_scaling_says_how_many_tasks_there_are(stack: Stack) -> None:
    [service] = stack.of_type("AWS::ECS::Service")

    assert "DesiredCount" not in service.properties, "each deployment would set it back: leave it to scaling.py"


def test_ten_times_the_peak_fits_under_the_maximum(
    stack: Stack, target: Resource, record: dict[str, Any], answers: dict[str, Any]
) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    variables = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    spike = SPIKE * record["peak_concurrency"]
    # What the work calls may take less than a spike: an answer that docs/adr/0001-compute-tier.md names.
    needed = math.ceil(min(spike, answers["downstream_concurrency"] or spike) / int(variables["AT_ONCE"]))

    assert target.properties["MaxCapacity"] >= needed, f"{needed} tasks work off ten times the peak: allow as many"


def test_one_message_wakes_a_service_that_sleeps(rules: list[Rule], target: Resource) -> None:
    assert count(rules, target, 0, visible=1, in_hand=0) >= 1, "no alarm on waiting messages starts the first task"


@pytest.mark.parametrize("visible", [1, 10, 1_000, 100_000])
def test_a_spike_is_met_within_minutes_and_not_beyond_what_it_takes(
    visible: int, rules: list[Rule], target: Resource, record: dict[str, Any]
) -> None:
    wanted = math.ceil(visible / record["workers"]["backlog_per_task"])
    tasks, minutes = max(1, target.properties["MinCapacity"]), 0
    while (more := count(rules, target, tasks, visible, in_hand=tasks)) > tasks:
        tasks, minutes = more, minutes + 1

    assert min(wanted, target.properties["MaxCapacity"]) <= tasks
    assert tasks <= max(1, target.properties["MinCapacity"], 5 * wanted), "far more tasks than the spike takes"
    assert minutes <= 6


@pytest.mark.parametrize("tasks", [1, 2, 9, 10, 60, 400])
def test_an_empty_queue_ends_the_tasks_one_after_another(tasks: int, rules: list[Rule], target: Resource) -> None:
    fewest = target.properties["MinCapacity"]
    now, minutes = max(fewest, min(tasks, target.properties["MaxCapacity"])), 0
    while now > fewest and minutes < 60:
        now, minutes = count(rules, target, now, visible=0, in_hand=0), minutes + 1

    assert now == fewest, f"{now} tasks are left when nothing is to do"


def test_scale_in_leaves_a_task_for_every_message(rules: list[Rule], target: Resource, record: dict[str, Any]) -> None:
    at_once, short = record["workers"]["at_once"], []
    for tasks in (*range(1, 25), 60, 120):
        for messages in range(tasks * at_once + 1):
            left = count(rules, target, tasks, visible=0, in_hand=messages)
            if left < min(tasks, target.properties["MaxCapacity"], messages / at_once):
                short.append((tasks, messages, left))

    assert not short, f"tasks, messages in hand, tasks that are left: {short[:5]}"


def test_tasks_with_nothing_to_do_are_waited_for_and_backlogs_are_not(rules: list[Rule]) -> None:
    patience = {
        "in" if rule.changes(tasks=100, visible=0, in_hand=0) else "out": rule.alarm.properties["EvaluationPeriods"]
        for rule in rules
    }

    assert patience["out"] == 1
    assert patience["in"] >= 10, "a pause of some minutes would end tasks and start them again"


def test_no_more_tasks_end_than_were_too_many_all_the_time(rules: list[Rule]) -> None:
    [fewer] = [policy for rule in rules for policy in rule.policies if policy.properties["PolicyName"] == "Fewer"]

    assert fewer.properties["StepScalingPolicyConfiguration"]["MetricAggregationType"] == "Minimum"


LATE = [set(names) for count in (1, 2, 3) for names in itertools.combinations(("tasks", "visible", "in_hand"), count)]


@pytest.mark.parametrize("late", LATE, ids="-".join)
@pytest.mark.parametrize(("tasks", "visible", "in_hand"), [(1, 0, 1), (40, 0, 3), (40, 500, 40), (40, 9_000, 40)])
def test_what_comes_late_is_waited_for(
    late: set[str], tasks: int, visible: int, in_hand: int, rules: list[Rule]
) -> None:
    metrics: dict[str, int | None] = {"tasks": tasks, "visible": visible, "in_hand": in_hand}
    seen = {name: None if name in late else value for name, value in metrics.items()}

    for rule in rules:
        # No value: then the alarm takes the minute before, of which all is there.
        assert rule.value(seen) in {None, rule.value(metrics)}, f"{rule.alarm.logical_id} takes what is late for 0"


def test_alarms_look_at_this_queue_and_this_service_once_a_minute(stack: Stack, rules: list[Rule]) -> None:
    [service] = stack.of_type("AWS::ECS::Service")
    [queue] = [one for one in stack.of_type("AWS::SQS::Queue") if "RedrivePolicy" in one.properties]
    watched = [metric for rule in rules for metric in rule.alarm.properties["Metrics"]]
    metrics = [metric["MetricStat"] for metric in watched if "MetricStat" in metric]

    named = {entry["Value"] for metric in metrics for entry in metric["Metric"]["Dimensions"]}
    assert {Reference(service.logical_id, "Name"), Reference(queue.logical_id, "QueueName")} <= named
    assert {metric["Period"] for metric in metrics} == {60}
    assert {metric["Stat"] for metric in metrics if metric["Metric"]["Namespace"] == "AWS/ECS"} == {"SampleCount"}


def test_cloudwatch_goes_on_measuring_a_queue_that_nobody_asks(stack: Stack) -> None:
    [schedule] = stack.of_type("AWS::Scheduler::Schedule")
    [queue] = [one for one in stack.of_type("AWS::SQS::Queue") if "RedrivePolicy" in one.properties]
    role = stack.resources[schedule.properties["Target"]["RoleArn"].logical_id]
    [statement] = role.properties["Policies"][0]["PolicyDocument"]["Statement"]

    # After six hours without a call it stops, and the first message would wait for it to begin again.
    assert schedule.properties["ScheduleExpression"] == "rate(5 hours)"
    assert schedule.properties.get("State", "ENABLED") == "ENABLED"
    assert spelled(schedule.properties["Target"]["Arn"]).endswith(":scheduler:::aws-sdk:sqs:tagQueue")
    assert statement["Action"] == "sqs:TagQueue"
    assert statement["Resource"] == Reference(queue.logical_id, "Arn")
