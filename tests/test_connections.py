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


def test_what_may_sleep_has_no_template_and_no_settings() -> None:
    sleepy = decided(critical=False)

    assert sleepy.connections is None
    assert sleepy.variant == "http-alb"
    assert "no_template" in {warning.id for warning in sleepy.warnings}


def test_alarms_cost_what_their_metrics_do() -> None:
    cost = decided().cost.of("fargate-service")

    assert cost is not None
    [alarms] = [part for part in cost.parts if part.resource_type == "AWS::CloudWatch::Alarm"]
    assert (alarms.count, round(alarms.usd_per_month, 2)) == (4, 0.5)
