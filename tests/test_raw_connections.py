"""How a service takes TCP connections and datagrams: behind another load balancer, and only when critical."""

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
    return decision.decide(given.workload, RULES, prices.load(), source.templates(source.root()))


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


@pytest.mark.parametrize(
    ("example", "changed"),
    [
        pytest.param("tcp", {"critical": False}, id="tcp that sleeps"),
        pytest.param("udp", {"critical": False}, id="udp that sleeps"),
        pytest.param("tcp", {"protocol": "mqtt", "state": "required"}, id="mqtt"),
    ],
)
def test_nothing_is_rendered_yet_for_what_sleeps_or_speaks_mqtt(
    example: str, changed: dict[str, object]
) -> None:
    found = decided(example, **changed)

    assert (found.variant, found.exit_code, found.has_template) == ("tcp-nlb", 0, False)
    assert found.connections is None
    assert "no template" in found.obstacle
    reasons = [warning.text for warning in found.warnings if warning.id == "without_template"]
    assert ["us-east-1" in reason for reason in reasons] == (
        [True] if found.workload.critical is False else []
    )
