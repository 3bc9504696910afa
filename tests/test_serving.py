"""As many tasks as the spike needs, as many requests on each as fit, none that nobody would wait for."""

from __future__ import annotations

import pytest
from cost_cases import PRICES
from hypothesis import given
from hypothesis import strategies as st

from generator import decision, policy, workload
from generator.serving import Serving, serving_of
from generator.sizing import size_on

RULES = policy.load()
SERVICE = {"trigger": "http", "state": "required", "requests_per_month": 300_000}


def serving(
    peak_concurrency: int = 8, minimum: int = 0, *, is_balanced: bool = False, **facts: object
) -> Serving:
    given = workload.parse({**SERVICE, **facts}, RULES)
    size = size_on("fargate-service", given, RULES, lambda_holds=False)
    return serving_of(
        given, size, minimum=minimum, peak_concurrency=peak_concurrency, is_balanced=is_balanced, policy=RULES
    )


@pytest.mark.parametrize(
    ("facts", "maximum", "at_once", "taken_at_most"),
    [
        pytest.param({}, 80, 1, 10, id="one that computes takes one request"),
        pytest.param({"cpu_bound_share": 0.25}, 20, 4, 40, id="one that waits takes more"),
        pytest.param({"cpu_bound_share": 0.3}, 27, 3, 30, id="and no more than fit"),
        pytest.param({"cpu_bound_share": 0.001}, 1, 100, 1_000, id="up to a bound"),
        pytest.param({"downstream_concurrency": 7}, 7, 1, 10, id="what it calls takes fewer"),
        pytest.param({"peak_concurrency": 1, "cpu_bound_share": 0.1}, 1, 10, 100, id="a trickle"),
        pytest.param({"minimum": 3, "downstream_concurrency": 2}, 3, 1, 10, id="never below the minimum"),
    ],
)
def test_ten_times_the_peak_fits(
    facts: dict[str, object], maximum: int, at_once: int, taken_at_most: int
) -> None:
    made = serving(**facts)  # type: ignore[arg-type]  # facts and arguments by name

    assert (made.maximum, made.at_once, made.taken_at_most) == (maximum, at_once, taken_at_most)


@given(peak=st.integers(1, 10**5), share=st.floats(0.001, 1))
def test_a_spike_is_taken_in_by_the_tasks_that_its_peak_needs(peak: int, share: float) -> None:
    made = serving(peak_concurrency=peak, cpu_bound_share=share)

    assert made.maximum * made.at_once >= 10 * peak
    assert made.taken_at_most >= 10 * made.at_once
    assert made.seconds_at_most < 30


@pytest.mark.parametrize(("request_mb", "body_bytes"), [(None, 100_000), (0.5, 500_000), (10, 10_000_000)])
def test_the_largest_body_is_the_stated_one(request_mb: float | None, body_bytes: int) -> None:
    assert serving(request_mb=request_mb).body_bytes == body_bytes


@pytest.mark.parametrize(
    ("facts", "at_once", "taken_at_most"),
    [
        pytest.param({"request_mb": 0.1}, 100, 1_000, id="small ones are no matter"),
        pytest.param({"request_mb": 2}, 50, 500, id="larger ones wait in more tasks"),
        pytest.param({"request_mb": 120}, 1, 8, id="of large ones fewer wait"),
        pytest.param({"request_mb": 100, "memory_mb": 8_192}, 4, 40, id="unless there is more memory"),
        pytest.param({"request_mb": 5_000}, 1, 1, id="one at least"),
    ],
)
def test_no_more_bodies_are_taken_than_memory_has_room_for(
    facts: dict[str, object], at_once: int, taken_at_most: int
) -> None:
    made = serving(500, is_balanced=True, **{"cpu_bound_share": 0.001, "memory_mb": 2_048, **facts})

    assert (made.at_once, made.taken_at_most) == (at_once, taken_at_most)
    assert made.maximum * made.at_once >= 10 * 500


@pytest.mark.parametrize(("longest_run_s", "seconds"), [(None, 39), (5, 15), (1_200.5, 1_211)])
def test_a_load_balancer_waits_for_the_longest_request_that_was_stated(
    longest_run_s: float | None, seconds: int
) -> None:
    assert serving(is_balanced=True, longest_run_s=longest_run_s).seconds_at_most == seconds
    assert serving(is_balanced=False, longest_run_s=longest_run_s).seconds_at_most == 29


@pytest.mark.parametrize(
    ("facts", "event_source", "variant"),
    [
        ({}, "http", "http-api"),
        ({"longest_run_s": 30}, "http", "http-api"),
        ({"longest_run_s": 31}, "requests", "http-alb-asleep"),
        ({"longest_run_s": 3_580}, "requests", "http-alb-asleep"),
        ({"longest_run_s": 3_581}, "hour-long-http", "http-alb-asleep"),
        ({"longest_run_s": 3_581, "critical": True}, "hour-long-http", "http-alb"),
        ({"request_mb": 10.5}, "requests", "http-alb-asleep"),
        ({"response_mb": 11}, "requests", "http-alb-asleep"),
        ({"critical": True}, "requests", "http-alb"),
        ({"wake_ok": False}, "held-http", "http-alb"),
        ({"protocol": "grpc_unary"}, "held-http", "grpc-alb"),
        ({"host_needs": ["windows_container"]}, "windows", "http-api"),
    ],
)
def test_a_service_sleeps_behind_an_http_api_where_that_can_carry_and_wait(
    facts: dict[str, object], event_source: str, variant: str
) -> None:
    decided = decision.decide(workload.parse({**SERVICE, **facts}, RULES), RULES, PRICES, frozenset())

    assert (decided.tier, decided.event_source, decided.variant) == ("fargate-service", event_source, variant)
    assert (decided.serving is not None) == (event_source in {"http", "requests"})


def test_the_idle_bill_is_a_zone_five_metrics_and_a_look_every_five_minutes() -> None:
    decided = decision.decide(workload.parse(SERVICE, RULES), RULES, PRICES, frozenset())
    asleep = decided.cost.of("fargate-service")

    assert asleep is not None
    idle = {part.resource_type: round(part.usd_per_month, 2) for part in asleep.parts if part.idle}
    assert idle == {
        "AWS::ServiceDiscovery::PrivateDnsNamespace": 0.5,
        "AWS::Lambda::Function": 0.03,
        "AWS::CloudWatch::Alarm": 0.5,
    }
    assert asleep.idle_usd_per_month == pytest.approx(1.03, abs=0.005)


@pytest.mark.parametrize(
    ("critical", "count", "usd_per_month"),
    [(True, 5, 0.6), (False, 9, 1.4)],
    ids=["critical", "asleep"],
)
def test_behind_a_load_balancer_that_bills_and_so_do_its_alarms(
    *, critical: bool, count: int, usd_per_month: float
) -> None:
    asked = {**SERVICE, "longest_run_s": 600, "critical": critical}
    decided = decision.decide(workload.parse(asked, RULES), RULES, PRICES, frozenset())
    cost = decided.cost.of("fargate-service")

    assert cost is not None
    billed = {part.resource_type: part for part in cost.parts if part.idle}
    assert ("AWS::ECS::Service" in billed) is critical
    assert round(billed["AWS::ElasticLoadBalancingV2::LoadBalancer"].usd_per_month, 2) == 23.73
    alarms = billed["AWS::CloudWatch::Alarm"]
    assert (alarms.count, round(alarms.usd_per_month, 2)) == (count, usd_per_month)


def test_a_task_that_a_load_balancer_waits_for_bills_while_it_ends() -> None:
    def awake_usd(longest_run_s: int) -> float:
        asked = {**SERVICE, "requests_per_month": 5, "longest_run_s": longest_run_s}
        cost = decision.decide(workload.parse(asked, RULES), RULES, PRICES, frozenset()).cost
        [part] = [one for one in cost.by_tier[0].parts if one.name == "Fargate tasks while awake"]
        return part.usd_per_month

    # After a request a quarter of an hour, and then as long as the longest one: 17 minutes against 65.
    assert awake_usd(3_000) / awake_usd(100) == pytest.approx(65 / 17, rel=0.15)
