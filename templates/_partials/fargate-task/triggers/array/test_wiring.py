"""A run is an array that Batch takes, whoever starts it names it, and nothing here starts one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.cloudformation import Stack

SMALLEST_ARRAY, LARGEST_ARRAY = 2, 10_000


def test_an_array_has_the_items_of_the_record_and_no_more_than_batch_takes(
    template: Mapping[str, Any], answers: dict[str, Any]
) -> None:
    items = int(template["Outputs"]["ItemsPerRun"]["Value"])

    assert SMALLEST_ARRAY <= items <= LARGEST_ARRAY, f"Batch refuses an array of {items}"
    assert items == answers["items_per_run"]


def test_what_tells_runs_and_items_apart_is_not_the_definitions_to_say(stack: Stack) -> None:
    [job] = stack.of_type("AWS::Batch::JobDefinition")
    told = {variable["Name"] for variable in job.properties["ContainerProperties"]["Environment"]}

    assert "RUN_ID" not in told, "every run would go on from the checkpoints of the first"
    assert not [name for name in told if name.startswith("AWS_BATCH_")], "Batch sets these, and refuses them of others"


def test_nothing_here_starts_a_run(stack: Stack) -> None:
    started = stack.of_type("AWS::Scheduler::Schedule", "AWS::Pipes::Pipe", "AWS::StepFunctions::StateMachine")
    [letters] = stack.of_type("AWS::SQS::Queue")
    targets = [target["Arn"] for rule in stack.of_type("AWS::Events::Rule") for target in rule.properties["Targets"]]

    assert not started
    assert {target.logical_id for target in targets} == {letters.logical_id}
