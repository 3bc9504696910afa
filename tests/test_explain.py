from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import explain, policy, prices, source, workload
from generator.decision import Decision, decide

ROOT = Path(__file__).parent.parent
RULES = policy.load()
PRICES = prices.load()
TEMPLATES = source.templates(source.root())

WORKLOADS: dict[str, dict[str, object]] = {
    "http api": {"trigger": "http", "requests_per_month": 60_000_000},
    "long batch": {
        "trigger": "job",
        "longest_run_s": 2_400,
        "memory_mb": 16_384,
        "vcpu": 4,
        "requests_per_month": 30,
    },
    "critical tcp": {"trigger": "connection_in", "protocol": "tcp", "critical": True},
    "outbound without wake": {"trigger": "connection_out"},
    "gpu without justification": {"trigger": "job", "host_needs": ["gpu"]},
    "gpu, justified": {
        "trigger": "job",
        "host_needs": ["gpu"],
        "justification_text": "The model needs 20 GB of GPU memory and no managed service serves it.",
        "justification_owner": "*ops*|<b>",
        "justification_review_date": "2027-05-01",
    },
    "mac": {"trigger": "job", "host_needs": ["macos"]},
    "no tier": {"trigger": "job", "memory_mb": 400_000_000},
}


def decision(name: str) -> Decision:
    return decide(workload.parse(WORKLOADS[name], RULES), RULES, PRICES, TEMPLATES)


@pytest.fixture(params=WORKLOADS)
def any_decision(request: pytest.FixtureRequest) -> Decision:
    return decision(request.param)


def test_text_says_tier_why_cost_and_what_would_change_it() -> None:
    text = explain.text(decision("http api"))

    assert text.startswith("AWS Lambda: a function, 512 MiB, 0.29 vCPU, arm64\n")
    for title in ("Why", "Cost", "When idle", "Would change it", "Warnings", "Assumed"):
        assert f"\n{title} " in text
    assert "60 million requests a month      now  ten times    idle" in text
    assert "AWS Lambda (chosen)          $152.30     $1,490   $0.30" in text
    assert "without free tier" in text
    assert "longest_run_s 29" in text


def test_text_names_the_broken_limit_with_answer_and_bound() -> None:
    text = " ".join(explain.text(decision("long batch")).split())

    assert "AWS Lambda: " in text
    assert "2,400 s" in text
    assert "900 s (lambda.duration)" in text
    assert "16,384 MiB" in text
    assert "10,240 MiB (lambda.memory)" in text


def test_text_puts_a_conflict_first_and_says_it_once() -> None:
    text = explain.text(decision("outbound without wake"))
    said = " ".join(text.split())

    assert text.split("\n\n")[1].startswith("Conflict")
    assert said.count("record a waiver with its owner and review date") == 1


def waived_decision() -> Decision:
    answers = WORKLOADS["gpu, justified"]
    justification = {key: value for key, value in answers.items() if key.startswith("justification")}
    return decide(
        workload.parse({"trigger": "connection_out", **justification}, RULES), RULES, PRICES, TEMPLATES
    )


def test_text_says_who_waived_a_conflict() -> None:
    assert "Waived: *ops*|<b> answers for it, review on 2027-05-01." in " ".join(
        explain.text(waived_decision()).split()
    )


def test_text_of_no_tier_says_what_to_do() -> None:
    text = explain.text(decision("no tier"))

    assert text.startswith("No tier fits\n\nConflict")
    assert "split the work" in text
    assert "Cost" not in text


def test_an_unknown_cost_is_said_and_not_zero() -> None:
    text = " ".join(explain.text(decision("mac")).split())

    assert "Amazon EC2: cost unknown, no price is listed for an instance with macos." in text
    assert explain.sentence(decision("mac")).endswith("nobody knows what it costs while idle.")


@pytest.mark.parametrize("width", [20, 40, 59, 60, 80, 200])
def test_text_keeps_within_the_terminal(any_decision: Decision, width: int) -> None:
    words_longer_than_the_line = [len(word) for word in explain.text(any_decision, width=width).split()]
    longest = max(width, max(words_longer_than_the_line) + 4)

    assert max(map(len, explain.text(any_decision, width=width).split("\n"))) <= longest


def test_text_has_no_trailing_blanks_and_ends_with_one_newline(any_decision: Decision) -> None:
    text = explain.text(any_decision)

    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_every_sentence_of_the_text_ends_as_one(any_decision: Decision) -> None:
    assert ".." not in explain.text(any_decision)
    assert explain.sentence(any_decision).count("\n") == 0
    assert explain.sentence(any_decision).endswith(".")


def test_markdown_escapes_what_people_wrote() -> None:
    assert r"Waived: \*ops\*\|\<b\> answers for it" in explain.markdown(waived_decision())


def test_markdown_holds_the_costs_as_a_table() -> None:
    document = explain.markdown(decision("http api"))

    assert document.startswith("# AWS Lambda: a function")
    assert (
        "| 60 million requests a month | now | ten times | idle |\n| --- | ---: | ---: | ---: |\n" in document
    )
    assert "| AWS Lambda (chosen) | $152.30 | $1,490 | $0.30 |" in document


def test_sentence_names_tier_reason_and_idle_cost() -> None:
    assert explain.sentence(decision("http api")) == (
        "Its compute tier is AWS Lambda, because something outside starts each run, so nothing has to stay "
        "up between runs, and it costs $0.30 a month while idle."
    )


def problems(value: Any, schema: dict[str, Any], place: str = "$") -> list[str]:
    """Check a value by the few words of JSON Schema that `docs/decision.schema.json` uses."""
    named = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "null": type(None),
    }
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    numbers = (int, float) if "number" in kinds else ()
    classes = (*numbers, *(named[name] for name in kinds if name != "number"))
    found = [f"{place}: {value!r} is not {kinds}"] if classes and not isinstance(value, classes) else []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is not in {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{place}: {value!r} is not {schema['const']}")
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{place}: {key} is missing" for key in schema["required"] if key not in value]
        found += [f"{place}: {key} is not described" for key in value if key not in schema["properties"]]
        for key in value.keys() & schema["properties"].keys():
            found += problems(value[key], schema["properties"][key], f"{place}.{key}")
    if isinstance(value, list):
        for place_in_list, member in enumerate(value):
            found += problems(member, schema.get("items", {}), f"{place}[{place_in_list}]")
    return found


def test_json_keeps_to_its_published_schema(any_decision: Decision) -> None:
    schema = json.loads((ROOT / "docs/decision.schema.json").read_text(encoding="utf-8"))

    assert problems(explain.as_json(any_decision), schema) == []


def test_the_schema_check_sees_what_is_wrong() -> None:
    schema = json.loads((ROOT / "docs/decision.schema.json").read_text(encoding="utf-8"))
    wrong = {**explain.as_json(decision("http api")), "tier": "mainframe", "extra": 1}
    del wrong["reasons"]

    assert len(problems(wrong, schema)) == 3


def test_json_is_the_same_each_time_and_holds_no_nan(any_decision: Decision) -> None:
    again = decide(any_decision.workload, RULES, PRICES, TEMPLATES)

    text = json.dumps(explain.as_json(any_decision), allow_nan=False)

    assert json.dumps(explain.as_json(again), allow_nan=False) == text


def test_json_parts_add_up_to_the_cost_of_their_tier() -> None:
    cost: Any = explain.as_json(decision("http api"))["cost"]

    for tier in cost["by_tier"]:
        assert sum(part["usd_per_month"] for part in tier["parts"]) == pytest.approx(
            tier["usd_per_month"], abs=1e-4
        )
        idle = sum(part["usd_per_month"] for part in tier["parts"] if part["idle"])
        assert idle == pytest.approx(tier["idle_usd_per_month"], abs=1e-4)


def test_record_holds_what_the_template_reads() -> None:
    record: Any = explain.record(decision("http api"), decided_on=date(2026, 11, 23))

    assert list(record) == [
        "sentence",
        "policy_version",
        "prices_as_of",
        "decided_on",
        "size",
        "peak_per_second",
        "peak_concurrency",
        "reasons",
        "rejected",
        "not_needed",
        "warnings",
        "assumptions",
        "reversal",
        "scale_to_zero",
        "cost",
        "crossover",
        "cost_curve",
        "cost_marks",
        "idle_allowed",
    ]
    assert record["decided_on"] == "2026-11-23"
    assert record["prices_as_of"] == PRICES.as_of.isoformat()
    assert record["idle_allowed"] == [
        {
            "type": "AWS::CloudWatch::Alarm",
            "at_most": 3,
            "usd_per_month_each": 0.1,
            "why": "CloudWatch alarms",
        }
    ]
    assert record["cost"][0] == {
        "tier": "lambda",
        "label": "AWS Lambda",
        "usd_per_month": 152.3,
        "usd_per_month_at_ten_times": 1490.3,
        "idle_usd_per_month": 0.3,
    }
    assert [curve["tier"] for curve in record["cost_curve"]] == ["lambda", "fargate-service", "ec2"]


def test_record_of_a_critical_service_names_what_bills_while_idle() -> None:
    record: Any = explain.record(decision("critical tcp"), decided_on=date(2026, 11, 23))

    allowed = {entry["type"]: entry["usd_per_month_each"] for entry in record["idle_allowed"]}
    assert allowed["AWS::ElasticLoadBalancingV2::LoadBalancer"] == 23.73
    assert allowed["AWS::ECS::Service"] > 0


def test_record_survives_the_answers_file(any_decision: Decision) -> None:
    record = explain.record(any_decision, decided_on=date(2026, 11, 23))

    assert yaml.safe_load(yaml.safe_dump(record)) == record


@given(
    st.fixed_dictionaries(
        {
            "trigger": st.sampled_from(
                ["http", "event", "schedule", "job", "connection_in", "connection_out"]
            ),
            "requests_per_month": st.integers(0, 10**12),
            "memory_mb": st.integers(128, 300_000),
            "longest_run_s": st.integers(1, 100_000),
            "avg_run_ms": st.just(1),
        }
    )
)
def test_every_decision_can_be_said_in_every_form(answers: dict[str, object]) -> None:
    taken = decide(workload.parse(answers, RULES), RULES, PRICES, TEMPLATES)

    assert explain.text(taken).strip()
    assert explain.markdown(taken).startswith("# ")
    json.dumps(explain.as_json(taken), allow_nan=False)
    json.dumps(explain.record(taken, decided_on=date(2026, 1, 1)), allow_nan=False)
