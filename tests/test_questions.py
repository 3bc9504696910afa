from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator import policy, workload
from generator.policy import fact_is_asked

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = policy.load()

# Answers on both sides of everything that questions depend on.
ANSWERS: dict[str, tuple[object, ...]] = {
    "trigger": tuple(choice.name for choice in RULES.facts["trigger"].choices),
    "host_needs": ((), ("gpu",), ("windows_container",)),
    "protocol": ("websocket", "sse", "grpc_stream", "tcp", "mqtt"),
    "state": ("none", "required"),
    "connection_max_min": (60, 500),
    "connection_idle_min": (5, 50),
    "message_kb": (32, 500),
    "longest_run_s": (5, 100, 2_000),
    "fits_lambda_envelope": ("yes", "no", "not_sure"),
    "memory_mb": (512, 20_000, 500_000),
    "vcpu": (1,),
    "scratch_gb": (0.5, 50),
    "package_gb": (0.2, 50),
    "request_mb": (1, 50),
    "response_mb": (1, 50),
    "requests_per_month": (100_000,),
    "avg_run_ms": (5,),
    "justification_text": ("x" * 50,),
    "justification_owner": ("@acme/ml",),
    "justification_review_date": ("2027-06-30",),
}
YES_OR_NO = (True, False)


def next_question(given: dict[str, object]) -> str | None:
    return next(
        (
            fact.name
            for fact in RULES.facts.values()
            if fact.name not in given and fact_is_asked(fact, given, RULES)
        ),
        None,
    )


def interview(**chosen: object) -> list[str]:
    """Return the questions of an interview in which everything not chosen is answered by its default."""
    given: dict[str, object] = {}
    while (name := next_question(given)) is not None:
        default = workload.default_of(RULES.facts[name], given, RULES)
        given[name] = chosen.get(name, ANSWERS[name][0] if default is None else default)
    return list(given)


def all_interviews(given: dict[str, object]) -> Iterator[dict[str, object]]:
    name = next_question(given)
    if name is None:
        yield given
        return
    for answer in ANSWERS.get(name, YES_OR_NO):
        yield from all_interviews({**given, name: answer})


@pytest.mark.parametrize(
    ("chosen", "questions"),
    [
        pytest.param(
            {"trigger": "http"},
            "trigger host_needs state longest_run_s fits_lambda_envelope requests_per_month avg_run_ms",
            id="an ordinary API",
        ),
        pytest.param(
            {"trigger": "event"},
            "trigger event_kind host_needs state longest_run_s fits_lambda_envelope requests_per_month"
            " avg_run_ms",
            id="a queue consumer",
        ),
        pytest.param(
            {"trigger": "schedule"},
            "trigger host_needs longest_run_s fits_lambda_envelope requests_per_month avg_run_ms",
            id="a nightly job",
        ),
        pytest.param(
            {"trigger": "job", "longest_run_s": 3_600},
            "trigger host_needs longest_run_s divisible memory_mb vcpu requests_per_month avg_run_ms",
            id="a long batch",
        ),
        pytest.param(
            {"trigger": "connection_out"},
            "trigger host_needs memory_mb vcpu requests_per_month avg_run_ms critical"
            " justification_text justification_owner justification_review_date",
            id="a connection of its own",
        ),
        pytest.param(
            {"trigger": "connection_in", "protocol": "tcp"},
            "trigger host_needs protocol memory_mb vcpu requests_per_month avg_run_ms critical wake_ok",
            id="a TCP server",
        ),
        pytest.param(
            {"trigger": "http", "state": "required", "critical": True},
            "trigger host_needs state longest_run_s memory_mb vcpu requests_per_month avg_run_ms critical",
            id="a stateful API",
        ),
        pytest.param(
            {"trigger": "job", "host_needs": ("gpu",)},
            "trigger host_needs memory_mb vcpu requests_per_month avg_run_ms"
            " justification_text justification_owner justification_review_date",
            id="a GPU job",
        ),
    ],
)
def test_interview_asks_only_what_still_matters(chosen: dict[str, object], questions: str) -> None:
    assert interview(**chosen) == questions.split()


def test_no_interview_has_more_than_nine_questions() -> None:
    steps = [{RULES.facts[name].step for name in given} for given in all_interviews({})]

    assert len(steps) > 200
    assert max(len(asked) for asked in steps) <= 9
    assert max(step for asked in steps for step in asked) == 9


def test_long_request_asks_whether_the_caller_waits() -> None:
    assert "caller_waits" not in interview(trigger="http", longest_run_s=29)
    assert "caller_waits" in interview(trigger="http", longest_run_s=30)
    assert "caller_waits" in interview(trigger="http", fits_lambda_envelope="no", memory_mb=20_000)


def test_sizes_are_asked_only_when_the_envelope_is_in_doubt() -> None:
    sizes = {"memory_mb", "vcpu", "scratch_gb", "package_gb"}

    assert sizes & set(interview(trigger="event")) == set()
    assert sizes <= set(interview(trigger="event", fits_lambda_envelope="not_sure"))
    assert "scratch_gb" not in interview(trigger="event", fits_lambda_envelope="no", memory_mb=20_000)


def test_bodies_are_asked_of_apis_and_their_way_only_when_they_are_large() -> None:
    usual = interview(trigger="http", fits_lambda_envelope="no")
    large = interview(trigger="http", fits_lambda_envelope="no", response_mb=50, body_via_s3=False)

    assert {"request_mb", "response_mb"} <= set(usual)
    assert "body_via_s3" not in usual
    assert large.index("body_via_s3") < large.index("response_streamable")
    assert "request_mb" not in interview(trigger="event", fits_lambda_envelope="no")


def test_reconnecting_is_asked_only_of_long_connections() -> None:
    assert "reconnect_ok" not in interview(trigger="connection_in", connection_max_min=120)
    assert "reconnect_ok" in interview(trigger="connection_in", connection_max_min=121)


def test_expert_questions_wait_to_be_wanted() -> None:
    given = {"trigger": "http"}
    experts = [fact for fact in RULES.facts.values() if fact.expert]

    assert [fact.name for fact in experts if fact_is_asked(fact, given, RULES)] == []
    assert {fact.name for fact in experts if fact_is_asked(fact, given, RULES, expert=True)} == {
        "p99_ms",
        "peak_per_s",
        "db",
        "vpc",
        "cpu_bound_share",
        "architecture",
    }


def test_organisation_that_holds_connections_itself_asks_nothing_about_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("policy") / "house.toml"
    file.write_text("[settings]\nwebsocket = 'fargate-service'\n", encoding="utf-8")
    rules = policy.load(file)

    given = {"trigger": "connection_in", "protocol": "websocket"}
    asked = {fact.name for fact in rules.facts.values() if fact_is_asked(fact, given, rules)}

    assert {"connection_max_min", "connection_idle_min", "message_kb", "reconnect_ok"} & asked == set()
