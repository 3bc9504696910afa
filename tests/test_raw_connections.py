"""How a service takes TCP connections and datagrams: behind another load balancer, or found by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rendering import SERVICES

from generator import answers, decision, policy, prices, source

if TYPE_CHECKING:
    from generator.decision import Decision

RULES = policy.load()


def decided(example: str, **changed: object) -> Decision:
    given = answers.check({**answers.read(str(SERVICES[example])), **changed}, RULES)
    templates = source.templates(source.root())
    return decision.decide(given.workload, RULES, prices.load(), templates, **given.project.billed())


def why_not(found: Decision) -> list[str]:
    return [warning.text for warning in found.warnings if warning.id == "without_template"]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_ten_times_the_peak_of_clients_fits(protocol: str) -> None:
    held = decided(protocol, avg_run_ms=1, vcpu=4).connections

    assert held is not None
    # Two messages a minute each, and 4,000 clients for each task.
    assert (held.minimum, held.peak, held.maximum) == (2, 200 * 60 / 2, 15)


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_it_costs_tasks_alarms_and_a_network_load_balancer_while_idle(protocol: str) -> None:
    cost = decided(protocol).cost.of("fargate-service")

    assert cost is not None
    idle = {part.resource_type: round(part.usd_per_month, 2) for part in cost.parts if part.idle}
    # $0.0225 an hour, two addresses of $0.005; twice half a processor, one GiB and an address; five metrics.
    assert idle == {
        "AWS::ElasticLoadBalancingV2::LoadBalancer": 23.73,
        "AWS::ECS::Service": 36.14,
        "AWS::CloudWatch::Alarm": 0.5,
    }


def test_nothing_is_rendered_yet_for_mqtt() -> None:
    found = decided("tcp", protocol="mqtt", state="required")

    assert (found.variant, found.exit_code, found.has_template) == ("tcp-nlb", 0, False)
    assert found.connections is None
    assert "no template" in found.obstacle


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_whoever_may_neither_sleep_nor_is_critical_is_told_what_does_instead(protocol: str) -> None:
    found = decided(protocol, critical=False, wake_ok=False)

    assert (found.variant, found.exit_code, found.has_template) == ("tcp-nlb", 1, False)
    assert ["woken the service" in reason for reason in why_not(found)] == [True]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_what_sleeps_costs_its_zone_its_alarms_and_its_looks_while_idle(protocol: str) -> None:
    found = decided("lookup", protocol=protocol)
    cost = found.cost.of("fargate-service")

    assert (found.variant, found.event_source) == (f"{protocol}-dns-asleep", "lookup")
    assert found.has_template
    assert found.connections is not None
    assert (found.connections.minimum, found.connections.maximum) == (0, 2)
    assert cost is not None
    # Six metrics of four alarms, and half a second of Lambda every five minutes.
    assert {part.resource_type: round(part.usd_per_month, 2) for part in cost.parts if part.idle} == {
        "AWS::Route53::HostedZone": 0.5,
        "AWS::Lambda::Function": 0.03,
        "AWS::CloudWatch::Alarm": 0.6,
    }


@pytest.mark.parametrize(
    ("region", "peak_per_s", "event_source", "word"),
    [
        ("us-east-1", 26, "lookup", ""),
        ("us-east-1", 60, "lookup-crowd", "more of them than that names"),
        ("eu-west-1", 10, "lookup-elsewhere", "us-east-1 only"),
    ],
)
def test_where_look_ups_are_not_written_down_or_the_record_is_full_the_reason_is_said(
    region: str, peak_per_s: int, event_source: str, word: str
) -> None:
    found = decided("lookup", aws_region=region, peak_per_s=peak_per_s)

    assert (found.event_source, found.has_template) == (event_source, not word)
    assert all(word in reason for reason in why_not(found))
    assert len(why_not(found)) == bool(word)
