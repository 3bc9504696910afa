"""While it is awake requests and work decide how many tasks there are: enough for ten times the peak, never none."""

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
    """Tasks that run while requests come."""
    return max(1, int(target.properties["MinCapacity"]))


@pytest.fixture(scope="session")
def variables(stack: Stack) -> dict[str, Any]:
    """What a task is told."""
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    return {variable["Name"]: variable["Value"] for variable in container["Environment"]}


@pytest.fixture(scope="session")
def per_task(variables: dict[str, Any]) -> int:
    """The requests that one task has at most, with those that wait in it."""
    return int(variables["TAKEN_AT_MOST"])


def count(rules: list[Rule], target: Resource, tasks: int, in_flight: float, processor: float) -> int:
    """Return how many tasks there are after all alarms had their say; what wants most decides."""
    metrics = {"in_flight": in_flight / tasks, "processor": processor, "healthy": tasks}
    changes = [change for rule in rules if (change := rule.change(tasks, metrics))]
    wanted = tasks + max(changes, default=0)
    return int(min(max(wanted, target.properties["MinCapacity"]), target.properties["MaxCapacity"]))


def test_the_service_that_is_scaled_is_this_one(stack: Stack, target: Resource) -> None:
    [service] = stack.of_type("AWS::ECS::Service")

    assert "${" + service.logical_id + ".Name}" in spelled(target.properties["ResourceId"])
    assert "DesiredCount" not in service.properties, "a deployment would set the number of tasks back"


def test_ten_times_the_peak_fits_under_the_maximum(
    target: Resource, variables: dict[str, Any], record: dict[str, Any], answers: dict[str, Any]
) -> None:
    spike = SPIKE * record["peak_concurrency"]
    # What the work calls may take less than a spike: an answer that docs/adr/0001-compute-tier.md names.
    needed = math.ceil(min(spike, answers["downstream_concurrency"] or spike) / int(variables["AT_ONCE"]))

    assert target.properties["MaxCapacity"] >= needed, f"{needed} tasks answer ten times the peak: allow as many"


def test_requests_wait_in_a_task_until_there_are_more_as_far_as_memory_has_room(
    variables: dict[str, Any], record: dict[str, Any]
) -> None:
    taken, body_bytes = int(variables["TAKEN_AT_MOST"]), int(variables["MAX_BODY_BYTES"])
    memory_bytes = record["size"]["memory_mib"] * 1_048_576
    # Each body is there twice while it is read, and the process needs room, too.
    room = int(0.7 * memory_bytes / (2 * body_bytes))

    # A spike comes at once, and another task takes a minute.
    assert taken >= max(1, min(SPIKE * int(variables["AT_ONCE"]), room)), "most of a spike would be refused"
    assert taken == 1 or taken * 2 * body_bytes <= memory_bytes, "callers could fill the memory of a task"


@pytest.mark.parametrize("times", [1, 3, 10, 100])
def test_a_spike_is_met_within_minutes_and_not_beyond_what_it_takes(
    times: int, rules: list[Rule], target: Resource, fewest: int, variables: dict[str, Any]
) -> None:
    spike, most = times * int(variables["AT_ONCE"]), int(variables["TAKEN_AT_MOST"])
    tasks, rounds = fewest, 0
    # A task has no more than it takes, so more than that is never counted.
    while (more := count(rules, target, tasks, min(spike, tasks * most), processor=10)) > tasks:
        tasks, rounds = more, rounds + 1

    assert tasks >= min(times, target.properties["MaxCapacity"]), "requests wait and no more tasks are started"
    assert tasks <= max(4 * times, fewest)
    # Where memory has room for few requests, less is seen of a spike.
    bound = 3 if most > 1.4 * int(variables["AT_ONCE"]) else 8
    assert rounds <= bound, f"{rounds} steps of some minutes each are too many"


def test_work_alone_makes_it_grow(rules: list[Rule], target: Resource, fewest: int) -> None:
    grown = count(rules, target, fewest, in_flight=0, processor=90)

    assert grown > fewest or target.properties["MaxCapacity"] == fewest


def test_it_shrinks_as_far_as_it_may_when_everybody_is_gone(rules: list[Rule], target: Resource, fewest: int) -> None:
    tasks = int(target.properties["MaxCapacity"])

    for _ in range(1_000):
        tasks = count(rules, target, max(1, tasks), in_flight=0, processor=1)

    assert tasks == fewest


def test_fewer_tasks_never_mean_that_more_are_wanted_at_once(
    rules: list[Rule], target: Resource, fewest: int, per_task: int
) -> None:
    """What was on the task that ended comes to the others: that alone must not start a new one."""
    flaps, most = [], target.properties["MaxCapacity"]
    # Of very many, some hundred numbers.
    for tasks in range(fewest + 1, most + 1, max(1, most // 200)):
        for in_flight in range(0, tasks * per_task, max(1, tasks * per_task // 50)):
            fewer = count(rules, target, tasks, in_flight, processor=20)
            # The work of those that ended is on the others, too.
            if fewer < tasks and count(rules, target, fewer, in_flight, processor=20 * tasks / fewer) > fewer:
                flaps.append((tasks, in_flight))

    assert not flaps, f"of {flaps[0][0]} tasks some end and start in turns: leave more room between the alarms"


METRICS = {"in_flight": 0.01, "processor": 1.0, "healthy": 3.0}
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
