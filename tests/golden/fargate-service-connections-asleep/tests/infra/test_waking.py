"""Whoever finds the service asleep wakes it, once; it sleeps when nobody is connected; failed starts are given up.

The alarms and policies of the stack are played minute by minute, as CloudWatch and Auto Scaling evaluate them, with
clients that try again every minute.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference, spelled
from infra.metric_math import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from infra.cloudformation import Resource, Stack

POLICIES = "AWS::ApplicationAutoScaling::ScalingPolicy"
# What CloudWatch sees late by, and what a task takes until it is healthy; then the time that a client may wait.
LATE_MINUTES, START_MINUTES, WAIT_MINUTES = 2, 2, 8
# Points before those of the alarm that CloudWatch takes where some are missing.
MORE_POINTS = 3
# No service is woken more often than that, whatever clients do.
PAUSE_MINUTES = 10
QUIET_MINUTES = 15

STATISTICS: dict[str, Callable[[list[float]], float]] = {"Sum": sum, "Average": fmean, "Maximum": max, "Minimum": min}


@dataclass(frozen=True, slots=True)
class Rule:
    """An alarm, with the policies that it calls."""

    alarm: Resource
    policies: tuple[Resource, ...]

    def is_on(self, measured: Sequence[dict[str, list[float]]]) -> bool:
        """Tell whether the alarm is on, by what was measured in each minute until now."""
        most, least = self.alarm.properties["EvaluationPeriods"], self.alarm.properties["DatapointsToAlarm"]
        seen = measured[: max(0, len(measured) - LATE_MINUTES)]
        ends = range(len(measured), len(measured) - most - MORE_POINTS, -1)
        # The last minutes are not there yet: missing, or what is filled in.
        points = [self._value(seen, end) for end in ends]
        # The latest that there are, of which older ones may stand for those that are missing.
        known = [point for point in points if point is not None][:most]
        reached: int = sum(point >= self.alarm.properties["Threshold"] for point in known)
        return reached >= int(least)

    def _value(self, seen: Sequence[dict[str, list[float]]], end: int) -> float | None:
        metrics: dict[str, float | None] = {}
        for metric in self.alarm.properties["Metrics"]:
            if "MetricStat" in metric:
                minutes = metric["MetricStat"]["Period"] // 60
                window = seen[max(0, end - minutes) : max(0, end)]
                said = [value for minute in window for value in minute.get(metric["Id"], [])]
                metrics[metric["Id"]] = STATISTICS[metric["MetricStat"]["Stat"]](said) if said else None
        [asked] = [metric for metric in self.alarm.properties["Metrics"] if metric["ReturnData"]]
        return value_of(asked["Expression"], metrics) if "Expression" in asked else metrics[asked["Id"]]


@dataclass(slots=True)
class World:
    """A service, its load balancer, its clients and their minutes.

    Attributes:
        wanted: The desired count.
        healthy: For each task that serves, the minutes since its last client left.
        starting: For each task that starts, the minutes until it serves.
        starts_well: Whether tasks that start come to serve; others end after a minute.
        counts: The desired count in each minute.
        waits: For how many minutes clients have been refused by now, in each minute.
    """

    rules: list[Rule]
    wanted: int = 0
    healthy: list[int] = field(default_factory=list)
    starting: list[int] = field(default_factory=list)
    starts_well: bool = True
    failed: int = 0
    measured: list[dict[str, list[float]]] = field(default_factory=list)
    raised: dict[str, int] = field(default_factory=dict)
    raises: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)

    def awake(self, tasks: int = 1) -> World:
        """Begin with tasks that serve."""
        self.wanted, self.healthy = tasks, [0] * tasks
        return self

    def minute(self, clients: int, *, on_one: bool = False) -> None:
        """Let a minute pass; clients come to every task, or stay on one."""
        said: dict[str, list[float]] = {"healthy": [len(self.healthy)]}
        self.waits.append(0)
        if clients and not self.healthy:
            said["refused"] = [clients]
            self.waits[-1] = 1 + (self.waits[-2] if len(self.waits) > 1 else 0)
        held = [clients if number == 0 or not on_one else 0 for number in range(len(self.healthy))]
        self.healthy = [0 if held[number] else quiet + 1 for number, quiet in enumerate(self.healthy)]
        said["quiet"] = [60.0 * quiet for quiet in self.healthy]
        # Those that are told to end say 0.
        said["quiet"] += [0] * max(0, len(self.healthy) - self.wanted)
        said["failed"] = [self._start()]
        del self.healthy[self.wanted :]
        self.measured.append(said)
        self._scale()
        self.counts.append(self.wanted)

    def shortest_pause(self) -> int:
        """Return the fewest minutes between two starts."""
        pauses = [later - sooner for sooner, later in zip(self.raises, self.raises[1:], strict=False)]
        return min(pauses, default=PAUSE_MINUTES)

    def told(self) -> set[str]:
        """Return the alarms that are on."""
        return {rule.alarm.logical_id for rule in self.rules if rule.is_on(self.measured)}

    def _start(self) -> int:
        failed = 0
        self.starting = [left - 1 for left in self.starting][: max(0, self.wanted - len(self.healthy))]
        if not self.starts_well:
            failed = sum(left < START_MINUTES - 1 for left in self.starting)
            self.starting = [left for left in self.starting if left >= START_MINUTES - 1]
        self.healthy += [0 for left in self.starting if left <= 0]
        self.starting = [left for left in self.starting if left > 0]
        self.starting += [START_MINUTES] * (self.wanted - len(self.healthy) - len(self.starting))
        self.failed += failed
        return failed

    def _scale(self) -> None:
        now = len(self.measured)
        asked: list[tuple[int, str]] = []
        for rule in self.rules:
            if rule.policies and rule.is_on(self.measured):
                asked += [(self._count(policy), policy.logical_id) for policy in rule.policies]
        allowed = [
            (count, name)
            for count, name in asked
            if count <= self.wanted or now - self.raised.get(name, -9_999) > self._pause(name)
        ]
        # Of several answers the larger number counts, a pause is none.
        if allowed:
            count, name = max(allowed)
            if count > self.wanted:
                self.raised[name] = now
                self.raises.append(now)
            self.wanted = count

    def _count(self, policy: Resource) -> int:
        steps = policy.properties["StepScalingPolicyConfiguration"]
        [step] = steps["StepAdjustments"]
        exact = steps["AdjustmentType"] == "ExactCapacity"
        return int(step["ScalingAdjustment"] + (0 if exact else self.wanted))

    def _pause(self, name: str) -> float:
        called = {policy.logical_id: policy for rule in self.rules for policy in rule.policies}
        return float(called[name].properties["StepScalingPolicyConfiguration"]["Cooldown"]) / 60


@pytest.fixture(scope="session")
def rules(stack: Stack) -> list[Rule]:
    """The alarms of waking, falling asleep and giving up, each with its policies."""
    policies = {policy.logical_id: policy for policy in stack.of_type(POLICIES)}
    alarms = [stack.resources[name] for name in ("Wanted", "Deserted", "StartFailed", "NotWoken")]
    return [Rule(alarm, tuple(policies[name] for name in _called(alarm) if name in policies)) for alarm in alarms]


def _called(alarm: Resource) -> list[str]:
    return [action.logical_id for action in alarm.properties.get("AlarmActions", []) if isinstance(action, Reference)]


@pytest.fixture
def asleep(rules: list[Rule]) -> World:
    """A service that nobody has asked for since yesterday."""
    world = World(rules)
    for _ in range(30):
        world.minute(0)
    return world


def comes_and_goes(seed: int) -> list[int]:
    """Return how many clients there are in each minute of a day: some for a while, then nobody for a while."""
    chance = random.Random(seed)  # noqa: S311  nothing here is a secret
    clients: list[int] = []
    while len(clients) < 1_440:
        clients += [chance.choice([1, 500])] * chance.randint(1, 40) + [0] * chance.randint(1, 40)
    return clients


COMINGS = {
    "one": [1] * 30,
    "a crowd": [500] * 30,
    # Whoever comes while it falls asleep.
    **{f"after {gap} minutes": [5] * 20 + [0] * gap + [5] * 30 for gap in range(12, 26)},
    **{f"day {seed}": comes_and_goes(seed) for seed in range(4)},
}


@pytest.mark.parametrize("clients", COMINGS.values(), ids=COMINGS)
def test_clients_wake_it_once_and_are_not_left_outside(asleep: World, clients: list[int]) -> None:
    for number in clients:
        asleep.minute(number)

    assert max(asleep.waits) <= WAIT_MINUTES, "clients are refused and nothing wakes the service"
    assert max(asleep.counts) == 1, "one task is enough to begin with; scaling.py adds more"
    assert asleep.shortest_pause() >= PAUSE_MINUTES, "it starts and ends tasks in turns"


@pytest.mark.parametrize("tasks", [1, 3])
def test_it_sleeps_when_nobody_is_connected_and_not_before(rules: list[Rule], tasks: int) -> None:
    world = World(rules).awake(tasks)
    # One client, who sends nothing, on one of the tasks.
    for _ in range(180):
        world.minute(1, on_one=True)
    assert world.wanted == tasks, "somebody is connected"

    for _ in range(QUIET_MINUTES - 1):
        world.minute(0)
    assert world.wanted == tasks, "a client that comes back within minutes would wake it again"

    for _ in range(10):
        world.minute(0)
    assert world.wanted == 0, "nobody is connected and tasks go on billing"


@pytest.mark.parametrize("clients", [0, 50])
def test_a_start_that_fails_is_given_up_and_does_not_loop(rules: list[Rule], clients: int) -> None:
    world, told = World(rules, wanted=1, starts_well=False), set[str]()
    for _ in range(180):
        world.minute(clients)
        told |= world.told()

    assert "StartFailed" in told
    assert world.counts.count(0) >= len(world.counts) / 3, "ECS starts tasks for ever, and each bills for a minute"
    assert world.shortest_pause() >= PAUSE_MINUTES, "what does not start is started again at once"


def test_a_task_that_fails_does_not_put_a_service_to_sleep_that_others_keep_up(rules: list[Rule]) -> None:
    world = World(rules).awake(3)
    for _ in range(30):
        world.minute(100)
        world.measured[-1]["failed"] = [1]

    assert world.wanted == 3


def test_somebody_is_told_of_clients_that_wait_in_vain(asleep: World) -> None:
    asleep.starts_well = False
    for _ in range(20):
        asleep.minute(3)

    assert "NotWoken" in asleep.told()


def test_alarms_look_at_this_service_and_its_load_balancer(stack: Stack, rules: list[Rule]) -> None:
    [task] = stack.of_type("AWS::ECS::TaskDefinition")
    [container] = task.properties["ContainerDefinitions"]
    [environment] = [one["Value"] for one in container["Environment"] if one["Name"] == "ENVIRONMENT"]
    balancing = "AWS::ElasticLoadBalancingV2::"
    [balancer], [targets] = stack.of_type(f"{balancing}LoadBalancer"), stack.of_type(f"{balancing}TargetGroup")
    [failures] = stack.of_type("AWS::Events::Rule")
    front = {"LoadBalancer": Reference(balancer.logical_id, "LoadBalancerFullName")}
    group = {**front, "TargetGroup": Reference(targets.logical_id, "TargetGroupFullName")}

    looked_at = {
        (metric["Id"], metric["MetricStat"]["Metric"]["MetricName"], _spelled(metric["MetricStat"]["Metric"]))
        for rule in rules
        for metric in rule.alarm.properties["Metrics"]
        if "MetricStat" in metric
    }

    assert looked_at == {
        ("refused", "HTTPCode_ELB_503_Count", str(front)),
        ("healthy", "HealthyHostCount", str(group)),
        ("quiet", "Quiet", str({"service": "forecast-desk", "environment": environment})),
        ("failed", "TriggeredRules", str({"RuleName": Reference(failures.logical_id)})),
    }


def _spelled(metric: Mapping[str, Any]) -> str:
    return str({dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]})


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}, True),
        ({"stopCode": "TaskFailedToStart", "stoppedReason": "CannotPullContainerError: not found"}, True),
        ({"stoppedReason": "Task failed ELB health checks in (target-group arn:aws:...)"}, True),
        ({"stoppedReason": "Scaling activity initiated by deployment ecs-svc/1"}, False),
        ({"stopCode": "EssentialContainerExited", "group": "service:another"}, False),
        ({"stopCode": "EssentialContainerExited", "lastStatus": "DEPROVISIONING"}, False),
    ],
    ids=["exit", "no image", "unhealthy", "told to end", "another service", "counted before"],
)
def test_a_task_counts_as_failed_when_nobody_told_it_to_end(
    stack: Stack, changed: dict[str, str], *, counts: bool
) -> None:
    [service], [cluster] = stack.of_type("AWS::ECS::Service"), stack.of_type("AWS::ECS::Cluster")
    [rule] = stack.of_type("AWS::Events::Rule")
    pattern = json.loads(json.dumps(rule.properties["EventPattern"], default=spelled))
    [arn] = pattern["detail"]["clusterArn"]
    detail = {
        "clusterArn": arn,
        "group": "service:${" + service.logical_id + ".Name}",
        "lastStatus": "STOPPED",
        "stopCode": "ServiceSchedulerInitiated",
        **changed,
    }
    event = {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": detail}

    assert "${" + cluster.logical_id + "}" in arn
    assert _matches(pattern, event) is counts


def test_why_a_task_failed_can_be_read_for_two_weeks(stack: Stack) -> None:
    [rule], [queue] = stack.of_type("AWS::Events::Rule"), stack.of_type("AWS::SQS::Queue")
    [policy] = stack.of_type("AWS::SQS::QueuePolicy")
    [statement] = policy.properties["PolicyDocument"]["Statement"]

    assert [target["Arn"] for target in rule.properties["Targets"]] == [Reference(queue.logical_id, "Arn")]
    assert rule.properties.get("State", "ENABLED") == "ENABLED"
    assert queue.properties["MessageRetentionPeriod"] == 14 * 86_400
    # This rule puts something in, and nobody else.
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": Reference(rule.logical_id, "Arn")}}
    assert statement["Resource"] == Reference(queue.logical_id, "Arn")


def _matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Tell whether EventBridge takes an event: by value, by prefix, or by one of several patterns."""
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(_matches(one, event) for one in wanted):
                return False
        elif isinstance(wanted, dict):
            if not _matches(wanted, event.get(name, {})):
                return False
        elif not any(_holds(one, str(event.get(name, ""))) for one in wanted):
            return False
    return True


def _holds(wanted: str | Mapping[str, str], value: str) -> bool:
    return value == wanted if isinstance(wanted, str) else value.startswith(wanted["prefix"])
