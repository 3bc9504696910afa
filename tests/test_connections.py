"""How a service holds connections: tasks for ten times the peak, connections that memory has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rendering import SERVICES

from generator import answers, decision, policy, prices, source

if TYPE_CHECKING:
    from generator.connections import Connections
    from generator.decision import Decision

RULES = policy.load()


def decided(**changed: object) -> Decision:
    given = answers.check({**answers.read(str(SERVICES["connections"])), **changed}, RULES)
    return decision.decide(given.workload, RULES, prices.load(), source.templates(source.root()))


def connections(**changed: object) -> Connections:
    found = decided(**changed).connections
    assert found is not None
    return found


def test_ten_times_the_peak_of_connections_fits() -> None:
    # Who sends nothing dear: connections alone decide. Two messages a minute each.
    held = connections(avg_run_ms=1, peak_per_s=200, vcpu=4)

    assert held.peak == 200 * 60 / 2
    assert held.maximum == 10 * held.peak / held.per_task


def test_dear_messages_take_more_tasks_than_connections_do() -> None:
    cheap, dear = connections(avg_run_ms=1), connections(avg_run_ms=50)

    # 2,000 messages a second of 50 ms, on half a processor that is in use to 60 %.
    assert dear.maximum == pytest.approx(2_000 * 0.05 / 0.3, abs=1)
    assert dear.maximum > cheap.maximum


@pytest.mark.parametrize(("memory_mb", "message_kb", "fewer"), [(1_024, 1_000, True), (8_000, 64, False)])
def test_a_task_takes_no_more_than_its_memory_holds(memory_mb: int, message_kb: int, *, fewer: bool) -> None:
    held, size = connections(memory_mb=memory_mb, message_kb=message_kb), decided(memory_mb=memory_mb).size

    needed_kib = held.per_task * (RULES.number("connection_kib") + 2 * held.message_kib)
    assert needed_kib <= (size.memory_mib - RULES.number("server_mib")) * 1024
    assert (held.per_task < RULES.number("connections_per_task_most")) is fewer


def test_two_tasks_always_run_however_few_connections_there_are() -> None:
    few = connections(requests_per_month=1_000, peak_per_s=0.01)

    assert (few.minimum, few.maximum) == (2, 2)


def test_what_is_not_critical_runs_no_task_while_nobody_is_connected() -> None:
    sleepy = decided(critical=False)

    assert (sleepy.variant, sleepy.event_source) == ("websocket-alb-asleep", "connections")
    assert (sleepy.scale_to_zero.min_capacity, sleepy.exit_code) == (0, 0)
    assert sleepy.has_template
    assert sleepy.connections is not None
    assert sleepy.connections.minimum == 0


@pytest.mark.parametrize("peak_per_s", [0.01, 200, 5_000])
def test_what_sleeps_meets_the_same_spike_as_what_never_does(peak_per_s: float) -> None:
    asleep, awake = connections(critical=False, peak_per_s=peak_per_s), connections(peak_per_s=peak_per_s)

    assert (asleep.per_task, asleep.peak) == (awake.per_task, awake.peak)
    assert asleep.maximum == (awake.maximum if peak_per_s > 1 else 1)


def test_what_is_not_critical_and_may_not_be_woken_is_refused() -> None:
    refused = decided(critical=False, wake_ok=False)

    assert refused.connections is None
    assert refused.exit_code == 1
    assert "may not wait for a wake" in refused.obstacle


@pytest.mark.parametrize(
    ("critical", "count", "usd_per_month"), [(True, 4, 0.5), (False, 8, 1.2)], ids=["critical", "asleep"]
)
def test_alarms_cost_what_their_metrics_do(*, critical: bool, count: int, usd_per_month: float) -> None:
    cost = decided(critical=critical).cost.of("fargate-service")

    assert cost is not None
    [alarms] = [part for part in cost.parts if part.resource_type == "AWS::CloudWatch::Alarm"]
    assert (alarms.count, round(alarms.usd_per_month, 2)) == (count, usd_per_month)


def test_asleep_it_bills_its_load_balancer_and_its_alarms_and_nothing_else() -> None:
    cost = decided(critical=False).cost.of("fargate-service")

    assert cost is not None
    idle = {part.resource_type: round(part.usd_per_month, 2) for part in cost.parts if part.idle}
    # $0.0225 an hour, and two addresses of $0.005.
    assert idle == {"AWS::ElasticLoadBalancingV2::LoadBalancer": 23.73, "AWS::CloudWatch::Alarm": 1.2}


@pytest.mark.parametrize(
    ("critical", "variant", "count", "idle_usd"),
    [(True, "sse-alb", 4, 60.36), (False, "sse-alb-asleep", 8, 24.92)],
    ids=["critical", "asleep"],
)
def test_event_streams_are_held_and_billed_as_connections_are(
    *, critical: bool, variant: str, count: int, idle_usd: float
) -> None:
    given = answers.check({**answers.read(str(SERVICES["sse"])), "critical": critical}, RULES)
    held = decision.decide(given.workload, RULES, prices.load(), source.templates(source.root()))
    cost = held.cost.of("fargate-service")

    assert (held.variant, held.event_source, held.has_template) == (variant, "sse", True)
    assert held.connections is not None
    assert held.connections.maximum * held.connections.per_task >= 10 * held.connections.peak
    assert cost is not None
    [alarms] = [part for part in cost.parts if part.resource_type == "AWS::CloudWatch::Alarm"]
    assert alarms.count == count
    assert cost.idle_usd_per_month == pytest.approx(idle_usd, abs=0.01)
