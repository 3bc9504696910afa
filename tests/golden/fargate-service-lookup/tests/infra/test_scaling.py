"""While it is awake connections and work decide how many tasks there are: enough for ten times the peak, never none."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled
from infra.metric_math import value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.cloudformation import Resource, Stack

SPIKE = 10
# The share of its processors that a task uses before there are more.
BUSY = 0.6
TARGETS, POLICIES = "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alarm that sets the count, with its policy."""

    alarm: Resource
    policy: Resource

    def value(self, metrics: Mapping[str, float | None]) -> float | None:
        """Return what the alarm looks at in one minute; nothing while it cannot know."""
        [asked] = [metric for metric in self.alarm.properties["Metrics"] if metric["ReturnData"]]
        return value_of(asked["Expression"], metrics) if "Expression" in asked else metrics[asked["Id"]]

    def change(self, tasks: int, metrics: Mapping[str, float]) -> int:
        """Return by how many tasks the count changes once the alarm has seen enough; 0 while it is quiet."""
        value = self.value(metrics)
        assert value is not None
        above = value - self.alarm.properties["Threshold"]
        steps = self.policy.properties["StepScalingPolicyConfiguration"]
        [share] = [
            step["ScalingAdjustment"]
            for step in steps["StepAdjustments"]
            if step["MetricIntervalLowerBound"] <= above < step.get("MetricIntervalUpperBound", math.inf)
        ] or [0]
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
    """The alarms that set the count of what is awake; test_waking.py judges the others."""
    policies = {
        policy.logical_id: policy
        for policy in stack.of_type(POLICIES)
        if policy.properties["PolicyName"] not in {"Wake", "Sleep"}
    }
    return [
        Rule(alarm, policies[action.logical_id])
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        for action in alarm.properties.get("AlarmActions", [])
        if isinstance(action, Reference) and action.logical_id in policies
    ]


@pytest.fixture(scope="session")
def fewest(target: Resource) -> int:
    """Tasks that run while anybody is connected."""
    return max(1, int(target.properties["MinCapacity"]))


@pytest.fixture
def per_task(stack: Stack) -> int:
    """The connections that one task takes."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    told = {variable["Name"]: variable["Value"] for variable in container["Environment"]}
    return int(told["CONNECTIONS_AT_MOST"])


def count(rules: list[Rule], target: Resource, tasks: int, connections: float, processor: float) -> int:
    """Return how many tasks there are after all alarms had their say; what wants most decides."""
    metrics = {"connections": connections / tasks, "processor": processor, "healthy": tasks}
    changes = [change for rule in rules if (change := rule.change(tasks, metrics))]
    wanted = tasks + max(changes, default=0)
    return int(min(max(wanted, target.properties["MinCapacity"]), target.properties["MaxCapacity"]))


def test_the_service_that_is_scaled_is_this_one(stack: Stack, target: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")

    assert "${" + service.logical_id + ".Name}" in spelled(target.properties["ResourceId"])
    assert "DesiredCount" not in service.properties, "a deployment would set the number of tasks back"


def test_ten_times_the_peak_fits_under_the_maximum(
    target: Resource, record: dict[str, Any], answers: dict[str, Any], per_task: int
) -> None:
    tasks, spike = target.properties["MaxCapacity"], SPIKE * record["peak_per_second"]
    busy_seconds = (answers["avg_run_ms"] or 0) / 1000 * (answers["cpu_bound_share"] or 1)

    assert tasks * per_task >= SPIKE * record["connections"]["peak"], "raise MaxCapacity: a crowd would be refused"
    work = tasks * record["size"]["vcpu"] * BUSY
    assert round(work, 6) >= round(spike * busy_seconds, 6), "raise MaxCapacity: messages would wait"


def test_a_spike_of_connections_is_met_in_some_steps(
    rules: list[Rule], target: Resource, fewest: int, record: dict[str, Any], per_task: int
) -> None:
    tasks, steps = fewest, 0
    spike = SPIKE * record["connections"]["peak"]

    # A task takes no more than it has room for, so more than that is never counted.
    while tasks * per_task < spike:
        grown = count(rules, target, tasks, min(spike, tasks * per_task), processor=10)
        assert grown > tasks, f"{tasks} tasks are full and no more are started"
        tasks, steps = grown, steps + 1

    assert steps <= 10, f"{steps} steps of some minutes each are too many"


def test_work_alone_makes_it_grow(rules: list[Rule], target: Resource, fewest: int) -> None:
    grown = count(rules, target, fewest, connections=0, processor=90)

    assert grown > fewest or target.properties["MaxCapacity"] == fewest


def test_it_shrinks_as_far_as_it_may_when_everybody_is_gone(rules: list[Rule], target: Resource, fewest: int) -> None:
    tasks = int(target.properties["MaxCapacity"])

    for _ in range(1_000):
        tasks = count(rules, target, max(1, tasks), connections=0, processor=1)

    assert tasks == fewest


def test_fewer_tasks_never_mean_that_more_are_wanted_at_once(
    rules: list[Rule], target: Resource, fewest: int, per_task: int
) -> None:
    """What was on the task that ended comes to the others: that alone must not start a new one."""
    flaps, most = [], target.properties["MaxCapacity"]
    # Of very many, some hundred numbers.
    for tasks in range(fewest + 1, most + 1, max(1, most // 200)):
        for connections in range(0, tasks * per_task, max(1, tasks * per_task // 50)):
            fewer = count(rules, target, tasks, connections, processor=20)
            # The work of those that ended is on the others, too.
            if fewer < tasks and count(rules, target, fewer, connections, processor=20 * tasks / fewer) > fewer:
                flaps.append((tasks, connections))

    assert not flaps, f"of {flaps[0][0]} tasks some end and start in turns: leave more room between the alarms"


METRICS = {"connections": 1.0, "processor": 1.0, "healthy": 3.0}
LATE = [set(names) for count in range(1, len(METRICS) + 1) for names in itertools.combinations(METRICS, count)]


@pytest.mark.parametrize("late", LATE, ids="-".join)
def test_what_comes_late_is_waited_for(late: set[str], rules: list[Rule]) -> None:
    seen = {name: None if name in late else value for name, value in METRICS.items()}

    for rule in rules:
        # No value: then the alarm takes the minute before, of which all is there.
        assert rule.value(seen) in {None, rule.value(METRICS)}, f"{rule.alarm.logical_id} takes what is late for 0"


def test_tasks_end_late_and_start_soon(rules: list[Rule]) -> None:
    for rule in rules:
        [first, *_] = rule.policy.properties["StepScalingPolicyConfiguration"]["StepAdjustments"]
        minutes = rule.alarm.properties["EvaluationPeriods"]
        assert minutes == 1 if first["ScalingAdjustment"] > 0 else minutes >= 10, rule.alarm
