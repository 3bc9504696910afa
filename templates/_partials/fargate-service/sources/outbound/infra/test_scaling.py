"""Work decides how many tasks there are: enough for ten times the peak, never fewer than the record says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

SPIKE = 10
TARGETS, POLICIES = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alarm that sets the count, with its policy."""

    alarm: Resource
    policy: Resource

    def change(self, tasks: int, busy_percent: float) -> int:
        """Return by how many tasks the count changes once the alarm has seen enough; 0 while it is quiet."""
        above = busy_percent - self.alarm.properties["Threshold"]
        is_less = self.alarm.properties["ComparisonOperator"] == "LessThanThreshold"
        if (above >= 0) is is_less:
            return 0
        steps = self.policy.properties["StepScalingPolicyConfiguration"]
        [share] = [
            step["ScalingAdjustment"]
            for step in steps["StepAdjustments"]
            if step.get("MetricIntervalLowerBound", -math.inf) <= above < step.get("MetricIntervalUpperBound", math.inf)
        ]
        # As Auto Scaling rounds: towards zero, and then at least the least change.
        least = steps["MinAdjustmentMagnitude"] if share else 0
        return int(math.copysign(max(least, math.trunc(abs(tasks * share / 100))), share))


@pytest.fixture(scope="session")
def target(stack: Stack) -> Resource:
    """What is scaled."""
    [target] = stack.of_type(TARGETS)
    return target


@pytest.fixture(scope="session")
def rules(stack: Stack) -> list[Rule]:
    """The alarms that set the count."""
    policies = {policy.logical_id: policy for policy in stack.of_type(POLICIES)}
    return [
        Rule(alarm, policies[action.logical_id])
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        for action in alarm.properties.get("AlarmActions", [])
        if isinstance(action, Reference) and action.logical_id in policies
    ]


def count(rules: list[Rule], target: Resource, tasks: int, work: float) -> int:
    """Return how many tasks there are after all alarms had their say.

    Args:
        rules: The alarms.
        target: What is scaled.
        tasks: How many there are.
        work: What is to do, in tasks that are at it all the time.
    """
    changes = [change for rule in rules if (change := rule.change(tasks, min(100, 100 * work / tasks)))]
    wanted = tasks + max(changes, default=0)
    return int(min(max(wanted, target.properties["MinCapacity"]), target.properties["MaxCapacity"]))


def test_the_service_that_is_scaled_is_this_one(stack: Stack, target: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")

    assert "${" + service.logical_id + ".Name}" in spelled(target.properties["ResourceId"])
    assert "DesiredCount" not in service.properties, "a deployment would set the number of tasks back"


def test_as_many_tasks_stay_as_the_record_says(target: Resource, record: dict[str, Any]) -> None:
    kept = record["scale_to_zero"]["min_capacity"]

    assert target.properties["MinCapacity"] == kept, f"docs/adr/{{ record_file }} has the price of {kept}"


def test_ten_times_the_peak_fits_under_the_maximum(
    stack: Stack, target: Resource, record: dict[str, Any], answers: dict[str, Any]
) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    variables = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    spike = SPIKE * record["peak_concurrency"]
    # What the work calls may take less than a spike: an answer that docs/adr/{{ record_file }} names.
    needed = math.ceil(min(spike, answers["downstream_concurrency"] or spike) / int(variables["AT_ONCE"]))

    assert target.properties["MaxCapacity"] >= needed, f"{needed} tasks work off ten times the peak: allow as many"


def test_a_spike_is_met_in_some_steps(rules: list[Rule], target: Resource) -> None:
    most = target.properties["MaxCapacity"]
    tasks, steps = target.properties["MinCapacity"], 0

    while tasks < most:
        grown = count(rules, target, tasks, work=most)
        assert grown > tasks, f"{tasks} tasks have their hands full and no more are started"
        tasks, steps = grown, steps + 1

    assert steps <= 10, f"{steps} steps of some minutes each are too many"


def test_it_shrinks_as_far_as_it_may_when_nothing_is_to_do(rules: list[Rule], target: Resource) -> None:
    tasks = int(target.properties["MaxCapacity"])

    for _ in range(1_000):
        tasks = count(rules, target, tasks, work=0)

    assert tasks == target.properties["MinCapacity"]


def test_fewer_tasks_never_mean_that_more_are_wanted_at_once(rules: list[Rule], target: Resource) -> None:
    flaps = []
    for tasks in range(target.properties["MinCapacity"] + 1, target.properties["MaxCapacity"] + 1):
        for percent in range(100):
            work = tasks * percent / 100
            fewer = count(rules, target, tasks, work)
            if fewer < tasks and count(rules, target, fewer, work) > fewer:
                flaps.append((tasks, percent))

    assert not flaps, f"of {flaps[0][0]} tasks some end and start in turns: leave more room between the alarms"


def test_tasks_end_late_and_start_soon(rules: list[Rule]) -> None:
    alarms = [rule.alarm.properties for rule in rules]
    patience = {alarm["ComparisonOperator"]: alarm["EvaluationPeriods"] for alarm in alarms}

    assert patience["GreaterThanOrEqualToThreshold"] == 1
    assert patience["LessThanThreshold"] >= 10, "a pause of some minutes would end tasks and start them again"


def test_alarms_look_at_what_each_task_says_and_wait_for_what_is_late(rules: list[Rule]) -> None:
    for rule in rules:
        asked = rule.alarm.properties
        assert (asked["MetricName"], asked["Statistic"], asked["Period"]) == ("Busy", "Average", 60)
        assert asked["TreatMissingData"] == "notBreaching", f"{rule.alarm.logical_id} takes what is late for 0"
