from __future__ import annotations

from typing import Any

import pytest

from generator import decision, policy, prices, source, workload

RULES = policy.load()
PRICES = prices.load()
TEMPLATES = source.templates(source.root())

JUSTIFICATION = {
    "justification_text": "The model needs a GPU with 40 GB, and no managed service offers it here.",
    "justification_owner": "@acme/ml",
    "justification_review_date": "2027-06-30",
}
WEBSOCKET = {
    "trigger": "connection_in",
    "protocol": "websocket",
    "connection_max_min": 60,
    "connection_idle_min": 5,
    "message_kb": 32,
    "reconnect_ok": False,
}
SSE = {"trigger": "connection_in", "protocol": "sse", "state": "required"}


def decide(**answers: object) -> decision.Decision:
    return decision.decide(workload.parse(answers, RULES), RULES, PRICES, TEMPLATES)


# What the tier is on both sides of each number; written by hand from the specification.
BOUNDARIES: dict[str, tuple[dict[str, object], str, float, float, str | None, str | None]] = {
    "lambda.duration": ({"trigger": "event"}, "longest_run_s", 900, 1, "lambda", "fargate-task"),
    "lambda.memory": ({"trigger": "event"}, "memory_mb", 10_240, 1, "lambda", "fargate-task"),
    "lambda.vcpu": ({"trigger": "event"}, "vcpu", 6, 1, "lambda", "fargate-task"),
    "lambda.scratch": ({"trigger": "event"}, "scratch_gb", 10, 1, "lambda", "fargate-task"),
    "lambda.package": ({"trigger": "event"}, "package_gb", 10, 1, "lambda", "fargate-task"),
    "lambda.request": (
        {"trigger": "http", "body_via_s3": False},
        "request_mb",
        6,
        1,
        "lambda",
        "fargate-service",
    ),
    "lambda.response": (
        {"trigger": "http", "body_via_s3": False},
        "response_mb",
        6,
        1,
        "lambda",
        "fargate-service",
    ),
    "lambda.response_streamed": (
        {"trigger": "http", "body_via_s3": False, "response_streamable": True},
        "response_mb",
        200,
        1,
        "lambda",
        "fargate-service",
    ),
    "apigw_ws.duration": (WEBSOCKET, "connection_max_min", 120, 1, "lambda", "fargate-service"),
    "apigw_ws.idle": (WEBSOCKET, "connection_idle_min", 10, 1, "lambda", "fargate-service"),
    "apigw_ws.message": (WEBSOCKET, "message_kb", 128, 1, "lambda", "fargate-service"),
    "sse.duration": (
        {"trigger": "connection_in", "protocol": "sse", "reconnect_ok": False},
        "connection_max_min",
        15,
        1,
        "lambda",
        "fargate-service",
    ),
    "fargate.launch_rate": (
        {"trigger": "event", "longest_run_s": 1_000},
        "peak_per_s",
        20,
        1,
        "fargate-task",
        "fargate-service",
    ),
    "fargate.vcpu": ({"trigger": "job"}, "vcpu", 32, 1, "fargate-task", "ec2"),
    "fargate.memory": ({"trigger": "job"}, "memory_mb", 249_856, 1, "fargate-task", "ec2"),
    "fargate.windows_vcpu": (
        {"trigger": "job", "host_needs": ["windows_container"]},
        "vcpu",
        4,
        1,
        "fargate-task",
        "ec2",
    ),
    "fargate.windows_memory": (
        {"trigger": "job", "host_needs": ["windows_container"]},
        "memory_mb",
        30_720,
        1,
        "fargate-task",
        "ec2",
    ),
    "fargate.latency": ({"trigger": "http"}, "p99_ms", 1, -0.5, "lambda", "ec2"),
    "ec2.memory": ({"trigger": "job"}, "memory_mb", 33_554_432, 1, "ec2", None),
    "ec2.vcpu": ({"trigger": "job"}, "vcpu", 1_920, 1, "ec2", None),
}


def test_every_numeric_limit_has_its_boundary_checked() -> None:
    numeric = {limit.id: limit.value for limit in RULES.limits.values() if not isinstance(limit.value, tuple)}

    assert {name: case[2] for name, case in BOUNDARIES.items()} == numeric


@pytest.mark.parametrize("name", BOUNDARIES)
def test_tier_changes_just_beyond_a_limit_and_not_at_it(name: str) -> None:
    answers, fact, bound, step, holds, beyond = BOUNDARIES[name]

    assert decide(**{**answers, fact: bound - step}).tier == holds
    assert decide(**{**answers, fact: bound}).tier == holds
    assert decide(**{**answers, fact: bound + step}).tier == beyond


@pytest.mark.parametrize("name", BOUNDARIES)
def test_answer_beyond_a_limit_is_rejected_by_that_limit(name: str) -> None:
    answers, fact, bound, step, *_ = BOUNDARIES[name]

    rejection = next(
        found for found in decide(**{**answers, fact: bound + step}).rejected if found.limit == name
    )

    assert (rejection.answer, rejection.bound) == (bound + step, bound)
    assert rejection.source == RULES.limits[name].source
    assert f"{bound:,}" in rejection.text
    assert "{" not in rejection.text


# Every limit that forbids answers: what is forbidden where, and what is allowed instead.
FORBIDDEN: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "lambda.state": ({"trigger": "event", "state": "required"}, {"trigger": "event", "state": "cache"}),
    "lambda.protocol": ({"trigger": "connection_in", "protocol": "tcp"}, {"trigger": "connection_in"}),
    "lambda.connection_out": ({"trigger": "connection_out"}, {"trigger": "schedule"}),
    "lambda.os": ({"trigger": "job", "host_needs": ["windows_container"]}, {"trigger": "job"}),
    "lambda.host": ({"trigger": "job", "host_needs": ["gpu"]}, {"trigger": "job"}),
    "task.state": ({"trigger": "event", "state": "required"}, {"trigger": "schedule", "state": "required"}),
    "task.shape": ({"trigger": "connection_in", "protocol": "udp"}, {"trigger": "job", "memory_mb": 20_000}),
    "task.start_time": (
        {"trigger": "http", "memory_mb": 20_000},
        {"trigger": "http", "memory_mb": 20_000, "caller_waits": False},
    ),
    "fargate.gpu": (
        {"trigger": "job", "host_needs": ["gpu"]},
        {"trigger": "job", "host_needs": ["windows_container"]},
    ),
    "fargate.privileged": ({"trigger": "job", "host_needs": ["kernel"]}, {"trigger": "job"}),
    "fargate.os": ({"trigger": "job", "host_needs": ["macos"]}, {"trigger": "job"}),
    "fargate.license": ({"trigger": "job", "host_needs": ["host_license"]}, {"trigger": "job"}),
    "fargate.instance_storage": ({"trigger": "job", "host_needs": ["local_nvme"]}, {"trigger": "job"}),
    "fargate.cluster_network": ({"trigger": "job", "host_needs": ["cluster_network"]}, {"trigger": "job"}),
    "fargate.nested_virt": ({"trigger": "job", "host_needs": ["nested_virt"]}, {"trigger": "job"}),
    "fargate.enclave": ({"trigger": "job", "host_needs": ["enclave"]}, {"trigger": "job"}),
}


def broken(**answers: object) -> set[str]:
    return {rejection.limit for rejection in decide(**answers).rejected}


def test_every_forbidding_limit_has_a_case() -> None:
    forbidding = {limit.id for limit in RULES.limits.values() if isinstance(limit.value, tuple)}

    # The strict reading of held connections is a setting, tested with the policy's layers.
    assert set(FORBIDDEN) == forbidding - {"lambda.held_connection"}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden_answer_is_rejected_and_an_allowed_one_is_not(name: str) -> None:
    forbidden, allowed = FORBIDDEN[name]

    assert name in broken(**forbidden)
    assert name not in broken(**allowed)


def test_all_broken_limits_of_a_tier_are_listed() -> None:
    rejected = decide(
        trigger="http", memory_mb=20_000, vcpu=8, longest_run_s=2_000, state="required"
    ).rejected

    assert [rejection.limit for rejection in rejected if rejection.tier == "lambda"] == [
        "lambda.duration",
        "lambda.memory",
        "lambda.vcpu",
        "lambda.state",
    ]


def test_later_tiers_are_not_needed() -> None:
    assert decide(trigger="http").not_needed == ("fargate-task", "fargate-service", "ec2")
    assert decide(trigger="job", longest_run_s=3_600).not_needed == ("fargate-service", "ec2")


def test_long_work_that_can_be_cut_stays_on_lambda() -> None:
    assert decide(trigger="job", longest_run_s=7_200, divisible=True).tier == "lambda"
    assert decide(trigger="job", longest_run_s=7_200, divisible=False).tier == "fargate-task"
    assert decide(trigger="job", longest_run_s=7_200).tier == "fargate-task"


def test_a_runs_own_memory_is_allowed_for_jobs_but_cannot_be_cut() -> None:
    assert decide(trigger="job", state="required").tier == "lambda"
    assert decide(trigger="job", state="required", longest_run_s=7_200, divisible=True).tier == "fargate-task"


def test_waiting_caller_decides_between_task_and_service() -> None:
    assert decide(trigger="http", longest_run_s=2_000, caller_waits=False).tier == "fargate-task"
    assert decide(trigger="http", longest_run_s=2_000, caller_waits=True).tier == "fargate-service"


@pytest.mark.parametrize(
    ("missing", "limit"),
    [
        ("connection_max_min", "apigw_ws.duration"),
        ("connection_idle_min", "apigw_ws.idle"),
        ("message_kb", "apigw_ws.message"),
    ],
)
def test_websocket_without_a_fact_about_its_connection_is_read_strictly(missing: str, limit: str) -> None:
    answers = {key: value for key, value in WEBSOCKET.items() if key != missing}

    decided = decide(**answers)

    assert decide(**WEBSOCKET).tier == "lambda"
    assert decided.tier == "fargate-service"
    (rejection,) = [found for found in decided.rejected if found.tier == "lambda"]
    assert (rejection.limit, rejection.answer) == (limit, None)
    assert rejection.text.startswith(f"{missing} is not answered")


def test_connections_may_be_longer_when_clients_reconnect() -> None:
    assert decide(**WEBSOCKET | {"connection_max_min": 600}).tier == "fargate-service"
    assert decide(**WEBSOCKET | {"connection_max_min": 600, "reconnect_ok": True}).tier == "lambda"


@pytest.mark.parametrize(
    ("answers", "tier", "variant"),
    [
        ({"trigger": "http"}, "lambda", "function"),
        (WEBSOCKET, "lambda", "websocket"),
        ({"trigger": "connection_in", "protocol": "mqtt"}, "lambda", "iot-mqtt"),
        ({"trigger": "connection_in", "protocol": "sse", "connection_max_min": 10}, "lambda", "streaming"),
        (
            {"trigger": "http", "response_mb": 50, "response_streamable": True, "body_via_s3": False},
            "lambda",
            "streaming",
        ),
        ({"trigger": "job", "longest_run_s": 901, "divisible": True}, "lambda", "step-functions"),
        ({"trigger": "schedule", "longest_run_s": 901}, "fargate-task", "scheduled"),
        ({"trigger": "event", "longest_run_s": 901}, "fargate-task", "event"),
        ({"trigger": "job", "longest_run_s": 901}, "fargate-task", "on-demand"),
        ({"trigger": "http", "longest_run_s": 901, "caller_waits": False}, "fargate-task", "on-demand"),
        ({"trigger": "connection_out"}, "fargate-service", "outbound"),
        ({"trigger": "event", "state": "required"}, "fargate-service", "queue-worker"),
        ({"trigger": "connection_in", "protocol": "grpc_stream"}, "fargate-service", "grpc-alb-asleep"),
        ({"trigger": "http", "protocol": "grpc_unary"}, "fargate-service", "grpc-alb-asleep"),
        ({"trigger": "http", "protocol": "grpc_unary", "critical": True}, "fargate-service", "grpc-alb"),
        ({"trigger": "connection_in", "protocol": "tcp"}, "fargate-service", "tcp-dns-asleep"),
        ({"trigger": "connection_in", "protocol": "udp"}, "fargate-service", "udp-dns-asleep"),
        ({"trigger": "connection_in", "protocol": "mqtt", "state": "required"}, "fargate-service", "tcp-nlb"),
        (WEBSOCKET | {"state": "required"}, "fargate-service", "websocket-alb-asleep"),
        (WEBSOCKET | {"state": "required", "critical": True}, "fargate-service", "websocket-alb"),
        (WEBSOCKET | {"state": "required", "wake_ok": False}, "fargate-service", "http-alb"),
        (SSE, "fargate-service", "sse-alb-asleep"),
        (SSE | {"critical": True}, "fargate-service", "sse-alb"),
        (SSE | {"wake_ok": False}, "fargate-service", "http-alb"),
        ({"trigger": "http", "state": "required"}, "fargate-service", "http-api"),
        ({"trigger": "http", "state": "required", "longest_run_s": 31}, "fargate-service", "http-alb-asleep"),
        ({"trigger": "http", "state": "required", "wake_ok": False}, "fargate-service", "http-alb"),
        ({"trigger": "http", "state": "required", "critical": True}, "fargate-service", "http-alb"),
        ({"trigger": "job", "host_needs": ["macos"]}, "ec2", "mac"),
        ({"trigger": "job", "host_needs": ["host_license"]}, "ec2", "dedicated-host"),
        ({"trigger": "http", "host_needs": ["windows_host"]}, "ec2", "asg"),
        ({"trigger": "job", "host_needs": ["gpu"]}, "ec2", "batch"),
        ({"trigger": "http", "host_needs": ["gpu"]}, "ec2", "ecs-managed-instances"),
    ],
)
def test_shape_within_the_tier_follows_from_the_answers(
    answers: dict[str, object], tier: str, variant: str
) -> None:
    decided = decide(**answers)

    assert (decided.tier, decided.variant) == (tier, variant)


@pytest.mark.parametrize(
    ("answers", "memory_mib", "vcpu"),
    [
        pytest.param({"memory_mb": 1}, 128, 0.07, id="the smallest function"),
        pytest.param({}, 512, 0.29, id="the default"),
        pytest.param({"memory_mb": 3_000}, 3_000, 1.7, id="memory as asked"),
        pytest.param({"vcpu": 1}, 1_769, 1.0, id="memory for one processor"),
        pytest.param({"vcpu": 2.5, "memory_mb": 1_000}, 4_423, 2.5, id="memory for more processors"),
        pytest.param({"vcpu": 2, "memory_mb": 8_000}, 8_000, 4.52, id="memory above the processors"),
        pytest.param({"vcpu": 6}, 10_240, 5.79, id="as many processors as there are"),
    ],
)
def test_lambda_memory_brings_the_processors(
    answers: dict[str, object], memory_mib: int, vcpu: float
) -> None:
    size = decide(trigger="event", **answers).size

    assert (size.memory_mib, size.vcpu) == (memory_mib, vcpu)


@pytest.mark.parametrize(
    ("answers", "timeout"),
    [
        ({"trigger": "http"}, 29),
        ({"trigger": "event"}, 300),
        ({"trigger": "event", "longest_run_s": 0.2}, 1),
        ({"trigger": "event", "longest_run_s": 90.5}, 91),
        ({"trigger": "event", "longest_run_s": 900}, 900),
        ({"trigger": "job", "longest_run_s": 7_200, "divisible": True}, 900),
        ({"trigger": "connection_in", "protocol": "sse", "connection_max_min": 10}, 900),
    ],
)
def test_lambda_stops_after_the_slowest_run(answers: dict[str, object], timeout: int) -> None:
    assert decide(**answers).size.timeout_seconds == timeout


@pytest.mark.parametrize(
    ("vcpu", "memory_mb", "row"),
    [
        (0.25, 512, (0.25, 512)),
        (0.25, 513, (0.25, 1_024)),
        (0.25, 2_049, (0.5, 3_072)),
        (0.3, 512, (0.5, 1_024)),
        (1, 512, (1, 2_048)),
        (1, 8_193, (2, 9_216)),
        (2, 16_385, (4, 17_408)),
        (4, 30_721, (8, 32_768)),
        (8, 61_441, (16, 65_536)),
        (16, 122_880, (16, 122_880)),
        (16, 122_881, (32, 249_856)),
        (16.5, 512, (32, 61_440)),
        (32, 61_441, (32, 122_880)),
        (32, 249_856, (32, 249_856)),
    ],
)
def test_fargate_takes_the_smallest_row_that_holds_both(
    vcpu: float, memory_mb: int, row: tuple[float, int]
) -> None:
    size = decide(trigger="job", longest_run_s=1_000, vcpu=vcpu, memory_mb=memory_mb).size

    assert (size.vcpu, size.memory_mib) == row


def test_windows_takes_a_windows_row_on_x86() -> None:
    size = decide(trigger="job", host_needs=["windows_container"], vcpu=0.25, memory_mb=512).size

    assert (size.vcpu, size.memory_mib, size.architecture) == (1, 2_048, "x86_64")


def test_fargate_is_compared_at_the_power_that_lambda_has() -> None:
    compared = decide(trigger="event", memory_mb=512, requests_per_month=100_000).cost.of("fargate-task")

    # 512 MiB bring 0.29 vCPU, so 0.5 vCPU and 1 GiB for 100,000 times a minute, with a public address.
    hours = 100_000 / 60
    assert compared is not None
    assert compared.parts[0].usd_per_month == pytest.approx(
        hours * (0.5 * 0.03238 + 0.00356 + 0.005), rel=0.01
    )
    assert decide(trigger="job", memory_mb=512, longest_run_s=1_000).size.vcpu == 1


@pytest.mark.parametrize(
    ("scratch_gb", "package_gb", "storage"),
    [(0.5, 0.2, 20), (19, 1, 20), (20, 1, 21), (199, 1, 200), (201, 1, 20)],
)
def test_task_storage_holds_scratch_and_image(scratch_gb: float, package_gb: float, storage: float) -> None:
    size = decide(trigger="job", longest_run_s=1_000, scratch_gb=scratch_gb, package_gb=package_gb).size

    assert size.ephemeral_gib == storage


@pytest.mark.parametrize(
    ("answers", "verdict", "mechanism", "minimum"),
    [
        ({"trigger": "http"}, "always", "none", 0),
        ({"trigger": "job", "longest_run_s": 1_000}, "always", "run-task", 0),
        ({"trigger": "http", "state": "required"}, "required", "request", 0),
        ({"trigger": "event", "state": "required"}, "required", "queue", 0),
        ({"trigger": "connection_in", "protocol": "tcp"}, "required", "dns", 0),
        ({"trigger": "http", "state": "required", "critical": True}, "not-wanted", "none", 2),
        ({"trigger": "http", "state": "required", "wake_ok": False}, "conflict", "none", 1),
        (
            {"trigger": "http", "state": "required", "wake_ok": False, "critical": True},
            "not-wanted",
            "none",
            2,
        ),
        ({"trigger": "connection_out"}, "conflict", "none", 1),
        ({"trigger": "connection_out", "critical": True}, "not-wanted", "none", 2),
        ({"trigger": "job", "host_needs": ["gpu"]}, "possible", "batch", 0),
        ({"trigger": "http", "host_needs": ["gpu"]}, "partly", "stop-schedule", 1),
        ({"trigger": "http", "host_needs": ["gpu"], "critical": True}, "not-wanted", "none", 2),
        ({"trigger": "job", "host_needs": ["macos"]}, "partly", "stop-schedule", 1),
    ],
)
def test_verdict_on_scale_to_zero(
    answers: dict[str, object], verdict: str, mechanism: str, minimum: int
) -> None:
    scaling = decide(**answers).scale_to_zero

    assert (scaling.verdict, scaling.mechanism, scaling.min_capacity) == (verdict, mechanism, minimum)


CONFLICTING = {"trigger": "http", "state": "required", "wake_ok": False}


def test_service_that_may_not_sleep_is_a_conflict_until_somebody_answers_for_it() -> None:
    refused, waived = decide(**CONFLICTING), decide(**CONFLICTING, **JUSTIFICATION)

    assert [(conflict.id, conflict.waived) for conflict in refused.policy_conflicts] == [
        ("scale_to_zero", False)
    ]
    assert [(conflict.id, conflict.waived) for conflict in waived.policy_conflicts] == [
        ("scale_to_zero", True)
    ]
    assert (refused.exit_code, waived.exit_code) == (1, 0)
    assert refused.policy_conflicts[0].text == refused.scale_to_zero.text


@pytest.mark.parametrize("missing", JUSTIFICATION)
def test_waiver_needs_text_owner_and_review_date(missing: str) -> None:
    incomplete = {key: value for key, value in JUSTIFICATION.items() if key != missing}

    assert decide(**CONFLICTING, **incomplete).exit_code == 1


def test_ec2_needs_a_justification() -> None:
    refused = decide(trigger="job", host_needs=["gpu"])
    agreed = decide(trigger="job", host_needs=["gpu"], **JUSTIFICATION)

    assert (refused.tier, refused.exit_code, refused.justification_missing) == ("ec2", 1, True)
    assert (agreed.tier, agreed.exit_code, agreed.justification_missing) == ("ec2", 0, False)


@pytest.mark.parametrize("missing", JUSTIFICATION)
def test_ec2_names_what_is_missing_of_its_justification(missing: str) -> None:
    incomplete = {key: value for key, value in JUSTIFICATION.items() if key != missing}

    decided = decide(trigger="job", host_needs=["gpu"], **incomplete)

    (conflict,) = decided.policy_conflicts
    assert conflict.text.endswith(f"missing: {missing}")
    assert (decided.exit_code, conflict.waived) == (1, False)


def test_justification_alone_reaches_no_ec2() -> None:
    assert decide(trigger="http", **JUSTIFICATION).tier == "lambda"


def test_workload_that_no_tier_holds_is_a_conflict_with_every_reason() -> None:
    decided = decide(trigger="job", memory_mb=40_000_000, requests_per_month=1)

    assert (decided.tier, decided.variant, decided.exit_code) == (None, "", 1)
    assert [conflict.id for conflict in decided.policy_conflicts] == ["no_tier_fits"]
    assert {rejection.tier for rejection in decided.rejected} == {
        "lambda",
        "fargate-task",
        "fargate-service",
        "ec2",
    }
    assert (decided.size.memory_mib, decided.not_needed, decided.cost.by_tier) == (40_000_000, (), ())
    assert decided.has_template is False


def test_nobody_can_waive_that_no_tier_fits() -> None:
    assert decide(trigger="job", memory_mb=40_000_000, **JUSTIFICATION).exit_code == 1


def test_peak_concurrency_is_exact_and_at_least_one() -> None:
    assert decide(trigger="event", peak_per_s=8.3, avg_run_ms=30_000).peak_concurrency == 249
    assert decide(trigger="http", requests_per_month=0).peak_concurrency == 1


def test_peak_is_ten_times_the_mean_unless_it_is_given() -> None:
    assumed = decide(trigger="http", requests_per_month=2_628_000, avg_run_ms=500)
    given = decide(trigger="http", requests_per_month=2_628_000, avg_run_ms=500, peak_per_s=100)

    assert (assumed.peak_per_second, assumed.peak_concurrency) == (10, 5)
    assert (given.peak_per_second, given.peak_concurrency) == (100, 50)


def test_reversal_names_the_next_tiers_and_the_way_back() -> None:
    onwards = decide(trigger="event").reversal
    back = decide(trigger="event", longest_run_s=3_600).reversal

    assert onwards[0].startswith("AWS Fargate task would be needed if one run takes longer than 900 s")
    assert any(sentence.startswith("Amazon EC2 would be needed if") for sentence in onwards)
    assert back[0] == "AWS Lambda would do if the work is cut into checkpointed steps of at most 900 s"


def test_no_way_back_is_promised_where_the_shape_forbids_it() -> None:
    sentences = decide(trigger="connection_out", critical=True).reversal

    assert not any(sentence.startswith("AWS Fargate task would do") for sentence in sentences)


def test_reasons_say_why_the_tier_holds() -> None:
    decided = decide(trigger="job", longest_run_s=1_000, divisible=True)

    assert "the slowest run takes 1,000 s, and can be cut into steps of at most 900 s" in decided.reasons


@pytest.mark.parametrize(
    "answers",
    [
        {"trigger": "http"},
        {"trigger": "job", "longest_run_s": 1_000},
        {"trigger": "connection_in", "protocol": "tcp"},
        {"trigger": "http", "state": "required"},
        {"trigger": "event", "longest_run_s": 1_000, "peak_per_s": 50},
        {"trigger": "job", "host_needs": ["gpu"]},
    ],
)
def test_every_decision_has_a_reason(answers: dict[str, object]) -> None:
    decided = decide(**answers)

    assert decided.reasons
    assert all("{" not in sentence for sentence in (*decided.reasons, *decided.reversal))


def test_assumptions_are_told_only_where_they_matter() -> None:
    assert {"critical", "wake_ok"} & set(decide(trigger="http").assumptions) == set()
    assert {"critical", "wake_ok"} <= set(decide(trigger="http", state="required").assumptions)


# Each warning: answers that call for it, and the nearest ones that do not.
EVENT = {"trigger": "event"}
QUEUE = {"trigger": "event", "peak_per_s": 10, "avg_run_ms": 1_000}
WARNINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "near_limit": ({"trigger": "event", "memory_mb": 8_192}, {"trigger": "event", "memory_mb": 8_191}),
    "at_maximum": ({"trigger": "job", "vcpu": 32}, {"trigger": "job", "vcpu": 31}),
    "unit_suspect": ({"trigger": "event", "memory_mb": 127}, {"trigger": "event", "memory_mb": 128}),
    "envelope_doubt": (
        {"trigger": "event", "fits_lambda_envelope": "no", "memory_mb": 512},
        {"trigger": "event", "fits_lambda_envelope": "not_sure", "memory_mb": 512},
    ),
    "new_size": ({"trigger": "job", "vcpu": 17}, {"trigger": "job", "vcpu": 16}),
    "fargate_vcpu_quota": (
        {
            "trigger": "job",
            "longest_run_s": 1_000,
            "vcpu": 4,
            "memory_mb": 8_192,
            "peak_per_s": 2,
            "avg_run_ms": 1_000,
        },
        {
            "trigger": "job",
            "longest_run_s": 1_000,
            "vcpu": 4,
            "memory_mb": 8_192,
            "peak_per_s": 1,
            "avg_run_ms": 1_000,
        },
    ),
    "cost_crossover": (
        {"trigger": "http", "requests_per_month": 900_000_000},
        {"trigger": "http", "requests_per_month": 100_000},
    ),
    "cold_start": ({"trigger": "http", "p99_ms": 999}, {"trigger": "http", "p99_ms": 1_000}),
    "concurrency_quota": (
        {"trigger": "http", "peak_per_s": 101, "avg_run_ms": 1_000},
        {"trigger": "http", "peak_per_s": 100, "avg_run_ms": 1_000},
    ),
    "api_rate_quota": ({"trigger": "http", "peak_per_s": 101}, {"trigger": "http", "peak_per_s": 100}),
    "connection_rate_quota": (
        WEBSOCKET | {"new_connections_per_s": 501},
        WEBSOCKET | {"new_connections_per_s": 500},
    ),
    "db_connections": (
        {"trigger": "http", "db": "relational", "peak_per_s": 81, "avg_run_ms": 1_000},
        {"trigger": "http", "db": "relational", "peak_per_s": 80, "avg_run_ms": 1_000},
    ),
    "vpc": ({"trigger": "http", "vpc": True}, {"trigger": "http", "vpc": False}),
    "gateway_timeout": ({"trigger": "http", "longest_run_s": 30}, {"trigger": "http", "longest_run_s": 29}),
    "payload_via_s3": ({"trigger": "http", "request_mb": 7}, {"trigger": "http", "request_mb": 6}),
    "streaming_response": (
        {"trigger": "http", "response_mb": 7, "response_streamable": True, "body_via_s3": False},
        {"trigger": "http", "response_mb": 6, "response_streamable": True, "body_via_s3": False},
    ),
    "managed_connection_front": (WEBSOCKET, {"trigger": "http"}),
    "cost_of_open_stream": (
        {"trigger": "connection_in", "protocol": "sse", "connection_max_min": 10},
        WEBSOCKET,
    ),
    "orchestration_needed": (
        {"trigger": "job", "longest_run_s": 901, "divisible": True},
        {"trigger": "job", "longest_run_s": 900, "divisible": True},
    ),
    "overlapping_runs": (
        {"trigger": "schedule", "schedule_interval_s": 299, "longest_run_s": 300},
        {"trigger": "schedule", "schedule_interval_s": 300, "longest_run_s": 300},
    ),
    "size_rounding": (
        {"trigger": "job", "longest_run_s": 1_000, "vcpu": 4, "memory_mb": 3_000},
        {"trigger": "job", "longest_run_s": 1_000, "vcpu": 4, "memory_mb": 4_096},
    ),
    "needs_ebs_volume": ({"trigger": "job", "scratch_gb": 201}, {"trigger": "job", "scratch_gb": 200}),
    "task_retirement": (
        {"trigger": "job", "longest_run_s": 604_801},
        {"trigger": "job", "longest_run_s": 604_800},
    ),
    "idle_cost": (
        {"trigger": "http", "state": "required", "critical": True},
        {"trigger": "http", "state": "required", "critical": False},
    ),
    "policy_conflict_scale_to_zero": (
        {"trigger": "http", "state": "required", "wake_ok": False},
        {"trigger": "http", "state": "required", "wake_ok": True},
    ),
    "managed_alternative": (
        {"trigger": "job", "host_needs": ["gpu"]},
        {"trigger": "job", "host_needs": ["kernel"]},
    ),
    "downstream_cap": (
        {**QUEUE, "downstream_concurrency": 99},
        {**QUEUE, "downstream_concurrency": 100},
    ),
    "no_template": ({"trigger": "http", "state": "required", "longest_run_s": 3_581}, {"trigger": "http"}),
    "without_template": ({**EVENT, "event_kind": "kafka"}, {"trigger": "http", "state": "required"}),
    "kafka_brokers": ({**EVENT, "event_kind": "kafka"}, {**EVENT, "event_kind": "mq"}),
    "mq_broker": ({**EVENT, "event_kind": "mq"}, {**EVENT, "event_kind": "kafka"}),
    "new_stream_rate": (
        {**EVENT, "event_kind": "stream", "peak_per_s": 401},
        {**EVENT, "event_kind": "stream", "peak_per_s": 400},
    ),
    "redesign_async": ({"trigger": "http", "longest_run_s": 901}, {"trigger": "http", "longest_run_s": 900}),
}


def warnings(**answers: object) -> dict[str, decision.DecisionWarning]:
    return {warning.id: warning for warning in decide(**answers).warnings}


def test_every_warning_has_a_case_on_both_sides() -> None:
    assert set(WARNINGS) == set(RULES.warnings)


@pytest.mark.parametrize("name", WARNINGS)
def test_warning_is_given_where_it_applies_and_only_there(name: str) -> None:
    applies, does_not = WARNINGS[name]

    assert name in warnings(**applies)
    assert name not in warnings(**does_not)


@pytest.mark.parametrize("name", WARNINGS)
def test_warning_is_a_whole_sentence_with_its_numbers(name: str) -> None:
    warning = warnings(**WARNINGS[name][0])[name]

    assert warning.text[0].isupper() or warning.text.split(":")[0] in RULES.facts
    assert "{" not in warning.text
    assert "not answered" not in warning.text
    assert warning.severity in {"info", "warning", "serious"}


@pytest.mark.parametrize(
    ("name", "answers", "text", "numbers"),
    [
        (
            "near_limit",
            {"trigger": "event", "longest_run_s": 720},
            (
                "longest_run_s: 720 s is 80% of the 900 s that AWS Lambda allows; "
                "beyond it the next tier is AWS Fargate task"
            ),
            {"answer": 720, "bound": 900, "share": 0.8},
        ),
        (
            "unit_suspect",
            {"trigger": "job", "longest_run_s": 2_000_000},
            "longest_run_s: 2,000,000 s is unusual, did you mean milliseconds?",
            {"answer": 2_000_000},
        ),
        (
            "fargate_vcpu_quota",
            WARNINGS["fargate_vcpu_quota"][0],
            "At peak 2 tasks use 8 vCPU, and a new account may run 6 vCPU at once: ask for a higher quota",
            {"peak_tasks": 2, "vcpu_at_peak": 8},
        ),
        (
            "fargate_vcpu_quota",
            {"trigger": "http", "state": "required", "critical": True, "vcpu": 4, "requests_per_month": 0},
            "At peak 2 tasks use 8 vCPU, and a new account may run 6 vCPU at once: ask for a higher quota",
            {"peak_tasks": 2, "vcpu_at_peak": 8},
        ),
        (
            "overlapping_runs",
            {"trigger": "schedule", "schedule_interval_s": 60, "longest_run_s": 300},
            (
                "The slowest run outlasts the schedule by 240 s: "
                "take a lock, or skip a start while one is running"
            ),
            {"run_overlap_s": 240},
        ),
    ],
)
def test_warning_says_its_numbers(
    name: str, answers: dict[str, object], text: str, numbers: dict[str, float]
) -> None:
    warning = warnings(**answers)[name]

    assert warning.text == text
    assert dict(warning.numbers) == numbers


def test_rounding_up_is_priced_by_what_is_not_needed() -> None:
    numbers = warnings(**WARNINGS["size_rounding"][0])["size_rounding"].numbers

    # 730 runs of a minute at 8,192 MiB instead of 3,000.
    hours = 730 / 60
    assert numbers["waste_cost_usd"] == pytest.approx(hours * (8_192 - 3_000) / 1_024 * 0.00356, rel=0.01)


def test_assumed_answers_call_for_no_warning_about_units_or_margins() -> None:
    assert {"near_limit", "unit_suspect", "at_maximum"} & set(warnings(trigger="event")) == set()


def test_crossover_is_mentioned_from_half_of_it_and_grows_serious_beyond_it() -> None:
    crossover = decide(trigger="http").cost.crossover.requests_per_month
    assert crossover is not None

    below = warnings(trigger="http", requests_per_month=crossover // 2 - 1)
    near = warnings(trigger="http", requests_per_month=crossover // 2 + 1)
    beyond = warnings(trigger="http", requests_per_month=crossover + 1)

    assert "cost_crossover" not in below
    assert (near["cost_crossover"].severity, beyond["cost_crossover"].severity) == ("info", "warning")
    assert "The policy still prefers Lambda" in beyond["cost_crossover"].text


def test_promise_of_milliseconds_makes_cold_starts_serious() -> None:
    assert warnings(trigger="http", p99_ms=500)["cold_start"].severity == "warning"
    assert warnings(trigger="http", p99_ms=20)["cold_start"].severity == "serious"


def test_idle_cost_lists_what_bills_without_traffic() -> None:
    decided = decide(trigger="http", state="required", critical=True)

    warning = next(found for found in decided.warnings if found.id == "idle_cost")
    cost = decided.cost.of("fargate-service")
    assert cost is not None
    assert f"${cost.idle_usd_per_month:,.2f} a month" in warning.text
    assert all(part.name in warning.text for part in cost.parts if part.idle)


def test_shape_has_a_template_where_its_folder_is_among_the_templates() -> None:
    answers = workload.parse({"trigger": "event", "event_kind": "bus"}, RULES)

    assert not decision.decide(answers, RULES, PRICES, frozenset({"lambda/http"})).has_template
    assert decision.decide(answers, RULES, PRICES, frozenset({"lambda/event"})).has_template
    assert decide(trigger="http").has_template
    assert decide(trigger="http", state="required").has_template
    assert decide(trigger="http", state="required", critical=True).has_template
    assert not decide(trigger="http", state="required", longest_run_s=3_581).has_template


def test_every_folder_of_templates_is_an_event_source_of_the_policy() -> None:
    rendered = {name.partition("/")[2] for name in TEMPLATES if name.startswith("lambda/")}

    assert "http" in rendered
    assert rendered <= set(RULES.event_sources)


@pytest.mark.parametrize(
    ("answers", "event_source"),
    [
        ({"trigger": "http"}, "http"),
        ({"trigger": "event"}, "queue"),
        ({"trigger": "event", "event_kind": "queue"}, "queue"),
        ({"trigger": "event", "event_kind": "bus"}, "event"),
        ({"trigger": "event", "event_kind": "object"}, "object"),
        ({"trigger": "event", "event_kind": "stream"}, "stream"),
        ({"trigger": "event", "event_kind": "kafka"}, "kafka"),
        ({"trigger": "event", "event_kind": "mq"}, "mq"),
        ({"trigger": "schedule"}, "schedule"),
        ({"trigger": "job"}, "job"),
        ({"trigger": "job", "longest_run_s": 3_600, "divisible": True}, "workflow"),
        ({"trigger": "schedule", "longest_run_s": 3_600, "divisible": True}, "workflow"),
        ({"trigger": "job", "longest_run_s": 3_600}, "job"),
        ({"trigger": "connection_in", "protocol": "tcp"}, "lookup"),
        ({"trigger": "connection_in", "protocol": "tcp", "wake_ok": False}, "raw-always-on"),
        ({"trigger": "connection_in", "protocol": "udp"}, "lookup"),
        ({"trigger": "connection_in", "protocol": "udp", "critical": True}, "udp"),
        ({"trigger": "connection_in", "protocol": "mqtt"}, "mqtt"),
        (WEBSOCKET, "websocket"),
        (
            {"trigger": "http", "response_mb": 50, "response_streamable": True, "body_via_s3": False},
            "stream-response",
        ),
    ],
)
def test_event_source_follows_from_the_facts(answers: dict[str, object], event_source: str) -> None:
    assert decide(**answers).event_source == event_source


@pytest.mark.parametrize("name", [name for name, row in RULES.event_sources.items() if row.without_template])
def test_event_source_that_says_why_it_has_no_template_has_none(name: str) -> None:
    assert f"lambda/{name}" not in TEMPLATES


def test_event_source_without_a_template_says_why() -> None:
    silent = {
        name
        for name, row in RULES.event_sources.items()
        if "lambda" in row.tiers and f"lambda/{name}" not in TEMPLATES
        if not (row.without_template and row.source and row.checked)
    }

    assert silent == set()


def test_decision_carries_the_version_and_date_of_its_data() -> None:
    decided = decide(trigger="http")

    assert (decided.data_version, decided.as_of) == (RULES.version, RULES.as_of)
