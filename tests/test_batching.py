"""Batches fit in one invocation, hide their messages long enough, and wait only where they must."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import policy, workload
from generator.batching import Batching, batching_of
from generator.sizing import Size

RULES = policy.load()
SIZE = Size(memory_mib=512, vcpu=0.29, ephemeral_gib=0.5, timeout_seconds=None, architecture="arm64")


def batching(slowest_s: int, average_ms: float, **facts: object) -> Batching:
    answers = {"trigger": "event", "longest_run_s": slowest_s, "avg_run_ms": average_ms, **facts}
    return batching_of(workload.parse(answers, RULES), replace(SIZE, timeout_seconds=slowest_s), RULES)


@pytest.mark.parametrize(
    ("slowest_s", "average_ms", "batch_size", "window_seconds", "timeout_seconds", "visibility_seconds"),
    [
        pytest.param(5, 200, 5, 0, 25, 150, id="a second of work"),
        pytest.param(5, 80, 12, 1, 60, 360, id="more than one receive waits to fill"),
        pytest.param(5, 100, 10, 0, 50, 300, id="exactly one receive"),
        pytest.param(1, 1, 100, 1, 100, 600, id="as many as there may be"),
        pytest.param(5, 5_000, 1, 0, 5, 30, id="slow messages come alone"),
        pytest.param(300, 10, 3, 0, 900, 5_400, id="the slowest still fit in one invocation"),
        pytest.param(900, 10, 1, 0, 900, 5_400, id="the slowest there can be"),
    ],
)
def test_batch_is_about_a_second_of_work(  # noqa: PLR0913, PLR0917  a table of settings
    slowest_s: int,
    average_ms: float,
    batch_size: int,
    window_seconds: int,
    timeout_seconds: int,
    visibility_seconds: int,
) -> None:
    made = batching(slowest_s, average_ms)

    assert (made.batch_size, made.window_seconds) == (batch_size, window_seconds)
    assert (made.timeout_seconds, made.visibility_timeout_seconds) == (timeout_seconds, visibility_seconds)


@given(slowest_s=st.integers(1, 900), share=st.floats(0.0001, 1))
def test_slowest_batch_ends_in_time_and_stays_hidden(slowest_s: int, share: float) -> None:
    made = batching(slowest_s, slowest_s * 1_000 * share)

    assert made.batch_size * slowest_s <= made.timeout_seconds <= 900
    assert made.visibility_timeout_seconds >= 6 * made.timeout_seconds
    assert made.old_after_seconds > made.visibility_timeout_seconds
    assert made.window_seconds >= 1 or made.batch_size <= 10


def test_only_an_answer_caps_the_functions_at_once() -> None:
    assert batching(5, 200).maximum_concurrency is None
    assert batching(5, 200, downstream_concurrency=7).maximum_concurrency == 7
