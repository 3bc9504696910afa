from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
import yaml

from generator import policy, workload
from generator.errors import AnswerProblem, AnswersError

RULES = policy.load()


def problems(**answers: object) -> tuple[AnswerProblem, ...]:
    with pytest.raises(AnswersError) as caught:
        workload.parse(answers, RULES)
    return caught.value.problems


def problem_about(key: str, value: object) -> AnswerProblem:
    (problem,) = problems(trigger="http", **{key: value})
    assert problem.key == key
    return problem


def test_trigger_is_required_and_everything_else_has_a_default_or_stays_open() -> None:
    (problem,) = problems()
    parsed = workload.parse({"trigger": "http"}, RULES)

    assert (problem.key, problem.problem) == ("trigger", "is required")
    assert "connection_out" in problem.allowed
    assert (parsed.memory_mb, parsed.longest_run_s, parsed.state, parsed.caller_waits) == (
        512,
        29,
        "none",
        True,
    )
    assert parsed.p99_ms is None


def test_every_problem_is_reported_at_once_in_asking_order() -> None:
    found = problems(memory_mb="much", trigger="htpt", vcpu=-1, host_needs=["gpus"], colour="red")

    assert [problem.key for problem in found] == ["colour", "trigger", "host_needs", "memory_mb", "vcpu"]


def test_error_shows_key_value_and_what_is_allowed() -> None:
    with pytest.raises(AnswersError) as caught:
        workload.parse({"trigger": "http", "state": "some", "longest_run_s": 0}, RULES)

    assert "2 answers are wrong" in caught.value.message
    assert (
        "  state = some: is not one of the choices (allowed: none, cache, required)" in caught.value.message
    )
    assert "  longest_run_s = 0: is too small (allowed: a number, more than 0" in caught.value.message


@pytest.mark.parametrize(
    ("key", "suggestion"),
    [
        ("memory", "memory_mb"),
        ("longest_run", "longest_run_s"),
        ("hostneeds", "host_needs"),
        ("p99", "p99_ms"),
    ],
)
def test_unknown_key_suggests_the_nearest_one(key: str, suggestion: str) -> None:
    (problem,) = problems(trigger="http", **{key: 1})

    assert (problem.key, problem.problem, problem.allowed) == (
        key,
        "unknown key",
        f"did you mean `{suggestion}`?",
    )


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        pytest.param(float("nan"), "is not a finite number", id="nan"),
        pytest.param(float("inf"), "is not a finite number", id="infinity"),
        pytest.param(float("-inf"), "is not a finite number", id="minus infinity"),
        pytest.param("nan", "is not a plain decimal number", id="nan as text"),
        pytest.param("inf", "is not a plain decimal number", id="infinity as text"),
        pytest.param(True, "is yes or no, not a number", id="true"),
        pytest.param(False, "is yes or no, not a number", id="false"),
        pytest.param("yes", "is not a plain decimal number", id="yes"),
        pytest.param(-1, "is too small", id="negative"),
        pytest.param("-1", "is too small", id="negative as text"),
        pytest.param(0, "is too small", id="zero"),
        pytest.param("about 5", "is not a plain decimal number", id="prose"),
        pytest.param("5 GB", "is not a plain decimal number", id="unit"),
        pytest.param("5,5", "is not a plain decimal number", id="decimal comma"),
        pytest.param("1_000", "is not a plain decimal number", id="underscore"),
        pytest.param("1e3", "is not a plain decimal number", id="exponent"),
        pytest.param("0x10", "is not a plain decimal number", id="hexadecimal"),
        pytest.param("+5", "is not a plain decimal number", id="plus sign"),
        pytest.param("\u0665", "is not a plain decimal number", id="digit of another script"),
        pytest.param("", "is not a plain decimal number", id="empty"),
        pytest.param("5\n6", "is not a plain decimal number", id="two lines"),
        pytest.param("9" * 10_000, "is not a plain decimal number", id="10,000 digits as text"),
        pytest.param(10**5_000, "is too large", id="5,000 digits"),
        pytest.param([5], "is not a number", id="list"),
        pytest.param({"value": 5}, "is not a number", id="mapping"),
        pytest.param(b"5", "is not a number", id="bytes"),
        pytest.param(Decimal(5), "is not a number", id="decimal"),
        pytest.param(date(2026, 1, 1), "is not a number", id="date"),
    ],
)
def test_number_is_read_strictly(value: object, problem: str) -> None:
    assert problem_about("longest_run_s", value).problem == problem


@pytest.mark.parametrize(
    ("value", "number"),
    [("30", 30), (" 30 ", 30), ("2.5", 2.5), (30, 30), (30.0, 30), (2.5, 2.5), ("007", 7)],
)
def test_number_may_come_as_plain_text(value: object, number: float) -> None:
    parsed = workload.parse({"trigger": "http", "longest_run_s": value}, RULES)

    assert parsed.longest_run_s == number
    assert type(parsed.longest_run_s) is type(number)


@pytest.mark.parametrize("value", [512.5, "512.5"])
def test_whole_number_takes_no_fraction(value: object) -> None:
    assert problem_about("memory_mb", value).problem == "is not a whole number"


@pytest.mark.parametrize("value", [512, "512", 512.0, "512.0"])
def test_whole_number_may_be_written_with_a_zero_fraction(value: object) -> None:
    assert workload.parse({"trigger": "http", "memory_mb": value}, RULES).memory_mb == 512


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (True, True),
        (False, False),
        ("yes", True),
        ("no", False),
        ("No", False),
        (" TRUE ", True),
        ("false", False),
    ],
)
def test_yes_or_no_may_come_as_text_and_no_is_false(value: object, meaning: bool) -> None:  # noqa: FBT001
    assert workload.parse({"trigger": "http", "divisible": value}, RULES).divisible is meaning


@pytest.mark.parametrize("value", [0, 1, "", "maybe", "0", [True], {}, b"yes", 1.0])
def test_yes_or_no_is_read_strictly(value: object) -> None:
    problem = problem_about("divisible", value)

    assert (problem.problem, problem.allowed) == ("is neither yes nor no", "yes or no")


@pytest.mark.parametrize("value", ["http", "HTTP", " http ", "Http"])
def test_choice_ignores_case_and_spaces_around(value: str) -> None:
    assert workload.parse({"trigger": value}, RULES).trigger == "http"


@pytest.mark.parametrize("value", ["connection in", "connection-in", "connection_in"])
def test_choice_of_two_words_may_be_joined_as_one_likes(value: str) -> None:
    assert workload.parse({"trigger": value}, RULES).trigger == "connection_in"


@pytest.mark.parametrize(
    ("value", "meaning"), [(True, "yes"), (False, "no"), ("not sure", "not_sure"), ("yes", "yes")]
)
def test_yes_that_yaml_read_as_a_truth_value_still_means_yes(value: object, meaning: str) -> None:
    parsed = workload.parse({"trigger": "http", "fits_lambda_envelope": value}, RULES)

    assert parsed.fits_lambda_envelope == meaning


@pytest.mark.parametrize("value", [1, 2.5, [], ["none"], {}, b"none", date(2026, 1, 1)])
def test_choice_takes_one_name(value: object) -> None:
    assert problem_about("state", value).problem == "is not one of the choices"


def test_misspelt_choice_suggests_the_nearest_one() -> None:
    problem = problem_about("state", "requierd")

    assert problem.problem == "is not one of the choices; did you mean `required`?"


@pytest.mark.parametrize(
    ("value", "needs"),
    [
        (["gpu", "kernel"], ("gpu", "kernel")),
        (["kernel", "gpu", "gpu"], ("gpu", "kernel")),
        ("gpu", ("gpu",)),
        ("kernel, gpu", ("gpu", "kernel")),
        (("gpu",), ("gpu",)),
        ("none", ()),
        (["none"], ()),
        ([], ()),
        ("", ()),
    ],
)
def test_several_choices_have_no_order_and_no_repetition(value: object, needs: tuple[str, ...]) -> None:
    assert workload.parse({"trigger": "job", "host_needs": value}, RULES).host_needs == needs


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (["none", "gpu"], "says none and something else at once"),
        ("gpu, none", "says none and something else at once"),
        ({"gpu": True}, "is not a list of choices"),
        (5, "is not a list of choices"),
        (["gpu", 5], "is not one of the choices"),
        ([["gpu"]], "is not one of the choices"),
        (["tpu"], "is not one of the choices; did you mean `gpu`?"),
    ],
)
def test_several_choices_are_read_strictly(value: object, problem: str) -> None:
    assert problem_about("host_needs", value).problem == problem


@pytest.mark.parametrize("value", ["2027-06-30", date(2027, 6, 30), " 2027-06-30 "])
def test_date_may_come_as_text(value: object) -> None:
    parsed = workload.parse({"trigger": "job", "justification_review_date": value}, RULES)

    assert parsed.justification_review_date == date(2027, 6, 30)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("2027-02-30", "is not a day of the calendar"),
        ("30.06.2027", "is not a date"),
        ("20270630", "is not a date"),
        ("soon", "is not a date"),
        (20270630, "is not a date"),
        (True, "is not a date"),
    ],
)
def test_date_is_read_strictly(value: object, problem: str) -> None:
    assert problem_about("justification_review_date", value).problem == problem


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("x" * 39, "has 39 characters"),
        ("x" * 10_000, "has 10,000 characters"),
        ("x" * 50 + "\n", None),
        ("x" * 50 + "\nx", "holds line breaks or characters that cannot be seen"),
        ("x" * 50 + "\u202e", "holds line breaks or characters that cannot be seen"),
        ("x" * 50 + "\x00", "holds line breaks or characters that cannot be seen"),
        (50, "is not text"),
        (["x" * 50], "is not text"),
        (b"x" * 50, "is not text"),
    ],
)
def test_justification_is_forty_characters_of_visible_text(value: object, problem: str | None) -> None:
    answers = {"trigger": "job", "justification_text": value}

    if problem is None:
        assert workload.parse(answers, RULES).justification_text == "x" * 50
    else:
        assert [found.problem for found in problems(**answers)] == [problem]


@pytest.mark.parametrize("key", ["justification_text", "justification_owner", "justification_review_date"])
def test_empty_text_is_no_answer(key: str) -> None:
    assert getattr(workload.parse({"trigger": "job", key: ""}, RULES), key) is None


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, ["x" * 10_000], {"x" * 10_000: 1}, b"x" * 10_000, 10**5_000, [10**5_000]],
    ids=["text", "list", "mapping", "bytes", "number", "list of a number"],
)
@pytest.mark.parametrize("key", ["trigger", "memory_mb", "unheard_of"])
def test_message_stays_short_whatever_was_given(key: str, value: object) -> None:
    found = problems(**{"trigger": "http", key: value})

    assert all(len(str(problem)) < 400 for problem in found)
    assert {problem.key for problem in found} == {key}


def test_key_of_any_length_stays_short_in_the_message() -> None:
    (problem,) = problems(trigger="http", **{"x" * 10_000: 1})

    assert len(str(problem)) < 200


def test_message_shows_no_control_characters() -> None:
    (problem,) = problems(trigger="ht\x1b[31mtp\u202e")

    assert str(problem).isprintable()


CONTRADICTIONS = {
    "average longer than the slowest run": (
        {"trigger": "http", "avg_run_ms": 5_001, "longest_run_s": 5},
        "avg_run_ms",
        "at most 5,000 ms",
    ),
    "held protocol under requests": (
        {"trigger": "http", "protocol": "websocket"},
        "protocol",
        "trigger = connection_in, or no protocol",
    ),
    "unary calls under held connections": (
        {"trigger": "connection_in", "protocol": "grpc_unary"},
        "protocol",
        "trigger = http, or no protocol",
    ),
    "protocol where nobody connects": (
        {"trigger": "schedule", "protocol": "mqtt"},
        "protocol",
        "trigger = connection_in, or no protocol",
    ),
    "size beyond the envelope it is said to fit": (
        {"trigger": "event", "fits_lambda_envelope": "yes", "memory_mb": 10_241},
        "memory_mb",
        "at most 10,240 MiB, or fits_lambda_envelope = no",
    ),
    "body beyond the envelope it is said to fit": (
        {"trigger": "http", "fits_lambda_envelope": "yes", "request_mb": 7, "body_via_s3": False},
        "request_mb",
        "at most 6 MB, or fits_lambda_envelope = no",
    ),
    "Windows on arm64": (
        {"trigger": "job", "host_needs": ["windows_container"], "architecture": "arm64"},
        "architecture",
        "x86_64",
    ),
}


@pytest.mark.parametrize(("answers", "key", "allowed"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_contradiction_is_reported_at_the_later_question(
    answers: dict[str, object], key: str, allowed: str
) -> None:
    (problem,) = problems(**answers)

    assert (problem.key, problem.allowed) == (key, allowed)
    assert "contradicts" in problem.problem


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(
            {"trigger": "http", "avg_run_ms": 5_000, "longest_run_s": 5}, id="average of the slowest run"
        ),
        pytest.param({"trigger": "http", "protocol": "grpc_unary"}, id="unary calls"),
        pytest.param({"trigger": "event", "memory_mb": 99_999}, id="size without a word on the envelope"),
        pytest.param(
            {"trigger": "event", "fits_lambda_envelope": "not_sure", "memory_mb": 99_999},
            id="not sure of the size",
        ),
        pytest.param(
            {"trigger": "http", "fits_lambda_envelope": "yes", "request_mb": 7},
            id="large bodies by way of S3",
        ),
        pytest.param({"trigger": "job", "host_needs": ["windows_container"]}, id="Windows"),
    ],
)
def test_answers_that_agree_are_accepted(answers: dict[str, object]) -> None:
    parsed = workload.parse(answers, RULES)

    assert {key: parsed.facts()[key] for key in answers} == answers


def test_contradictions_are_reported_beside_other_problems() -> None:
    found = problems(trigger="http", avg_run_ms=5_001, longest_run_s=5, state="some")

    assert [problem.key for problem in found] == ["state", "avg_run_ms"]


def test_assumptions_name_what_was_not_answered_and_is_assumed() -> None:
    parsed = workload.parse({"trigger": "http", "memory_mb": 256, "longest_run_s": 10}, RULES)

    assert "memory_mb" not in parsed.assumptions
    assert {"state", "requests_per_month", "caller_waits", "architecture"} <= set(parsed.assumptions)
    assert "p99_ms" not in parsed.assumptions


@pytest.mark.parametrize("key", ["connection_max_min", "connection_idle_min", "message_kb", "reconnect_ok"])
def test_nothing_is_assumed_about_connections(key: str) -> None:
    parsed = workload.parse({"trigger": "connection_in", "protocol": "websocket"}, RULES)

    assert getattr(parsed, key) is None
    assert key not in parsed.assumptions


@pytest.mark.parametrize(
    ("answers", "key", "default"),
    [
        ({"trigger": "http"}, "longest_run_s", 29),
        ({"trigger": "event"}, "longest_run_s", 300),
        ({"trigger": "connection_out"}, "longest_run_s", None),
        ({"trigger": "http"}, "caller_waits", True),
        ({"trigger": "event"}, "caller_waits", None),
        ({"trigger": "connection_in"}, "protocol", "websocket"),
        ({"trigger": "http"}, "protocol", None),
        ({"trigger": "event"}, "requests_per_month", 100_000),
        ({"trigger": "schedule"}, "requests_per_month", 730),
        ({"trigger": "http", "longest_run_s": 0.1}, "avg_run_ms", 100),
        ({"trigger": "http", "avg_run_ms": 120_000}, "longest_run_s", 120),
        ({"trigger": "event", "longest_run_s": 901}, "divisible", False),
        ({"trigger": "event", "longest_run_s": 900}, "divisible", None),
        ({"trigger": "job", "host_needs": ["windows_host"]}, "architecture", "x86_64"),
        ({"trigger": "job"}, "architecture", "arm64"),
    ],
)
def test_default_depends_on_the_other_answers(answers: dict[str, object], key: str, default: object) -> None:
    assert getattr(workload.parse(answers, RULES), key) == default


def test_null_is_no_answer() -> None:
    answers = dict.fromkeys(RULES.facts) | {"trigger": "http"}

    assert workload.parse(answers, RULES) == workload.parse({"trigger": "http"}, RULES)


def test_facts_survive_json_and_yaml() -> None:
    parsed = workload.parse(
        {
            "trigger": "job",
            "host_needs": ["gpu"],
            "fits_lambda_envelope": "no",
            "memory_mb": 65_536,
            "justification_text": "No: the model needs 40 GB of GPU memory # and nothing managed has it",
            "justification_owner": "@acme/ml",
            "justification_review_date": date(2027, 6, 30),
        },
        RULES,
    )

    assert workload.parse(json.loads(json.dumps(parsed.facts())), RULES) == parsed
    assert workload.parse(yaml.safe_load(yaml.safe_dump(parsed.facts())), RULES) == parsed


def test_facts_leave_assumptions_open_so_that_a_later_policy_decides_anew() -> None:
    facts = workload.parse({"trigger": "http", "vcpu": 2}, RULES).facts()

    assert {key: value for key, value in facts.items() if value not in {None, ""}} == {
        "trigger": "http",
        "vcpu": 2,
    }


def test_parse_one_judges_a_typed_answer_by_itself() -> None:
    assert workload.parse_one("longest_run_s", "900", RULES) == 900
    with pytest.raises(AnswersError, match=r"longest_run_s = soon: is not a plain decimal number"):
        workload.parse_one("longest_run_s", "soon", RULES)
    with pytest.raises(AnswersError, match=r"did you mean `longest_run_s`"):
        workload.parse_one("longest_run", "5", RULES)


@pytest.mark.parametrize(
    ("key", "answers", "offered"),
    [
        ("trigger", {}, "http"),
        ("longest_run_s", {"trigger": "http"}, 29),
        ("longest_run_s", {"trigger": "event"}, 300),
        ("connection_max_min", {"trigger": "connection_in"}, 60),
        ("avg_run_ms", {"trigger": "http", "longest_run_s": "0.1"}, 100),
        ("justification_text", {"trigger": "job"}, None),
    ],
)
def test_interview_offers_the_default_that_suits_the_answers_so_far(
    key: str, answers: dict[str, object], offered: object
) -> None:
    assert workload.default_of(RULES.facts[key], answers, RULES) == offered
