"""Nothing caps the service below ten times the peak that its workload states."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from infra.cloudformation import Stack, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

SPIKE = 10


def test_no_concurrency_setting_caps_a_ten_fold_spike(stack: Stack, answers: dict[str, Any]) -> None:
    needed = math.ceil(SPIKE * answers["decision"]["peak_concurrency"])

    low = [text for text in _concurrency_limits(stack, needed, answers["downstream_concurrency"]) if text]

    assert not low, "\n" + "\n".join(f"- {text}; leave it out or allow at least {needed}" for text in low)


def test_no_throttle_caps_a_ten_fold_spike(stack: Stack, record: dict[str, Any]) -> None:
    needed = math.ceil(SPIKE * record["peak_per_second"])

    low = [text for text in _throttles(stack, needed) if text]

    assert not low, "\n" + "\n".join(f"- {text}; allow at least {needed} requests a second" for text in low)


def test_every_stage_is_throttled_somewhere(stack: Stack) -> None:
    open_stages = [
        stage.logical_id
        for stage in stack.of_type("AWS::ApiGatewayV2::Stage")
        if not {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(stage.properties.get("DefaultRouteSettings", {}))
    ]

    assert not open_stages, f"{open_stages} could spend without bound: set a throttle in DefaultRouteSettings"


def _concurrency_limits(stack: Stack, needed: int, downstream: int | None) -> Iterator[str]:
    for function in stack.of_type("AWS::Lambda::Function"):
        reserved = function.properties.get("ReservedConcurrentExecutions")
        yield _below(f"{function}: ReservedConcurrentExecutions", reserved, needed)
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        maximum = mapping.properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        # What the function calls may take less than a spike: an answer that docs/adr/0001-compute-tier.md names.
        enough = min(needed, downstream or needed)
        yield _below(f"{mapping}: ScalingConfig.MaximumConcurrency", maximum, enough)


def _throttles(stack: Stack, needed: int) -> Iterator[str]:
    for stage in stack.of_type("AWS::ApiGatewayV2::Stage"):
        routes = {"DefaultRouteSettings": stage.properties.get("DefaultRouteSettings", {})}
        routes |= stage.properties.get("RouteSettings", {})
        for route, settings in routes.items():
            for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
                yield _below(f"{stage}: {route}.{limit}", settings.get(limit), needed)


def _below(name: str, value: object, needed: int) -> str:
    if value is None:
        return ""
    if isinstance(value, Unknown):
        return f"{name} cannot be told: {value.reason}"
    return f"{name} is {value}, too low for ten times the peak" if float(str(value)) < needed else ""
