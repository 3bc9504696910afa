"""The workflow tries again what may pass, ends what hangs, keeps what failed, and lets a step go on where it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from infra.cloudformation import Reference

if TYPE_CHECKING:
    from infra.cloudformation import Resource, Stack

INVOKE = "arn:aws:states:::lambda:invoke"
SEND = "arn:aws:states:::sqs:sendMessage"
FOURTEEN_DAYS = 1_209_600
LONGEST_STEP_SECONDS = 900
SPIKE = 10


@pytest.fixture
def machine(stack: Stack) -> Resource:
    """The state machine."""
    [machine] = stack.of_type("AWS::StepFunctions::StateMachine")
    return machine


@pytest.fixture
def function(stack: Stack) -> Resource:
    """The function that does the steps."""
    [function] = stack.of_type("AWS::Lambda::Function")
    return function


@pytest.fixture
def states(machine: Resource) -> dict[str, Any]:
    """Every state, those of a Map too."""
    found = dict(machine.properties["Definition"]["States"])
    for state in [state for state in found.values() if state["Type"] == "Map"]:
        found |= state["ItemProcessor"]["States"]
    return found


def test_every_step_is_done_by_the_function_of_this_stack(
    machine: Resource,
    states: dict[str, Any],
    function: Resource,
) -> None:
    functions = {name: state["Parameters"]["FunctionName"] for name, state in _steps(states).items()}

    assert set(functions.values()) == {"${FunctionArn}"}, f"a step calls another function: {functions}"
    assert machine.properties["DefinitionSubstitutions"]["FunctionArn"] == Reference(function.logical_id, "Arn")


def test_a_run_may_take_as_long_as_its_workload_says(machine: Resource, answers: dict[str, Any]) -> None:
    seconds = machine.properties["Definition"].get("TimeoutSeconds", math.inf)

    assert machine.properties.get("StateMachineType", "STANDARD") == "STANDARD", "an Express workflow ends in 5 minutes"
    assert seconds >= answers["longest_run_s"], f"a run is ended after {seconds} s, before its work can be done"
    assert seconds < math.inf, "a run that hangs never ends: set the definition's TimeoutSeconds"


def test_a_step_ends_by_itself_then_by_lambda_then_by_the_workflow(states: dict[str, Any], function: Resource) -> None:
    timeout = function.properties["Timeout"]
    reserve = int(function.properties["Environment"]["Variables"]["STOP_BEFORE_SECONDS"])

    endless = [name for name, state in _steps(states).items() if state.get("TimeoutSeconds", math.inf) > 2 * timeout]
    hasty = [name for name, state in _steps(states).items() if state.get("TimeoutSeconds", math.inf) <= timeout]

    assert timeout <= LONGEST_STEP_SECONDS
    assert 2 * reserve <= timeout, f"a step of {timeout} s that ends {reserve} s before hardly begins"
    assert not endless, f"{endless} may hang: set TimeoutSeconds a little above the function's {timeout} s"
    assert not hasty, f"{hasty} are given up while the function still works: set TimeoutSeconds above {timeout} s"


def test_every_task_is_tried_again_more_and_more_slowly(states: dict[str, Any]) -> None:
    impatient = [
        name
        for name, state in states.items()
        if state["Type"] == "Task" and not any(map(_is_patient, state.get("Retry", [])))
    ]

    assert not impatient, (
        f"{impatient} need a Retry of States.ALL with BackoffRate above 1, MaxDelaySeconds and JitterStrategy FULL"
    )


def test_what_can_never_succeed_is_not_tried_again(states: dict[str, Any]) -> None:
    stubborn = [
        name
        for name, state in _steps(states).items()
        if state["Retry"][0] != {"ErrorEquals": ["RejectedError"], "MaxAttempts": 0}
    ]

    assert not stubborn, f"{stubborn} try a RejectedError again: let the first retrier give it no attempts"


def test_a_run_that_fails_is_kept(machine: Resource, states: dict[str, Any], stack: Stack) -> None:
    top = machine.properties["Definition"]["States"]
    [(keeper, keeping)] = [(name, state) for name, state in states.items() if state.get("Resource") == SEND]
    [queue] = stack.of_type("AWS::SQS::Queue")

    uncaught = [
        name
        for name, state in top.items()
        if state["Type"] in {"Task", "Map"}
        and name != keeper
        and (["States.ALL"], keeper) not in [(catch["ErrorEquals"], catch["Next"]) for catch in state.get("Catch", [])]
    ]

    assert not uncaught, f"a run that fails in {uncaught} is lost: catch States.ALL and go to {keeper}"
    assert top[keeping["Next"]]["Type"] == "Fail", "a run that failed must end as failed, or no alarm sees it"
    assert machine.properties["DefinitionSubstitutions"]["DeadLettersUrl"] == Reference(queue.logical_id)
    assert queue.properties.get("MessageRetentionPeriod") == FOURTEEN_DAYS, "keep failed runs as long as SQS can"


def test_a_chunk_is_worked_on_until_it_is_done(states: dict[str, Any]) -> None:
    [choice] = [state for state in states.values() if state["Type"] == "Choice"]

    assert choice["Default"] in _steps(states), "a chunk that is not done would pass for done: go on with its step"


def test_no_bound_of_a_map_caps_a_ten_fold_spike(states: dict[str, Any], answers: dict[str, Any]) -> None:
    needed = math.ceil(SPIKE * answers["decision"]["peak_concurrency"])
    # What the function calls may take less than a spike: an answer that README names.
    enough = min(needed, answers["downstream_concurrency"] or needed)

    low = {
        name: state["MaxConcurrency"]
        for name, state in states.items()
        if state["Type"] == "Map" and 0 < state.get("MaxConcurrency", 0) < enough
    }

    assert not low, f"MaxConcurrency is too low for ten times the peak: {low}; 0 is no bound"


def test_checkpoints_outlive_their_run_and_then_go(stack: Stack, function: Resource) -> None:
    [table] = stack.of_type("AWS::DynamoDB::Table")
    variables = function.properties["Environment"]["Variables"]

    assert table.properties.get("TimeToLiveSpecification") == {"AttributeName": "expires_at", "Enabled": True}
    assert variables["CHECKPOINT_TABLE"] == Reference(table.logical_id)
    assert int(variables["CHECKPOINT_SECONDS"]) >= FOURTEEN_DAYS, "a run can be redriven for fourteen days"


def test_errors_are_logged_to_a_group_of_this_stack(machine: Resource, stack: Stack) -> None:
    groups = {Reference(group.logical_id, "Arn") for group in stack.of_type("AWS::Logs::LogGroup")}
    logging = machine.properties.get("LoggingConfiguration", {})

    places = [place["CloudWatchLogsLogGroup"]["LogGroupArn"] for place in logging.get("Destinations", [])]

    assert logging.get("Level") == "ERROR", "log errors alone: every state that is logged bills"
    assert places, "name a log group in Destinations"
    assert set(places) <= groups, "log to a group of this stack, which has an end"
    assert machine.properties.get("TracingConfiguration") == {"Enabled": True}


def test_only_failed_and_ended_runs_ring(stack: Stack) -> None:
    watched = {
        alarm.properties["MetricName"]
        for alarm in stack.of_type("AWS::CloudWatch::Alarm")
        if alarm.properties["Namespace"] == "AWS/States"
    }

    assert watched == {"ExecutionsFailed", "ExecutionsTimedOut"}, "no Catch sees a run that timed out: watch both"


def _steps(states: dict[str, Any]) -> dict[str, Any]:
    return {name: state for name, state in states.items() if state.get("Resource") == INVOKE}


def _is_patient(retrier: dict[str, Any]) -> bool:
    return (
        retrier["ErrorEquals"] == ["States.ALL"]
        and retrier.get("BackoffRate", 1) > 1
        and "MaxDelaySeconds" in retrier
        and retrier.get("JitterStrategy") == "FULL"
        and retrier.get("MaxAttempts", 3) > 0
    )
