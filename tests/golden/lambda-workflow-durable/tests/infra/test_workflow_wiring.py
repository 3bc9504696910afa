"""Runs are durable, start by a version, may do what they need and no more, and what failed is kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

FOURTEEN_DAYS = 1_209_600
LONGEST_STEP_SECONDS = 900
LONGEST_RUN_SECONDS = 31_622_400
LONGEST_HISTORY_DAYS = 30
MOST_OPERATIONS = 3_000
LARGEST_CHUNK = 10_000_000_000 // 200
SPIKE = 10


@pytest.fixture
def function(stack: Stack) -> Resource:
    """The function that does runs and their chunks."""
    [function] = stack.of_type("AWS::Lambda::Function")
    return function


@pytest.fixture
def letters(stack: Stack) -> Resource:
    """Where what failed is kept."""
    [letters] = stack.of_type("AWS::SQS::Queue")
    return letters


@pytest.fixture
def alias(stack: Stack) -> Resource:
    """What starts a run."""
    [alias] = stack.of_type("AWS::Lambda::Alias")
    return alias


def test_a_run_may_take_as_long_as_its_workload_says(function: Resource, answers: dict[str, Any]) -> None:
    durable = function.properties.get("DurableConfig", {})

    assert durable, "without DurableConfig a run ends with its first invocation"
    assert durable["ExecutionTimeout"] >= answers["longest_run_s"], "a run is ended before its work can be done"
    assert durable["ExecutionTimeout"] <= LONGEST_RUN_SECONDS, "Lambda ends every run after 366 days"


def test_the_history_of_a_run_is_kept_for_a_while(function: Resource) -> None:
    days = function.properties.get("DurableConfig", {}).get("RetentionPeriodInDays", math.inf)

    assert 1 <= days <= LONGEST_HISTORY_DAYS, f"history bills by the month: {days} days are too many"


def test_an_invocation_ends_by_itself_and_then_by_lambda(function: Resource) -> None:
    timeout = function.properties["Timeout"]
    reserve = int(function.properties["Environment"]["Variables"]["STOP_BEFORE_SECONDS"])

    assert timeout <= LONGEST_STEP_SECONDS
    assert 2 * reserve <= timeout, f"an invocation of {timeout} s that ends {reserve} s before hardly begins"


def test_the_largest_chunk_has_no_more_operations_than_an_execution_may_have(function: Resource) -> None:
    pages = LARGEST_CHUNK / int(function.properties["Environment"]["Variables"]["PAGE_PARCELS"])

    # A page is one, and a new invocation after it another.
    assert 2 * pages < MOST_OPERATIONS, f"{pages:.0f} pages need over {MOST_OPERATIONS} operations: count larger ones"


def test_a_run_is_started_by_the_newest_version(alias: Resource, stack: Stack) -> None:
    [version] = stack.of_type("AWS::Lambda::Version")

    assert alias.properties["FunctionVersion"] == Reference(version.logical_id, "Version")
    assert "RoutingConfig" not in alias.properties, "a run and its chunks would begin on versions that differ"


def test_a_run_keeps_its_version_through_a_deployment(stack: Stack) -> None:
    [version] = stack.of_type("AWS::Lambda::Version")

    assert version.attributes.get("DeletionPolicy") == "Retain", "runs that are at work would lose what they run"


def test_the_role_may_save_and_start_executions_of_its_own_function_alone(function: Resource, stack: Stack) -> None:
    own = f"arn:aws:lambda:us-east-1:123456789012:function:{function.properties['FunctionName']}:*"

    allowed = _allowed(function, stack, "lambda:")

    needed = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState", "lambda:InvokeFunction"]
    assert sorted(action for action, _ in allowed) == needed, "a run needs these to go on, and no others"
    assert {resource for _, resource in allowed} == {own}, f"allow them on {own}: executions are below versions"


def test_a_run_that_fails_is_kept(function: Resource, letters: Resource, stack: Stack) -> None:
    kept = Reference(letters.logical_id, "Arn")

    assert function.properties.get("DeadLetterConfig") == {"TargetArn": kept}, "a run that fails is lost"
    assert _allowed(function, stack, "sqs:") == [("sqs:SendMessage", kept)], "Lambda keeps it with this role"
    assert letters.properties.get("MessageRetentionPeriod") == FOURTEEN_DAYS, "keep failed runs as long as SQS can"


def test_a_run_that_failed_is_not_begun_anew(alias: Resource, stack: Stack) -> None:
    attempts = [
        config.properties.get("MaximumRetryAttempts", 2)
        for config in stack.of_type("AWS::Lambda::EventInvokeConfig")
        if config.properties["Qualifier"] == alias.properties["Name"]
    ]

    assert attempts == [0], "each step was tried often enough: set EventInvokeConfig.MaximumRetryAttempts to 0"


def test_no_bound_of_a_run_caps_a_ten_fold_spike(function: Resource, answers: dict[str, Any]) -> None:
    needed = math.ceil(SPIKE * answers["decision"]["peak_concurrency"])
    # What the function calls may take less than a spike: an answer that README names.
    enough = min(needed, answers["downstream_concurrency"] or needed)

    bound = int(function.properties["Environment"]["Variables"]["CHUNKS_AT_ONCE"])

    assert bound >= enough, f"CHUNKS_AT_ONCE is {bound}, too low for ten times the peak"
    assert bound <= (answers["downstream_concurrency"] or bound), f"what a run calls does not take {bound} at once"


def test_somebody_is_told_of_runs_that_failed(stack: Stack) -> None:
    watched = {
        (alarm.properties["Namespace"], alarm.properties["MetricName"])
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
    }

    needed = {("AWS/SQS", "ApproximateNumberOfMessagesVisible"), ("AWS/Lambda", "DurableExecutionFailed")}
    assert needed <= watched, "watch the dead-letter queue, and the runs that their callers wait for"


def _allowed(function: Resource, stack: Stack, service: str) -> list[tuple[str, Any]]:
    """Return what the function's role may do with a service, and with what."""
    role = stack.resources[function.properties["Role"].logical_id]
    statements = [one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    return [
        (action, statement["Resource"])
        for statement in statements
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        if action.startswith(service)
    ]
