"""What a stream is that starts a function: answers, what it bills while idle, what the documents say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from generator import answers, decision, policy, prices, project, source
from generator.errors import AnswersError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Render

STREAM = {
    "trigger": "event",
    "event_kind": "stream",
    "project_name": "parcel-notices",
    "requests_per_month": 3_000_000,
    "avg_run_ms": 80,
}
KINESIS = {**STREAM, "stream_source": "kinesis"}
HOURS_PER_MONTH = 730


def decide(**changed: object) -> decision.Decision:
    rules = policy.load()
    checked = answers.check({"owner": "@acme", **STREAM, **changed}, rules)
    return decision.decide(
        checked.workload,
        rules,
        prices.load(),
        source.templates(source.root()),
        stream_source=checked.project.stream_source,
    )


def test_a_stream_is_that_of_a_table_unless_said() -> None:
    assert project.parse({"project_name": "orders", "owner": "@acme"}).stream_source == "dynamodb"


def test_nobody_is_asked_which_unless_an_expert() -> None:
    [question] = [one for one in project.QUESTIONS if one.event_source == "stream"]

    assert (question.name, question.expert) == ("stream_source", True)


def test_a_decision_alone_refuses_a_stream_that_is_none() -> None:
    with pytest.raises(AnswersError) as caught:
        project.answered({"stream_source": "kafka", "front": None}, ("front", "stream_source"))

    [problem] = caught.value.problems
    assert str(problem).startswith("stream_source = kafka: is not one of the choices")


def test_a_kinesis_stream_bills_its_hours_while_idle_and_the_decision_says_so() -> None:
    table, kinesis = decide(), decide(stream_source="kinesis")
    hours = prices.load().usd("kinesis_on_demand.stream_hour") * HOURS_PER_MONTH

    idle = [found.cost.of("lambda").idle_usd_per_month for found in (table, kinesis)]  # type: ignore[union-attr]
    assert idle[1] - idle[0] == pytest.approx(hours)
    assert [warning.id for warning in table.warnings] == []
    [warning] = [warning for warning in kinesis.warnings if warning.id == "idle_cost"]
    assert "Kinesis stream $29.20" in warning.text


def test_the_stream_bills_whatever_works_on_it() -> None:
    """Otherwise a Fargate service would look cheaper for a stream that it would need too."""
    table, kinesis = decide(), decide(stream_source="kinesis")

    dearer = {
        row.tier: row.idle_usd_per_month - other.idle_usd_per_month
        for row, other in zip(kinesis.cost.by_tier, table.cost.by_tier, strict=True)
    }
    assert dearer == pytest.approx(dict.fromkeys(["lambda", "fargate-task", "fargate-service", "ec2"], 29.20))


def test_what_a_size_wastes_has_nothing_to_do_with_the_stream() -> None:
    answers_of_a_task = {"longest_run_s": 1_000, "peak_per_s": 1, "vcpu": 4, "memory_mb": 3_000}
    table, kinesis = (decide(**answers_of_a_task, stream_source=kind) for kind in ("dynamodb", "kinesis"))

    assert table.tier == kinesis.tier == "fargate-task"
    [said, again] = [
        warning.text
        for found in (table, kinesis)
        for warning in found.warnings
        if warning.id == "size_rounding"
    ]
    assert said == again


def test_a_record_of_kinesis_bills_once_in_and_once_out() -> None:
    few, many = (decide(stream_source="kinesis", requests_per_month=count) for count in (10**6, 10**9))

    # A billion records of a KB are a thousand GB: $0.08 each to write and $0.04 each to read.
    parts = {part.name: part.usd_per_month for part in many.cost.of("lambda").parts}  # type: ignore[union-attr]
    assert (parts["Kinesis data written"], parts["Kinesis data read"]) == pytest.approx((80, 40))
    assert "DynamoDB writes of the table" not in parts
    assert few.cost.of("lambda").idle_usd_per_month == many.cost.of("lambda").idle_usd_per_month  # type: ignore[union-attr]


def test_the_hours_of_a_stream_are_priced_the_same_in_both_tables() -> None:
    row = prices.load().idle["AWS::Kinesis::Stream"]

    hours = prices.load().usd("kinesis_on_demand.stream_hour") * HOURS_PER_MONTH
    assert f"ondemand*{hours:.2f}" in row.formula


def test_readme_record_and_allow_list_name_what_the_stream_bills(render_service: Render) -> None:
    repository = render_service(KINESIS)

    stored = yaml.safe_load(text(repository, ".copier-answers.yml"))
    [allowed] = [row for row in stored["decision"]["idle_allowed"] if row["type"] == "AWS::Kinesis::Stream"]
    assert (allowed["at_most"], allowed["usd_per_month_each"]) == (1, 29.20)
    assert "at most 1 x `AWS::Kinesis::Stream` at $29.20 a month each" in text(repository, "README.md")
    record = text(repository, "docs/adr/0001-compute-tier.md")
    assert "| `AWS::Kinesis::Stream` | 1 | $29.20 |" in record
    assert "It bills $29.20 a month while nothing happens" in record


def test_the_record_of_a_tables_stream_says_what_kinesis_would_bill(render_service: Render) -> None:
    record = text(render_service(STREAM), "docs/adr/0001-compute-tier.md")

    row = prices.load().idle["AWS::Kinesis::Stream"]
    [on_demand, shard] = re.findall(r"\$([\d.]+) a month on demand, \$([\d.]+) with one shard", record)[0]
    assert f"ondemand*{on_demand}" in row.formula
    assert f"(1-ondemand)*{shard}" in row.formula


def test_only_a_stream_keeps_the_answer(render_service: Render) -> None:
    stored = yaml.safe_load(text(render_service(), ".copier-answers.yml"))

    assert "stream_source" not in stored


def text(repository: Path, name: str) -> str:
    return (repository / name).read_text(encoding="utf-8")
