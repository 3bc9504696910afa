from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isfinite

import pytest
from cost_cases import POLICY_ASSUMPTIONS, PRICES, basis, demand, public_api, size
from hypothesis import given
from hypothesis import strategies as st

from generator import policy, workload
from generator.cost import Basis, Cost, TierCost, estimate, estimate_demand
from generator.errors import PolicyFileError

SERVICE = size(1024, 0.5)


def on(tier: str, cost: Cost) -> TierCost:
    found = cost.of(tier)
    assert found is not None, f"{tier} has no price: {cost.unpriced}"
    return found


def usd(tier: str, cost: Cost) -> float:
    return round(on(tier, cost).usd_per_month, 2)


# Worked examples of the specification, section 11: list prices, arm64, no free tier, no alarms.


def test_example_1_internal_api() -> None:
    sizes = {"lambda": size(512, 0.29), "fargate-service": size(512, 0.25)}

    cost = estimate_demand(demand(300_000, 0.12), sizes, basis())

    assert usd("lambda", cost) == 0.60
    assert on("lambda", cost).idle_usd_per_month == 0
    assert usd("fargate-service", cost) == 45.47
    assert on("fargate-service", cost).idle_usd_per_month == pytest.approx(45.45, abs=0.01)


@pytest.mark.parametrize(
    ("requests", "share", "on_lambda", "on_service"),
    [
        (60e6, 1, 112.00, 100.57),
        (60e6, 0.1, 112.00, 64.44),
        (60e6, 0.3, 112.00, 64.44),
        (10e6, 1, 18.67, 60.62),
        (300e6, 1, 560, 354),
        (300e6, 0.1, 560, 83),
        (300e6, 0.3, 560, 137),
    ],
)
def test_example_2_public_api(requests: float, share: float, on_lambda: float, on_service: float) -> None:
    cost = public_api(requests, cpu_bound_share=share)

    precision = 0.5 if on_lambda == 560 else 0.005
    assert on("lambda", cost).usd_per_month == pytest.approx(on_lambda, abs=precision)
    assert on("fargate-service", cost).usd_per_month == pytest.approx(on_service, abs=precision)


@pytest.mark.parametrize(("share", "millions"), [(1, 43), (0.3, 33), (0.1, 33)])
def test_example_2_crossover(share: float, millions: int) -> None:
    crossover = public_api(cpu_bound_share=share).crossover

    assert crossover.requests_per_month is not None
    assert crossover.requests_per_month // 1_000_000 == millions


def test_example_3_nightly_batch() -> None:
    nightly = demand(30, 2400, trigger="job", variant="step-functions", memory_mib=7076)
    sizes = {"lambda": size(7076, 4), "fargate-task": size(16 * 1024, 4)}
    always_on = demand(30, 2400, trigger="job", always_on_tasks=1)

    cost = estimate_demand(nightly, sizes, basis())
    service = estimate_demand(always_on, {"fargate-service": size(16 * 1024, 4)}, basis())

    assert usd("lambda", cost) == 6.64
    assert usd("fargate-task", cost) == 3.88
    assert on("fargate-service", service).idle_usd_per_month == pytest.approx(139.78, abs=0.005)


def websocket(connections: float) -> Cost:
    """2 messages in and 2 out each minute, 8 hours on 22 days; a message in takes 15 ms."""
    messages_in = connections * 8 * 60 * 22 * 2
    held = demand(messages_in, 0.015, trigger="connection_in", variant="websocket", protocol="websocket")
    return estimate_demand(held, {"lambda": size(512, 0.29), "fargate-service": SERVICE}, basis())


def test_example_4_websocket() -> None:
    cost = websocket(2_000)
    parts = {part.name: round(part.usd_per_month, 2) for part in on("lambda", cost).parts}

    assert parts["WebSocket API messages"] == 84.48
    assert parts["WebSocket API connection minutes"] == 5.28
    assert parts["Lambda requests"] + parts["Lambda running time"] == pytest.approx(12.67, abs=0.01)
    assert usd("lambda", cost) == 102.43
    assert usd("fargate-service", cost) == 60.80


def test_example_4_with_few_connections_and_at_parity() -> None:
    few = websocket(100)
    parity = websocket(2_000).crossover.requests_per_month

    assert usd("lambda", few) == 5.12
    assert on("fargate-service", few).usd_per_month == pytest.approx(59.9, abs=0.05)
    assert parity is not None
    assert parity / (8 * 60 * 22 * 2) == pytest.approx(1_170, rel=0.02)


def test_example_5_stateful_server_that_sleeps() -> None:
    sleeper = demand(2_000, 0.1, always_on_tasks=0)
    awake = {"fargate-service": size(2048, 1)}

    woken = estimate_demand(sleeper, awake, basis(wake_hours_per_month=40))
    two = estimate_demand(demand(0, 0.1, always_on_tasks=2), awake, basis())
    one_outbound = estimate_demand(
        demand(0, 0.1, trigger="connection_out", always_on_tasks=1), awake, basis()
    )

    assert usd("fargate-service", woken) == 2.28
    assert on("fargate-service", woken).idle_usd_per_month == pytest.approx(0.50)
    assert on("fargate-service", one_outbound).idle_usd_per_month == pytest.approx(32.48, abs=0.01)
    assert on("fargate-service", two).idle_usd_per_month == pytest.approx(88.69, abs=0.01)


def test_example_6_gpu() -> None:
    machine = size(16 * 1024, 4, architecture="x86_64")
    gpu = frozenset({"gpu"})

    always = estimate_demand(demand(0, 1, host_needs=gpu), {"ec2": machine}, basis())
    jobs = demand(60, 3600, trigger="job", host_needs=gpu)
    from_zero = estimate_demand(jobs, {"ec2": machine}, basis(instance_start_s=0))

    assert on("ec2", always).parts[0].usd_per_month == pytest.approx(1469, abs=0.5)
    assert on("ec2", from_zero).parts[0].usd_per_month == pytest.approx(60, abs=0.5)
    assert on("ec2", from_zero).idle_usd_per_month == 0


def test_a_pool_of_machines_takes_one_short_event_after_another() -> None:
    machine = size(16384, 4, architecture="x86_64")
    events = demand(20_000, 4, trigger="event", host_needs=frozenset({"gpu"}))

    cost = estimate_demand(events, {"ec2": machine}, basis()).of("ec2")

    an_hour = 1.006
    assert cost is not None
    assert cost.parts[0].usd_per_month == pytest.approx(176 * an_hour, rel=0.01)
    assert cost.parts[0].usd_per_month < 20_000 * (4 + 120) / 3600 * an_hour


@pytest.mark.parametrize(
    ("seconds", "memory_mib", "with_http_api", "with_function_url"),
    [
        (0.05, 512, 39, 112),
        (0.1, 512, 32, 69),
        (0.1, 1024, 24, 39),
        (0.25, 1024, 13, 17),
        (1, 1769, 2.5, 2.6),
    ],
)
def test_crossovers_before_staircase_effects(
    seconds: float, memory_mib: int, with_http_api: float, with_function_url: float
) -> None:
    sizes = {"lambda": size(memory_mib, 1), "fargate-service": SERVICE}
    closed_form = basis(kib_per_request=0, requests_per_connection=1e18)

    for variant, millions in (("function", with_http_api), ("streaming", with_function_url)):
        light = demand(1, seconds, variant=variant, memory_mib=memory_mib, cpu_bound_share=0.001)
        found = estimate_demand(light, sizes, closed_form).crossover.requests_per_month
        assert found is not None
        assert found / 1e6 == pytest.approx(millions, abs=0.05 if millions < 10 else 0.5)


@pytest.mark.parametrize("architecture", ["arm64", "x86"])
def test_compute_parity_is_at_46_percent_utilisation(architecture: str) -> None:
    gib = 1769 / 1024

    fargate_hour = PRICES.usd(f"fargate.{architecture}_vcpu_hour") + gib * PRICES.usd(
        f"fargate.{architecture}_gb_hour"
    )
    lambda_hour = 3600 * gib * PRICES.usd(f"lambda_gb_second_{architecture}")

    assert fargate_hour / lambda_hour == pytest.approx(0.46, abs=0.005)


def per_run(seconds: float, memory_mib: int, task: tuple[int, float]) -> tuple[float, float]:
    job = demand(1, seconds, trigger="job")
    cost = estimate_demand(job, {"lambda": size(memory_mib, 1), "fargate-task": size(*task)}, basis())
    return on("lambda", cost).usd_per_month, on("fargate-task", cost).usd_per_month


def test_parity_of_a_run_on_lambda_and_as_a_task() -> None:
    for seconds, memory_mib, vcpu in ((28, 2048, 1), (49, 512, 0.25)):
        on_lambda, as_task = per_run(seconds, memory_mib, (memory_mib, vcpu))
        assert on_lambda == pytest.approx(as_task, rel=0.02)


def test_a_run_of_900_seconds_is_cheaper_as_a_task() -> None:
    on_lambda, as_task = per_run(900, 1769, (2048, 1))

    assert round(on_lambda, 4) == 0.0207
    assert round(as_task, 4) == 0.0115


# Behaviour that no worked example shows.


def test_events_pay_no_front() -> None:
    cost = estimate_demand(demand(1e6, 0.1, trigger="event"), {"lambda": size(512, 0.29)}, basis())

    assert [part.name for part in on("lambda", cost).parts] == ["Lambda requests", "Lambda running time"]


def test_more_temporary_disk_than_is_included_costs_extra() -> None:
    with_disk = estimate_demand(demand(1e6, 1), {"lambda": size(512, 0.29, ephemeral_gib=10.5)}, basis())
    without = estimate_demand(demand(1e6, 1), {"lambda": size(512, 0.29)}, basis())

    assert usd("lambda", with_disk) - usd("lambda", without) == pytest.approx(1e7 * 0.0000000309, abs=0.005)


def test_a_task_is_billed_for_a_minute_at_least() -> None:
    brief = per_run(1, 512, (512, 0.25))[1]

    assert per_run(30, 512, (512, 0.25))[1] == brief
    assert per_run(31, 512, (512, 0.25))[1] > brief


def test_windows_containers_pay_the_licence() -> None:
    windows = demand(1, 3570, trigger="job", host_needs=frozenset({"windows_container"}))

    cost = estimate_demand(windows, {"fargate-task": size(4096, 2)}, basis())

    assert on("fargate-task", cost).usd_per_month == pytest.approx(
        2 * (0.046552 + 0.046) + 4 * 0.00511175 + 0.005
    )


def test_raw_tcp_pays_a_network_load_balancer() -> None:
    held = demand(1e6, 0.01, trigger="connection_in", protocol="tcp")

    cost = estimate_demand(held, {"fargate-service": SERVICE}, basis())

    balancer = next(
        part for part in on("fargate-service", cost).parts if part.name == "load balancer traffic"
    )
    assert balancer.usd_per_month == pytest.approx(1e6 * 10 / 1024**2 * 0.006)


def test_a_queue_worker_that_sleeps_bills_nothing_idle() -> None:
    worker = demand(1e5, 10, trigger="event", always_on_tasks=0)

    cost = estimate_demand(worker, {"fargate-service": SERVICE}, basis())

    assert on("fargate-service", cost).idle_usd_per_month == 0


def test_alarms_of_the_template_are_part_of_the_idle_cost() -> None:
    cost = estimate_demand(demand(0, 0.1), {"lambda": size(512, 0.29)}, basis(lambda_alarms=3))

    assert on("lambda", cost).idle_usd_per_month == pytest.approx(0.30)
    assert on("lambda", cost).parts[-1].resource_type == "AWS::CloudWatch::Alarm"


@pytest.mark.parametrize(
    ("needs", "memory_mib", "reason"),
    [
        (frozenset({"macos"}), 1024, "no price is listed for an instance with macos"),
        (frozenset[str](), 900_000, "no listed instance type holds 1 vCPU and 878.906 GiB"),
    ],
)
def test_a_machine_without_a_price_is_unknown_and_not_free(
    needs: frozenset[str], memory_mib: int, reason: str
) -> None:
    cost = estimate_demand(demand(1e5, 1, host_needs=needs), {"ec2": size(memory_mib, 1)}, basis())

    assert cost.by_tier == ()
    assert [(tier.tier, tier.text) for tier in cost.unpriced] == [("ec2", reason)]


def test_no_crossover_where_compute_is_cheaper_on_lambda() -> None:
    busy = estimate_demand(demand(60e6, 1), {"lambda": size(512, 0.29), "fargate-service": SERVICE}, basis())

    assert busy.crossover.requests_per_month is None
    assert busy.crossover.text.startswith("There is no crossover up to 1 billion requests a month")


def test_no_crossover_without_both_tiers() -> None:
    alone = estimate_demand(demand(1e6, 0.1), {"fargate-service": SERVICE}, basis())

    assert alone.crossover.requests_per_month is None
    assert "Lambda cannot run this workload" in alone.crossover.text


def test_the_curve_is_even_on_a_logarithmic_scale() -> None:
    curve = public_api().curve

    assert [curve[0].requests_per_month, curve[-1].requests_per_month] == pytest.approx([1e4, 1e9])
    factors = {round(b.requests_per_month / a.requests_per_month, 6) for a, b in pairwise(curve)}
    assert factors == {round(10**0.1, 6)}


def test_a_comparison_keeps_two_tasks_and_a_chosen_sleeper_none() -> None:
    rules = policy.load()
    asked = workload.parse({"trigger": "http", "requests_per_month": 0}, rules)
    sizes = {"lambda": size(512, 0.29), "fargate-service": SERVICE}

    compared = estimate(asked, sizes, "lambda", "function", rules, PRICES)
    chosen = estimate(asked, {"fargate-service": SERVICE}, "fargate-service", "http-api", rules, PRICES)

    assert on("fargate-service", compared).idle_usd_per_month > 59.86
    assert on("fargate-service", chosen).idle_usd_per_month < 1.1


def test_a_number_of_the_policy_changes_the_cost() -> None:
    rules = policy.load()
    dearer = {**rules.assumptions, "task_start_s": replace(rules.assumptions["task_start_s"], value=3_600)}
    asked = workload.parse({"trigger": "job", "requests_per_month": 10, "longest_run_s": 1_000}, rules)

    costs = [
        estimate(asked, {"fargate-task": SERVICE}, "fargate-task", "on-demand", each, PRICES)
        for each in (rules, replace(rules, assumptions=dearer))
    ]

    assert on("fargate-task", costs[1]).usd_per_month > on("fargate-task", costs[0]).usd_per_month


@pytest.mark.parametrize(
    ("name", "value"), [("utilisation_target", 0), ("curve_from", 0), ("peak_headroom", -1)]
)
def test_a_policy_number_that_no_formula_can_use_is_refused(name: str, value: float) -> None:
    rules = policy.load()
    spoiled = {**rules.assumptions, name: replace(rules.assumptions[name], value=value)}
    asked = workload.parse({"trigger": "http"}, rules)

    with pytest.raises(PolicyFileError, match=rf"\[assumptions\] {name}: {value} is not"):
        estimate(
            asked, {"lambda": SERVICE}, "lambda", "function", replace(rules, assumptions=spoiled), PRICES
        )


TRAFFIC = st.floats(min_value=0, max_value=1e15)
DEMANDS = st.builds(
    demand,
    TRAFFIC,
    st.floats(min_value=0.001, max_value=900),
    trigger=st.sampled_from(["http", "event", "schedule", "job", "connection_in", "connection_out"]),
    variant=st.sampled_from(["function", "websocket", "streaming", "step-functions"]),
    orchestration=st.sampled_from(["step-functions", "durable-function"]),
    protocol=st.sampled_from(["", "websocket", "sse", "mqtt", "tcp"]),
    memory_mib=st.integers(128, 10_240),
    cpu_bound_share=st.floats(min_value=0, max_value=1),
    always_on_tasks=st.integers(0, 2),
)
SIZES = {
    "lambda": size(1769, 1),
    "fargate-task": size(4096, 1),
    "fargate-service": SERVICE,
    "ec2": size(4096, 2),
}
ALL: Basis = Basis(prices=PRICES, assumptions=POLICY_ASSUMPTIONS)


@given(DEMANDS, TRAFFIC)
def test_costs_are_finite_never_negative_and_grow_with_traffic(asked: object, other: float) -> None:
    fewer, more = sorted((asked, asked.at(other)), key=lambda each: each.requests_per_month)  # type: ignore[attr-defined]

    for low, high in zip(
        estimate_demand(fewer, SIZES, ALL).by_tier, estimate_demand(more, SIZES, ALL).by_tier, strict=True
    ):
        assert 0 <= low.usd_per_month <= high.usd_per_month * (1 + 1e-9)
        assert isfinite(high.usd_per_month_at_ten_times)


@given(DEMANDS)
def test_the_idle_cost_is_the_cost_of_no_traffic(asked: object) -> None:
    cost = estimate_demand(asked, SIZES, ALL)  # type: ignore[arg-type]
    silent = estimate_demand(asked.at(0), SIZES, ALL)  # type: ignore[attr-defined]

    for tier, idle in zip(cost.by_tier, silent.by_tier, strict=True):
        assert tier.idle_usd_per_month == pytest.approx(idle.usd_per_month)
        assert idle.idle_usd_per_month == pytest.approx(idle.usd_per_month)


@given(DEMANDS.filter(lambda asked: asked.always_on_tasks > 0))
def test_the_crossover_is_where_the_service_stops_being_dearer(asked: object) -> None:
    def dearer(requests: float) -> bool:
        cost = estimate_demand(asked.at(requests), SIZES, ALL)  # type: ignore[attr-defined]
        return on("fargate-service", cost).usd_per_month > on("lambda", cost).usd_per_month * (1 + 1e-12)

    found = estimate_demand(asked, SIZES, ALL).crossover.requests_per_month  # type: ignore[arg-type]

    if found is None:
        return
    assert found <= 1 or dearer(found * (1 - 1e-6) - 1)
    assert not dearer(found)
    assert not any(dearer(min(1e9, found * factor)) for factor in (1.01, 1.3, 2, 5, 17, 100, 1e3))
