"""As many tasks as the spike needs, as many messages on each as fit, and none given up too soon."""

from __future__ import annotations

import pytest
from cost_cases import PRICES
from hypothesis import given
from hypothesis import strategies as st

from generator import decision, policy, workload
from generator.workers import Workers, workers_of

RULES = policy.load()
SERVICE = {"trigger": "event", "event_kind": "queue", "state": "required", "requests_per_month": 300_000}


def workers(peak_concurrency: int = 8, minimum: int = 0, **facts: object) -> Workers:
    answers = {"trigger": "event", "longest_run_s": 60, "avg_run_ms": 2_000, **facts}
    given = workload.parse(answers, RULES)
    return workers_of(given, minimum=minimum, peak_concurrency=peak_concurrency, policy=RULES)


@pytest.mark.parametrize(
    ("facts", "maximum", "at_once", "backlog_per_task"),
    [
        pytest.param({}, 80, 1, 30, id="one that computes takes one message"),
        pytest.param({"cpu_bound_share": 0.25}, 20, 4, 120, id="one that waits takes more"),
        pytest.param({"cpu_bound_share": 0.3}, 27, 3, 90, id="and no more than fit"),
        pytest.param({"cpu_bound_share": 0.01}, 8, 10, 300, id="as many as one receive brings"),
        pytest.param(
            {"avg_run_ms": 200_000, "longest_run_s": 300}, 80, 1, 1, id="a message longer than the wait"
        ),
        pytest.param({"downstream_concurrency": 7}, 7, 1, 30, id="what it calls takes fewer"),
        pytest.param({"peak_concurrency": 1, "cpu_bound_share": 0.1}, 1, 10, 300, id="a trickle"),
        pytest.param({"minimum": 3, "downstream_concurrency": 2}, 3, 1, 30, id="never below the minimum"),
    ],
)
def test_ten_times_the_peak_fits(
    facts: dict[str, object], maximum: int, at_once: int, backlog_per_task: int
) -> None:
    made = workers(**facts)  # type: ignore[arg-type]  # facts and arguments by name

    assert (made.maximum, made.at_once, made.backlog_per_task) == (maximum, at_once, backlog_per_task)


@given(slowest_s=st.integers(1, 10**6), peak=st.integers(1, 10**5), share=st.floats(0.001, 1))
def test_nothing_is_given_up_that_may_still_end(slowest_s: int, peak: int, share: float) -> None:
    made = workers(peak_concurrency=peak, longest_run_s=slowest_s, avg_run_ms=500, cpu_bound_share=share)

    assert made.message_seconds_at_most >= min(slowest_s, 43_200)
    assert made.message_seconds_at_most <= 43_200
    assert made.old_after_seconds > made.message_seconds_at_most
    assert made.maximum * made.at_once >= 10 * peak


@pytest.mark.parametrize(
    ("facts", "event_source", "minimum"),
    [
        ({}, "queue", 0),
        ({"critical": True}, "queue", 2),
        ({"longest_run_s": 43_201}, "half-a-day", None),
        ({"scratch_gb": 201}, "large-scratch", None),
        ({"host_needs": ["windows_container"]}, "windows", None),
        ({"event_kind": "bus"}, "", None),
    ],
)
def test_a_service_works_off_a_queue_and_nothing_else(
    facts: dict[str, object], event_source: str, minimum: int | None
) -> None:
    decided = decision.decide(workload.parse({**SERVICE, **facts}, RULES), RULES, PRICES, frozenset())

    assert (decided.tier, decided.event_source) == ("fargate-service", event_source)
    assert (decided.workers and decided.workers.minimum) == minimum


def test_the_bill_has_the_queue_and_the_alarms_that_scale_it() -> None:
    asleep, kept = (
        decision.decide(workload.parse({**SERVICE, **facts}, RULES), RULES, PRICES, frozenset()).cost.of(
            "fargate-service"
        )
        for facts in ({}, {"critical": True})
    )

    assert asleep is not None
    assert kept is not None
    idle = {part.name: round(part.usd_per_month, 2) for part in asleep.parts if part.idle}
    assert idle == {"CloudWatch alarms": 0.8}
    # Two tasks of which each asks every 20 seconds: 262,800 receives a month.
    assert {"SQS receives of an empty queue": 0.11}.items() <= {
        part.name: round(part.usd_per_month, 2) for part in kept.parts if part.idle
    }.items()
    assert "SQS requests" in {part.name for part in asleep.parts}
